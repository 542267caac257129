"""What an answer to a question about a study may be, how it is read from a form, compared and told in words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from failure_lessons.types import Document, JSONObject
from failure_lessons.vocabularies.choices import AnswerKind
from literature.extraction_fields import LARGEST_ANSWER, LONGEST_ANSWER

MOST_QUOTED_WORDS = 40
LONGEST_QUOTED = 500
LONGEST_PLACE = 200
DECIMAL = re.compile(r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
CHOSEN = (AnswerKind.CHOICE, AnswerKind.CHOICES)


class CannotRead(Exception):
    """What was written is no answer to the question; the message says why and what to write."""


@dataclass(frozen=True)
class StudyQuestion:
    """What is asked about a study: of an extraction form, or of a checklist. `choices` are pairs of code and words."""

    key: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    help: str = ""
    required: bool = False
    words_matter: bool = True  # whether two answers differ that differ in their notes alone


def answer_fault(question: Document, answer: Document) -> str:
    """What is wrong with an answer of a package; empty where nothing is."""
    said = {name for name in ("choices", "number", "quotation") if answer.get(name) not in (None, "", [])}
    allowed = {"number"} if question["kind"] == AnswerKind.NUMBER else set()
    allowed |= {"choices"} if question["kind"] in CHOSEN else set()
    allowed |= {"quotation"} if question["kind"] == AnswerKind.QUOTED else set()
    if odd := sorted(said - allowed):
        asked = AnswerKind(question["kind"]).label.lower()
        return f"“{question['key']}” asks for {asked}, not for `{odd[0]}`."
    if answer.get("not_reported") and said:
        return "An answer that the study does not give has no value beside `not_reported`."
    chosen = answer.get("choices") or []
    if unknown := [each for each in chosen if each not in (question.get("choices") or [])]:
        return f"“{unknown[0]}” is no choice of “{question['key']}”."
    if question["kind"] == AnswerKind.CHOICE and len(chosen) > 1:
        return f"“{question['key']}” takes one choice."
    return "" if said or answer.get("not_reported") or answer.get("text") else "An answer says something."


def read_number(text: str) -> int | float:
    """A number as people write it, such as 1,250 or 12.5. Raises `CannotRead`."""
    clean = "".join(text.replace("\N{MINUS SIGN}", "-").split())[:40]
    if not DECIMAL.fullmatch(clean):
        raise CannotRead(f"“{text.strip()[:40]}” is no number: write digits alone, such as 1250 or 12.5.")
    value = float(clean.replace(",", ""))
    if not math.isfinite(value) or abs(value) > LARGEST_ANSWER:
        raise CannotRead(f"A number has at most {len(str(LARGEST_ANSWER)) - 1} digits.")
    return int(value) if value.is_integer() else value


def clean_answer_text(text: str, longest: int, what: str) -> str:
    """Text without what no database keeps, its lines ended in one way. Raises `CannotRead` when it is too long."""
    clean = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(clean) > longest:
        raise CannotRead(f"{what} has at most {longest:,} characters; this one has {len(clean):,}.")
    return clean


def read_posted_answer(question: StudyQuestion, sent: Mapping[str, Sequence[str]], prefix: str = "") -> JSONObject:
    """The answer to a question as a browser sent it, {} for none. `sent` gives all values of a name."""

    def get(name: str) -> str:
        values = sent.get(f"{prefix}{name}-{question.key}") or [""]
        return str(values[-1])

    answer: JSONObject = {}
    note = clean_answer_text(get("text"), LONGEST_ANSWER, "A text")
    silent = bool(get("not_reported"))
    known = [code for code, _ in question.choices]
    if question.kind in CHOSEN:
        picked = {str(each) for each in sent.get(f"{prefix}choices-{question.key}") or [] if each}
        if odd := picked - set(known):
            raise CannotRead(f"“{min(odd)[:60]}” is no choice of this question any more. Choose again.")
        if question.kind == AnswerKind.CHOICE and len(picked) > 1:
            raise CannotRead("Choose one.")
        answer["choices"] = [each for each in known if each in picked]
    elif question.kind == AnswerKind.NUMBER and get("number").strip():
        answer["number"] = read_number(get("number"))
    elif question.kind == AnswerKind.QUOTED:
        answer["quotation"] = clean_answer_text(get("quotation"), LONGEST_QUOTED, "A quotation")
        answer["locator"] = clean_answer_text(get("locator"), LONGEST_PLACE, "A place")
        if len(str(answer["quotation"]).split()) > MOST_QUOTED_WORDS:
            raise CannotRead(f"A quotation has at most {MOST_QUOTED_WORDS} words.")
        if answer["locator"] and not answer["quotation"]:
            raise CannotRead("Write the words that stand at this place.")
    answer["text"] = note
    found = {name: value for name, value in answer.items() if value or (name == "number" and value is not None)}
    if silent and set(found) - {"text"}:
        raise CannotRead("It is answered and called not reported: leave one of the two.")
    return {**found, "not_reported": True} if silent else found


def is_answered(question: StudyQuestion, answer: Document) -> bool:
    """Whether there is an answer beside a mere note."""
    if answer.get("not_reported"):
        return True
    if question.kind in CHOSEN:
        return bool(answer.get("choices"))
    if question.kind == AnswerKind.NUMBER:
        return answer.get("number") is not None
    return bool(answer.get("text") or answer.get("quotation"))


def answer_meaning(question: StudyQuestion, answer: Document) -> tuple[object, ...]:
    """What two answers have alike when they say the same: blanks and capitals of texts do not matter."""
    if not question.words_matter:
        return (tuple(answer.get("choices") or []),)
    words = tuple(" ".join(str(answer.get(name) or "").casefold().split()) for name in ("text", "quotation", "locator"))
    chosen = frozenset(answer.get("choices") or [])
    return (chosen, answer.get("number"), *words, bool(answer.get("not_reported")))


def describe_answer(question: StudyQuestion, answer: Document | None) -> str:
    """An answer in words, without the quotation; empty for none."""
    if not answer:
        return ""
    if answer.get("not_reported"):
        words = "Not reported"
    elif question.kind in CHOSEN:
        labels = dict(question.choices)
        words = "; ".join(labels.get(each, each) for each in answer.get("choices") or [])
    elif answer.get("number") is not None:
        words = " ".join(filter(None, [format_answer_number(answer["number"]), question.unit]))
    else:
        words = ""
    return ". ".join(filter(None, [words, str(answer.get("text") or "")]))


def format_answer_number(number: float) -> str:
    """A number with commas between thousands, as short as it is."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.10f}".rstrip("0").rstrip(".")
