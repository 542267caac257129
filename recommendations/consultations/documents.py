"""How a round becomes a document: the protocol before it opens, with the report once there is one.

It rests on nothing: what it is about is named and never pinned, because a changed recommendation does not change what
people said of the earlier words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from django.db import connection
from django.db.models import QuerySet

from failure_lessons.publishing.fields import entry_of, terms_of
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS, register_source
from failure_lessons.publishing.renditions import MissingItem, Rendition
from failure_lessons.types import JSONObject
from recommendations.consultations.agreement import find_rule_faults, read_rule
from recommendations.consultations.fields import ROUND_DERIVED, ROUND_FIELDS
from recommendations.consultations.models import ConsultationRound, Question, Statement, Submitted
from recommendations.consultations.reporting import answer_checklist
from recommendations.consultations.results import list_comments
from recommendations.consultations.workshops import describe_session


def hash_protocol(round_id: int) -> str:
    """The hash of everything that is fixed beforehand, as the database works it out when a round is to open."""
    with connection.cursor() as cursor:
        cursor.execute("select consultations_protocol_sha256(%s)", [round_id])
        return str(cursor.fetchone()[0])


def address_edition(edition: Edition) -> str:
    """The path of the very edition."""
    return f"/{KINDS[edition.kind].address}/{edition.slug}/v{edition.number}/"


def find_withdrawn_changes(edition: Edition, moment: dt.datetime | None) -> Mapping[str, object]:
    """The paths of those editions in which comments led to a change and which were withdrawn since: one query.

    The report says so whatever moment it is read as of, as it stays what it was while the change went.
    """
    comments = (edition.content.get("report") or {}).get("comments", [])
    named = {each["edition"] for each in comments if each.get("edition")}
    rows = Edition.objects.filter(slug__in={path.split("/")[2] for path in named}, withdrawn_at__isnull=False)
    return {"withdrawn": named & {address_edition(row) for row in rows.without_text()} if named else set()}


@register_source(ConsultationRound, "consultation-round")
def render_rounds(rows: QuerySet[ConsultationRound]) -> Iterator[Rendition]:
    """Rounds with groups, statements, questions and rules; with their results once they are closed."""
    for each in rows.select_related("follows").prefetch_related(
        "groups", "statements__edition", "questions", "closing_moves", "sessions__agenda"
    ):
        entry = entry_of(ROUND_FIELDS, each, describe_round(each))
        derived = {
            "stage": "reported" if each.results else "announced",
            "sectors": sorted({group.sector for group in each.groups.all()}),
            "protocol_sha256": hash_protocol(each.pk),
        }
        yield Rendition(
            record=each,
            kind="consultation-round",
            slug=each.slug,
            title=each.title,
            summary=each.purpose,
            body=" ".join(statement["wording"] for statement in entry["statements"] if "wording" in statement),
            entry=entry,
            derived=derived,
            sort_key=each.title.casefold(),
            terms=frozenset(terms_of((*ROUND_FIELDS, *ROUND_DERIVED), {**entry, **derived})),
            missing=tuple(MissingItem(words) for words in list_missing(each)),
        )


def describe_round(each: ConsultationRound) -> JSONObject:
    """What plain fields of a round do not say."""
    return {
        "follows": each.follows.slug if each.follows else None,
        "opens_at": f"{each.opens_at:%Y-%m-%d}",
        "closes_at": f"{each.closes_at:%Y-%m-%d}",
        "rules": [{"question": rule.get("question", ""), "words": tell_rule(rule)} for rule in each.rules],
        "groups": [
            {name: getattr(group, name) for name in ("code", "name", "sector", "expected", "roles")}
            for group in each.groups.all()
        ],
        "statements": [describe_statement(row, bool(each.results)) for row in each.statements.all()],
        "questions": [
            {
                name: getattr(row, name)
                for name in ("code", "wording", "form", "options", "low_words", "high_words", "statement_codes")
            }
            for row in each.questions.all()
        ],
        "closing_moves": [
            f"From {m.before:%Y-%m-%d} to {m.after:%Y-%m-%d}: {m.reason}" for m in each.closing_moves.all()
        ],
        "sessions": [
            describe_session(session, least=each.least_shown, is_reported=bool(each.results))
            for session in each.sessions.all()
            if session.is_announced
        ],
        "report": describe_report(each) if each.results else None,
    }


def describe_report(each: ConsultationRound) -> JSONObject:
    """The figures as they were computed at closing, with what people wrote since."""
    return {
        **(each.results or {}),
        "comments": [describe_comment(row) for row in list_comments(each)],
        "departures": [f"The closing day moved: {move}. {move.reason}" for move in each.closing_moves.all()],
        "checklist": list(answer_checklist(each)),
        "interpretation": each.interpretation,
        "limits": each.limits,
    }


def describe_comment(row: Submitted) -> JSONObject:
    """A comment as readers get it: its words only where the participant and two readers allow it."""
    became = getattr(row, "disposition", None)
    return {
        "number": f"C{row.number}",
        "form": row.form,
        "statement": row.statement.code if row.statement else None,
        "text": row.public_text if row.may_be_shown else None,
        "outcome": became.outcome if became else "",
        "reason": became.reason if became else "",
        "change": became.change if became else "",
        "edition": address_edition(became.edition) if became and became.edition else None,
        "repeats": f"C{became.repeats.number}" if became and became.repeats else None,
    }


def list_unanswered(each: ConsultationRound) -> Iterator[str]:
    """Why a report cannot be published yet: every comment has a disposition on which two people agree."""
    rows = list(list_comments(each))
    without = [f"C{row.number}" for row in rows if not hasattr(row, "disposition")]
    alone = [f"C{row.number}" for row in rows if hasattr(row, "disposition") and not row.disposition.agreed_by_id]
    if without:
        yield f"{len(without)} comments have no disposition: {', '.join(without[:20])}."
    if alone:
        yield f"A second person has not agreed on what became of {', '.join(alone[:20])}."


def tell_rule(rule: dict[str, object]) -> str:
    """A rule in words; one that is wrong says so, and stops the round from being published."""
    try:
        return read_rule(rule).tell_words()
    except (ValueError, TypeError) as error:
        return str(error)


def describe_statement(row: Statement, is_reported: bool) -> JSONObject:
    """A statement; the words of a draft stay in the workbench until the report."""
    words = {"wording": row.wording, "reason": row.reason, "against": row.against}
    return {
        "code": row.code,
        **(words if row.edition or is_reported else {}),
        "about": address_edition(row.edition) if row.edition else None,
        "proof_sha256": row.proof_sha256,
        "is_from_participant": row.is_from_participant or None,
    }


def list_missing(each: ConsultationRound) -> Iterator[str]:
    """What a round lacks, in words for whoever sets it up."""
    groups, questions = list(each.groups.all()), list(each.questions.all())
    if each.results:
        yield from list_unanswered(each)
    if not each.statements.all():
        yield "It asks about nothing."
    rated = [question.code for question in questions if question.form == Question.Form.SCALE]
    if not rated:
        yield "It has no question that is rated."
    if not groups:
        yield "It has no reporting group."
    yield from (
        f"The group “{group.name}” expects {group.expected} people, fewer than the {each.least_shown} who can be shown."
        for group in groups
        if group.expected < each.least_shown
    )
    yield from find_rule_faults(each.rules, rated, len(groups))
    codes = {row.code for row in each.statements.all()}
    yield from (
        f"The question “{question.code}” is about “{code}”, which is not asked about."
        for question in questions
        for code in question.statement_codes
        if code not in codes
    )
