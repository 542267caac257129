"""Saving what somebody says about one statement: the one thing that a whole room does in the same minutes.

So it is one message to the database, however many questions are answered: a function there holds whoever answers, looks
whether another device has written since, and writes what has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from django.db import connection
from django.http import HttpRequest

from recommendations.consultations.answers import LONGEST_WORDS, Answerer, Submitted
from recommendations.consultations.models import Question, Statement
from recommendations.consultations.services import CannotMoveRound, tells_broken_rules
from recommendations.consultations.statistics import SCALE

CANNOT_JUDGE = "cannot-judge"
MOST_WORDS_OF_ONE = 200  # comments of one person in a round
TOO_MANY_WORDS = f"You have sent {MOST_WORDS_OF_ONE} texts, and that is as many as we can answer."
HAS_WITHDRAWN = "You have withdrawn, and what you had answered was deleted."
NOT_AGREED = "Agree to the notice and give a view of your own first."
RATINGS = set(map(str, SCALE))
LONGEST_CHANGE_REASON = 500
READ = "select consultations_read_answers(%(who)s, %(about)s), consultations_digest_answers(%(who)s, %(about)s)"
HOLD = "select from consultations_answerer where round_id = %s and pseudonym = %s for no key update"
SAVE = """
    select consultations_save_answers(%s, %s, %s, %s, %s::bigint[], %s::smallint[], %s::text[], %s::text[], %s, %s, %s)
"""


@dataclass
class AnswerSheet:
    """What a person sends about one statement: by code of the question, what was chosen; and their words."""

    chosen: Mapping[str, Sequence[str]]
    reasons: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    permission: str = Submitted.Permission.PARAPHRASE
    seen: str = ""


def read_sheet(request: HttpRequest) -> AnswerSheet:
    """What a form says about one statement."""
    start, why = "question-", "reason-"
    return AnswerSheet(
        chosen={
            name[len(start) :]: [str(each) for each in values]
            for name, values in request.POST.lists()
            if name.startswith(start)
        },
        reasons={name[len(why) :]: str(value) for name, value in request.POST.items() if name.startswith(why)},
        comment=request.POST.get("comment", ""),
        permission=request.POST.get("permission", Submitted.Permission.PARAPHRASE),
        seen=request.POST.get("seen", ""),
    )


@dataclass
class Saved:
    """How saving went: faults by code of the question, and what a newer answer of another device says."""

    faults: dict[str, str] = field(default_factory=dict)
    newer: dict[str, str] = field(default_factory=dict)

    @property
    def comment_fault(self) -> str:
        return self.faults.get("comment", "")

    @property
    def newer_comment(self) -> str:
        return self.newer.get("comment", "")

    @property
    def is_good(self) -> bool:
        return not (self.faults or self.newer)


@dataclass(frozen=True)
class SheetPlace:
    """Where a sheet belongs: the round, the pseudonym under which somebody answers there, and the statement."""

    consultation: int
    pseudonym: str
    statement: int
    questions: Sequence[Question]


@dataclass(frozen=True)
class StoredAnswers:
    """What is stored of one statement: by code of the question, and the comment; and a digest, which forms remember."""

    values: dict[str, str]
    digest: str


def read_answers(who: Answerer, statement: Statement) -> StoredAnswers:
    """What somebody has said of a statement so far, as a form says it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(READ, {"who": who.pk, "about": statement.pk})
        values, digest = cursor.fetchone()
    return StoredAnswers(orjson.loads(values), digest)


def questions_about(statement: Statement) -> list[Question]:
    """The questions that are asked about a statement, in their order."""
    return [each for each in statement.round.questions.all() if each.is_about(statement)]


