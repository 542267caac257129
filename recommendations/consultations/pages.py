"""What the pages of taking part show: positions, answers given, and in a later round what others said before."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from recommendations.consultations.answers import Answerer, Submitted
from recommendations.consultations.documents import address_edition
from recommendations.consultations.models import ConsultationRound, Question, Statement
from recommendations.consultations.saving import (
    CANNOT_JUDGE,
    AnswerSheet,
    Saved,
    questions_about,
    read_answers,
)
from recommendations.consultations.statistics import SCALE
from recommendations.consultations.taking_part import Seat, read_earlier


@dataclass(frozen=True)
class Option:
    """One answer that is offered."""

    value: str
    label: str
    is_chosen: bool
    meaning: str = ""


@dataclass(frozen=True)
class AskedQuestion:
    """One question on a page: what is offered, what was chosen, what is wrong, and what came before."""

    question: Question
    options: tuple[Option, ...]
    fault: str = ""
    newer: str = ""
    earlier: int | None = None
    groups: tuple[dict[str, object], ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Word:
    """Some words of a statement: kept, inserted or deleted since the round before."""

    text: str
    mark: str = ""


def list_codes_of(consultation: ConsultationRound) -> list[str]:
    """The codes of all statements, in their order."""
    return list(consultation.statements.values_list("code", flat=True))


def first_code(consultation: ConsultationRound) -> str:
    return list_codes_of(consultation)[0]


def code_after(consultation: ConsultationRound, code: str) -> str:
    """The code of the next statement; empty after the last."""
    codes = list_codes_of(consultation)
    return codes[codes.index(code) + 1] if codes.index(code) + 1 < len(codes) else ""


def describe_overview(seat: Seat, who: Answerer) -> dict[str, object]:
    """Every statement with whether each of its questions is answered. Six queries."""
    answered: dict[int, int] = {}
    for statement in who.ratings.values_list("statement_id", flat=True):
        answered[statement] = answered.get(statement, 0) + 1
    conflicted = set(who.conflicts.values_list("statement_id", flat=True))
    questions = [each for each in seat.round.questions.all() if each.form != Question.Form.FREE]
    rows = [
        {
            "statement": each,
            "answered": answered.get(each.pk, 0),
            "asked": sum(question.is_about(each) for question in questions),
            "is_conflicted": each.pk in conflicted,
        }
        for each in seat.round.statements.all()
    ]
    return {
        "round": seat.round,
        "who": who,
        "rows": rows,
        "has_workshops": seat.round.sessions.exists(),
        "left": sum(row["answered"] < row["asked"] for row in rows),  # type: ignore[operator]  # both are numbers
    }


def describe_statement_page(
    who: Answerer, statement: Statement, sheet: AnswerSheet | None = None, saved: Saved | None = None
) -> dict[str, object]:
    """The page of one statement, as it is stored or as it was just sent."""
    found = read_answers(who, statement)
    stored = found.values
    chosen = {**stored, **({code: values[0] for code, values in sheet.chosen.items() if values} if sheet else {})}
    saved = saved or Saved()
    codes = list_codes_of(who.round)
    earlier = read_earlier(who, statement)
    shown = find_shown(who.round, statement)
    questions = [each for each in questions_about(statement) if each.form != Question.Form.FREE]
    known = {"comment", *(each.code for each in questions)}
    return {
        "round": who.round,
        "statement": statement,
        "about": address_edition(statement.edition) if statement.edition else "",
        "wording": compare_wording(statement),
        "place": codes.index(statement.code) + 1,
        "places": len(codes),
        "before": codes[codes.index(statement.code) - 1] if codes.index(statement.code) else "",
        "questions": [
            AskedQuestion(
                question=each,
                options=offer_options(each, chosen.get(each.code, "")),
                fault=saved.faults.get(each.code, ""),
                newer=saved.newer.get(each.code, ""),
                earlier=earlier.get(each.code),
                groups=shown.get(each.code, ()),
            )
            for each in questions
        ],
        "is_conflicted": who.conflicts.filter(statement=statement).exists(),
        "saved": saved,
        "other_faults": [words for code, words in saved.faults.items() if code not in known],
        "text": sheet.comment if sheet else stored["comment"],
        "permission": (sheet.permission if sheet else stored["permission"]) or Submitted.Permission.PARAPHRASE,
        "permissions": Submitted.Permission.choices,
        "seen": found.digest,
        "said": list_said(statement),
        "is_anonymous": not who.round.is_joinable,
    }


def offer_options(question: Question, chosen: str) -> tuple[Option, ...]:
    """What can be answered; nothing is chosen until somebody chooses it."""
    values = list(map(str, SCALE)) if question.form == Question.Form.SCALE else question.options
    meanings = {"1": question.low_words, "9": question.high_words} if question.form == Question.Form.SCALE else {}
    offered = [Option(each, each, each == chosen, meanings.get(each, "")) for each in values]
    return (*offered, Option(CANNOT_JUDGE, "I cannot judge this", chosen == CANNOT_JUDGE))


def find_shown(consultation: ConsultationRound, statement: Statement) -> dict[str, tuple[dict[str, object], ...]]:
    """By question, what each reporting group rated in the round before, as its report shows it."""
    before = consultation.follows
    if not (before and before.results and statement.came_from):
        return {}
    return {
        item["question"]: tuple(item.get("groups", ()))
        for item in before.results["items"]
        if item["statement"] == statement.came_from.code
    }


def list_said(statement: Statement) -> list[str]:
    """What was said about it in the round before, as far as two people have read it and it may be shown."""
    if not statement.came_from_id:
        return []
    rows = Submitted.objects.filter(
        statement=statement.came_from_id, form=Submitted.Form.COMMENT, read_again_by__isnull=False
    ).exclude(public_text="")
    return [each.public_text for each in rows]


def compare_wording(statement: Statement) -> list[Word]:
    """The wording, with what was inserted and deleted since the round before."""
    if not statement.came_from or statement.came_from.wording == statement.wording:
        return [Word(statement.wording)]
    old, new = (re.split(r"(\s+)", each.wording) for each in (statement.came_from, statement))
    found = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "insert" and what != "equal":
            found.append(Word("".join(old[a:b]), "deleted"))
        if what != "delete":
            found.append(Word("".join(new[c:d]), "" if what == "equal" else "inserted"))
    return found
