"""What the database keeps of vocabularies: codes exist, a used term stays, a code never changes.

As with the history, triggers are put on the tables after each migration: whichever model has a `TermField` is covered.
"""

from __future__ import annotations

from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from failure_lessons.vocabularies.term_fields import TermField, find_term_fields

TERMS_TABLE = "vocabularies_vocabularyterm"
STAYS, KEEPS = "a_term_that_is_used_stays", "a_term_keeps_its_vocabulary_and_its_code"

# arguments of the trigger: for each field the name of its rule, its column, its vocabulary
KNOWN = """
create or replace function vocabulary_terms_known() returns trigger language plpgsql as $$
declare
    whole jsonb := to_jsonb(new);
    held jsonb;
    wanted text;
begin
    for i in 0 .. tg_nargs / 3 - 1 loop
        held := whole -> tg_argv[3 * i + 1];
        if tg_op = 'UPDATE' then
            continue when held = to_jsonb(old) -> tg_argv[3 * i + 1];
        end if;
        if jsonb_typeof(held) <> 'array' then
            held := jsonb_build_array(held);
        end if;
        for wanted in select jsonb_array_elements_text(held) loop
            continue when coalesce(wanted, '') = '';
            -- locked, so that somebody who deletes the term meanwhile waits, and then finds the row that uses it
            perform 1 from vocabularies_vocabularyterm t
            where t.vocabulary = tg_argv[3 * i + 2] and t.code = wanted for key share;
            if not found then
                raise exception 'there is no term % in the vocabulary %', wanted, tg_argv[3 * i + 2]
                    using errcode = 'check_violation', constraint = tg_argv[3 * i];
            end if;
        end loop;
    end loop;
    return new;
end $$;
"""

KEPT_WHILE_USED = """
create or replace function vocabulary_term_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if (new.vocabulary, new.code) is distinct from (old.vocabulary, old.code) then
            raise exception 'a term keeps its code' using errcode = 'restrict_violation', constraint = '{keeps}';
        end if;
        return new;
    end if;
    if {used} then
        raise exception 'the term % is used', old.code using errcode = 'restrict_violation', constraint = '{stays}';
    end if;
    return old;
end $$;
create or replace trigger vocabulary_term_kept before update or delete on vocabularies_vocabularyterm
for each row execute function vocabulary_term_kept();
"""


def rule_name(field: models.Field[object, object]) -> str:
    """The name of the rule that the codes in a field exist, as the sentence a person is shown."""
    noun = str(field.model._meta.verbose_name).lower().replace(" ", "_")
    return f"the_{field.name}_of_a_{noun}_must_be_in_the_vocabulary"


def uses_of(field: models.Field[object, object], term: TermField) -> str:
    """The SQL condition that some row uses the old term in this field."""
    table = field.model._meta.db_table
    holds = f'old.code = any(u."{field.column}")' if isinstance(field, ArrayField) else f'u."{field.column}" = old.code'
    return f"""(old.vocabulary = '{term.vocabulary}' and exists (select 1 from "{table}" u where {holds}))"""


def keep_rules(apps: Apps, connection: BaseDatabaseWrapper) -> None:
    """Let the database keep the rules for every table with codes of terms that exists."""
    existing = set(connection.introspection.table_names())
    if TERMS_TABLE not in existing:
        return
    fields = [each for each in find_term_fields(apps.get_models()) if each[0].model._meta.db_table in existing]
    used = " or ".join(uses_of(*each) for each in fields) or "false"
    arguments: dict[str, list[str]] = {}
    for field, term in fields:
        arguments.setdefault(field.model._meta.db_table, []).extend(
            [rule_name(field), str(field.column), term.vocabulary]
        )
    with connection.cursor() as cursor:
        cursor.execute(KNOWN)
        cursor.execute(KEPT_WHILE_USED.format(keeps=KEEPS, stays=STAYS, used=used))
        for table, told in arguments.items():
            quoted = ", ".join(f"'{each}'" for each in told)
            cursor.execute(
                f'create or replace trigger vocabulary_terms_known before insert or update on "{table}" '
                f"for each row execute function vocabulary_terms_known({quoted})"
            )