@tells_broken_rules
def save_sheet(*, who: Answerer, statement: Statement, sheet: AnswerSheet) -> Saved:
    """Save what can be saved; each fault stays at its field, and a newer answer is never overwritten unseen."""
    place = SheetPlace(who.round_id, who.pseudonym, statement.pk, questions_about(statement))
    saved, told = try_saving(place, sheet)
    if told == "newer":
        with connection.cursor() as cursor:  # nobody writes between what is read here and what is written
            cursor.execute(HOLD, [place.consultation, place.pseudonym])
        find_newer(read_answers(who, statement).values, sheet, saved)
        told = write_sheet(place, sheet, saved, seen="")
    if told in ("nobody", "not-agreed"):
        raise CannotMoveRound([HAS_WITHDRAWN if told == "nobody" else NOT_AGREED])
    return saved


def try_saving(place: SheetPlace, sheet: AnswerSheet) -> tuple[Saved, str]:
    """Save a sheet unless another device has written since: with its faults, and what the database says. One query."""
    saved = Saved()
    asked = {each.code: each for each in place.questions}
    for code, values in sheet.chosen.items():
        if code not in asked:
            saved.faults[code] = "This is not asked here."
        elif any(values) and (fault := find_answer_fault(asked[code], [each for each in values if each])):
            saved.faults[code] = fault
    if (text := clean_words(sheet.comment)) and (fault := find_words_fault(text, sheet.permission)):
        saved.faults["comment"] = fault
    return saved, write_sheet(place, sheet, saved, seen=sheet.seen)


def find_newer(stored: Mapping[str, str], sheet: AnswerSheet, saved: Saved) -> None:
    """Note what another device has stored otherwise since this form was made."""
    given = {code: next(filter(None, values), "") for code, values in sheet.chosen.items()}
    for code, value in (given | {"comment": clean_words(sheet.comment)}).items():
        before = stored.get(code, "")
        if before and before != value and (value or code == "comment") and code not in saved.faults:
            saved.newer[code] = before


def write_sheet(place: SheetPlace, sheet: AnswerSheet, saved: Saved, *, seen: str) -> str:
    """Write what has neither a fault nor a newer answer; what the database says of it. One query."""
    left_out = saved.faults | saved.newer
    rows = [
        (each, value, sheet.reasons.get(each.code, ""))
        for each in place.questions
        if (value := next(filter(None, sheet.chosen.get(each.code, ())), "")) and each.code not in left_out
    ]
    given = [
        *(place.consultation, place.pseudonym, place.statement, seen),
        [question.pk for question, *_ in rows],
        [int(value) if question.form == "scale" and value != CANNOT_JUDGE else None for question, value, _ in rows],
        [value if question.form == "choice" and value != CANNOT_JUDGE else "" for question, value, _ in rows],
        [clean_words(reason)[:LONGEST_CHANGE_REASON] for *_, reason in rows],
        None if "comment" in left_out else clean_words(sheet.comment),
        *(sheet.permission, MOST_WORDS_OF_ONE),
    ]
    with connection.cursor() as cursor:
        cursor.execute(SAVE, given)
        told = str(cursor.fetchone()[0])
    if told == "too-many-words":
        saved.faults["comment"] = TOO_MANY_WORDS
    return told


def clean_words(text: str) -> str:
    """What somebody typed, as it is kept."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()


def find_answer_fault(question: Question, values: Sequence[str]) -> str:
    """Why this is no answer to the question; empty where it is."""
    if len(values) > 1:
        return "Choose one answer."
    [value] = values
    if value == CANNOT_JUDGE:
        return ""
    if question.form == Question.Form.CHOICE:
        return "" if value in question.options else "Choose one of the answers that are offered."
    return "" if value in RATINGS else "Choose a number from 1 to 9, or that you cannot judge."


def find_words_fault(text: str, permission: str) -> str:
    """Why these words cannot be taken; empty where they can."""
    if len(text) > LONGEST_WORDS:
        return f"This has {len(text):,} characters; at most {LONGEST_WORDS:,} fit. Your text is kept here: shorten it."
    return "" if permission in Submitted.Permission.values else "Say what we may do with your words."
