"""What was published stays: the database keeps its row, its code and its place, whichever door asks.

A part, such as a finding of a case, may leave its record, and only with it: in the record's own form or package. It is
then withdrawn when the record is next published (`plan.find_former_parts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from failure_lessons.publishing.models import Edition, Publishable, Record
from failure_lessons.publishing.registry import SOURCES

TRIGGER = "published_rows_stay"
LEAVING = "failure_lessons.parts_may_leave"
STAYS = "What was published is not deleted: withdraw it, with a reason. A part is taken out in the form of its record."

FUNCTION = f"""
create or replace function publishing_keep_row() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if not (tg_argv[0] = 'part' and coalesce(current_setting('{LEAVING}', true), '') = 'yes')
           and exists (select from publishing_edition where record_id = old.record_id)
        then
            raise exception 'what was published is withdrawn and not deleted'
                using errcode = 'restrict_violation', constraint = 'what_was_published_is_withdrawn_and_not_deleted';
        end if;
        return old;
    end if;
    for i in 1 .. tg_nargs - 1 loop
        if to_jsonb(old) -> tg_argv[i] is distinct from to_jsonb(new) -> tg_argv[i]
           and exists (select from publishing_edition where record_id = old.record_id)
        then
            raise exception 'what was published keeps its code and its place'
                using errcode = 'restrict_violation', constraint = 'what_was_published_keeps_its_code_and_its_place';
        end if;
    end loop;
    return new;
end $$;
"""


def trigger_sql(model: type[Record]) -> str:
    """The statement that lets the database keep published rows of a model."""
    columns = [str(field.column) for field in model.list_fixed_fields()]
    sort = "record" if issubclass(model, Publishable) else "part"
    arguments = ", ".join(f"'{each}'" for each in (sort, *columns))
    return (
        f"create or replace trigger {TRIGGER} before delete or update of {', '.join(columns)} "
        f'on "{model._meta.db_table}" for each row execute function publishing_keep_row({arguments})'
    )


def guard_all(connection: BaseDatabaseWrapper) -> None:
    """Let the database keep what was published of every registered model whose table exists."""
    existing = set(connection.introspection.table_names())
    if Edition._meta.db_table not in existing:
        return
    with connection.cursor() as cursor:
        cursor.execute(FUNCTION)
        for model in SOURCES:
            if model._meta.db_table in existing:
                cursor.execute(trigger_sql(model))


@contextmanager
def parts_may_leave() -> Iterator[None]:
    """Within, parts may be taken out of the records they belong to; needs a transaction."""
    set_leaving("yes")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            set_leaving("")


def set_leaving(value: str) -> None:
    """Said for this transaction alone."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, true)", [LEAVING, value])
