"""How the database is told to record: one function, and a trigger on each table of evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

EVIDENCE_APPS = ("literature", "casestudies", "recommendations", "follow_up")
MORE = (
    "vocabularies.theme",
    "vocabularies.vocabularyterm",
    "coding.sourcedocument",
    "coding.quotation",
    "coding.code",
    "coding.coding",
    "coding.use",
)
NOT_EVIDENCE = {  # working papers, which say who and when themselves
    "literature.referenceimport",
    "literature.notduplicate",
    "literature.candidate",
    "literature.screeningvote",
    "literature.screeningresolution",
    "literature.screeningplan",
    "literature.screeningnote",
    "literature.studypaper",
    "literature.paperagreement",
    "casestudies.organisationsapart",
    "follow_up.allowedmove",  # a rule, not evidence
}
TRIGGER = "history_records"

FUNCTION = """
create or replace function history_record() returns trigger language plpgsql as $$
declare
    before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    whole jsonb := coalesce(after, before);
    owners text[] := '{}';
begin
    if tg_op = 'UPDATE' then
        select coalesce(jsonb_object_agg(b.key, b.value), '{}'), coalesce(jsonb_object_agg(b.key, a.value), '{}')
        into before, after
        from jsonb_each(before) b join jsonb_each(after) a using (key)
        where b.value is distinct from a.value and b.key <> 'edited_at';
        if before = '{}'::jsonb then
            return null;
        end if;
    end if;
    for i in 0 .. tg_nargs / 2 - 1 loop
        if whole ->> tg_argv[2 * i] is not null then
            owners := owners || (tg_argv[2 * i + 1] || ':' || (whole ->> tg_argv[2 * i]));
        end if;
    end loop;
    insert into history_change (key, owners, operation, before, after, at, by_id, reason, transaction)
    values (
        tg_table_name || ':' || (whole ->> 'id'), owners, lower(tg_op), before, after, clock_timestamp(),
        nullif(current_setting('failure_lessons.by', true), '')::bigint,
        coalesce(current_setting('failure_lessons.reason', true), ''), txid_current()
    );
    return null;
end $$;
"""


def recorded_models(apps: Apps) -> Iterator[type[models.Model]]:
    """Every model whose rows are evidence, the hidden tables of many-to-many fields included."""
    for model in apps.get_models(include_auto_created=True):
        name = model._meta.label_lower
        if (model._meta.app_label in EVIDENCE_APPS or name in MORE) and name not in NOT_EVIDENCE:
            yield model


def owner_columns(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """The columns that say what a row is part of, each with the table it points into."""
    source: object = model._meta.auto_created  # the model whose many-to-many field it is the table of, or False
    for field in model._meta.concrete_fields:
        if not isinstance(field, models.ForeignKey) or field.remote_field.on_delete is not models.CASCADE:
            continue
        label = getattr(source, "_meta", field.related_model._meta).label
        if field.column and field.related_model._meta.label == label:
            yield field.column, field.related_model._meta.db_table


@cache
def parts_by_table() -> dict[str, set[str]]:
    """The tables of evidence whose rows are parts of rows of another, by that other."""
    found: dict[str, set[str]] = {}
    for model in recorded_models(installed_apps):
        for _, owner in owner_columns(model):
            found.setdefault(owner, set()).add(model._meta.db_table)
    return found


def parts_with_parts(tables: Iterable[str]) -> list[str]:
    """Of the parts of rows of these tables, the tables of those that have parts themselves."""
    parts = parts_by_table()
    return sorted({part for table in tables for part in parts.get(table, ()) if part in parts})


def trigger_sql(model: type[models.Model]) -> str:
    """The statement that makes a table record its changes."""
    arguments = ", ".join(f"'{part}'" for pair in owner_columns(model) for part in pair)
    table = model._meta.db_table
    return (
        f'create or replace trigger {TRIGGER} after insert or update or delete on "{table}" '
        f"for each row execute function history_record({arguments})"
    )


def record_all(apps: Apps, connection: BaseDatabaseWrapper) -> None:
    """Let every table of evidence that exists record its changes from now on."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(FUNCTION)
        for model in recorded_models(apps):
            if model._meta.db_table in existing:
                cursor.execute(trigger_sql(model))
