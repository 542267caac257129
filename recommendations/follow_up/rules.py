"""Rules over rows of several tables that the database keeps, as triggers whose names are sentences."""

from __future__ import annotations

import pgtrigger

LONGEST_NAME = 47  # of a trigger; the rule it refuses by has its whole name


def refuse(rule: str, words: str, where: str) -> str:
    """The body of a trigger that refuses a row by the name of its rule where a condition holds."""
    return f"""
        if {where} then
            raise exception '{words}' using errcode = 'check_violation', constraint = '{rule}';
        end if;
        return new;
    """


def rule_on_writing(name: str, words: str, where: str) -> pgtrigger.Trigger:
    """A rule that is asked before a row is written."""
    return pgtrigger.Trigger(
        name=name[:LONGEST_NAME],
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.Before,
        func=refuse(name, words, where),
    )


def rule_at_the_end(name: str, words: str, where: str) -> pgtrigger.Trigger:
    """A rule that is asked at the end of the transaction, when the rows beside this one are there."""
    return pgtrigger.Trigger(
        name=name[:LONGEST_NAME],
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        func=refuse(name, words, where),
    )


def has_a_source(name: str, noun: str, table: str, column: str) -> pgtrigger.Trigger:
    """Whoever writes a row says where it was read."""
    return rule_at_the_end(
        name,
        f"{noun} needs a source",
        f"""exists (select from {table} where id = new.id)
            and not exists (select from follow_up_followupcitation where {column} = new.id)""",
    )


# The bodies that may answer for a dossier: whoever was asked, the members of classes that were, and their successors.
MAY_ANSWER = """
    with recursive may(body) as (
        select body_id from follow_up_addressee where dossier_id = new.dossier_id
        union
        select passed.body from may join (
            select organisation_id as before, successor_id as body from casestudies_succession
            union all
            select body_class_id, member_id from casestudies_membership
        ) passed on passed.before = may.body
    )
    select body from may
"""
RESPONSE_RULES = [
    rule_on_writing(
        "a_response_comes_from_an_addressee_or_its_successor",
        "nobody who was asked answers in this response",
        f"new.body_id not in ({MAY_ANSWER})",
    ),
    rule_on_writing(
        "a_response_is_not_older_than_what_it_answers",
        "a response would be older than what it answers",
        """exists (
            select from follow_up_followup d join follow_up_sourcerecommendation s on s.id = d.source_recommendation_id
            where d.id = new.dossier_id and new.latest < s.earliest
        ) or new.latest < (
            select min(asked_day) from follow_up_addressee where dossier_id = new.dossier_id and body_id = new.body_id
        )""",
    ),
    has_a_source("a_response_has_a_source", "a response", "follow_up_response", "response_id"),
]
ACTION_RULES = [has_a_source("an_action_has_a_source", "an action", "follow_up_action", "action_id")]
DUE_DATE_RULES = [
    pgtrigger.Trigger(
        name="due_dates_are_only_added",
        operation=pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        func="""
            raise exception 'a due date stays as it was said: add the new one'
                using errcode = 'restrict_violation', constraint = 'due_dates_are_only_added';
        """,
    ),
    rule_on_writing(
        "a_moved_date_says_why",
        "a due date that is moved says why",
        "new.reason = '' and exists (select from follow_up_duedate where action_id = new.action_id)",
    ),
]
ASSESSMENT_RULES = [
    pgtrigger.Trigger(
        name="assessments_move_as_allowed",
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.Before,
        declare=[("prior", "text")],
        func="""
            if new.status = 'provisional'
               or (tg_op = 'UPDATE' and old.status <> 'provisional' and old.implementation = new.implementation)
            then
                return new;
            end if;
            select implementation into prior from follow_up_assessment
            where dossier_id = new.dossier_id and status <> 'provisional' and id is distinct from new.id
                  and position < new.position
            order by position desc limit 1;
            if not exists (
                select from follow_up_allowedmove m
                where m.before = coalesce(prior, '') and m.after = new.implementation
            ) then
                raise exception 'an assessment cannot move from “%” to “%”', coalesce(prior, 'none'),
                    new.implementation
                    using errcode = 'check_violation', constraint = 'assessments_move_as_allowed';
            end if;
            return new;
        """,
    ),
    has_a_source("an_assessment_has_a_reason_and_a_source", "an assessment", "follow_up_assessment", "assessment_id"),
]
CITATION_RULES = [
    pgtrigger.Trigger(
        name="an_assessment_is_not_older_than_its_sources",
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.Q(new__assessment__isnull=False),
        declare=[("parts", "jsonb")],
        func="""
            select r.issued -> 'date-parts' -> 0 into parts from literature_reference r where r.id = new.reference_id;
            if parts is not null and jsonb_array_length(parts) > 0 and make_date(
                (parts ->> 0)::int, coalesce((parts ->> 1)::int, 1), coalesce((parts ->> 2)::int, 1)
            ) > (select day from follow_up_assessment where id = new.assessment_id) then
                raise exception 'a source is dated after the assessment that rests on it'
                    using errcode = 'check_violation', constraint = 'an_assessment_is_not_older_than_its_evidence';
            end if;
            return new;
        """,
    ),
]
