"""A dossier in sentences, for its page and for a brief: each a function of a document and of the day of reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.formats import date_format

from failure_lessons.dates import parse_edtf
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import AnswerState, ClaimedState, Effect, Implementation, Position
from recommendations.follow_up.fields import current_assessment, provisional_assessment


def day_in_words(text: str) -> str:
    """A day of a document in words: 31 May 2027."""
    return date_format(dt.date.fromisoformat(text), "j F Y") if text else ""


def body_name(record: Document, slug: str) -> str:
    """What a body is called in a dossier."""
    return str(record.get("derived", {}).get("names", {}).get(slug, slug))


def is_overdue(record: Document, day: dt.date) -> bool:
    """Whether an answer is owed since a day before this one."""
    due = record.get("derived", {}).get("due_on")
    return bool(due) and dt.date.fromisoformat(due) < day


def join_names(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def label_of(vocabulary: type[Position | Implementation | Effect | ClaimedState], code: str) -> str:
    """A code in words within a sentence."""
    return str(vocabulary(code).label).lower()


def tell_dossier(record: Document, day: dt.date) -> str:
    """The whole dossier in a few words: asked of whom, what they said, what we judge, when we look next."""
    return " ".join(
        filter(None, [sentence_of_asking(record), sentence_of_answer(record, day), sentence_of_judging(record)])
    )


def sentence_of_asking(record: Document) -> str:
    """Of whom it was asked, by whom and when."""
    derived = record["derived"]
    names = [body_name(record, each["body"]) for each in record.get("addressees", [])]
    whom = join_names(names) or "nobody yet"
    if derived["sort"] == "others":
        return f"Asked of {whom} by {derived['made']}."
    asked = [each["asked"]["day"] for each in record.get("addressees", []) if each.get("asked")]
    if not asked:
        return f"Meant for {whom}, and asked of nobody yet."
    return f"Asked of {whom} by us on {day_in_words(min(asked))}."


def sentence_of_answer(record: Document, day: dt.date) -> str:
    """What the bodies said, or why there is nothing to tell."""
    derived = record["derived"]
    responses = record.get("responses", [])
    if responses:
        last = responses[-1]
        said = {
            Position.ACCEPTED: "accepted",
            Position.IN_PRINCIPLE: "accepted in principle",
            Position.IN_PART: "accepted in part",
            Position.NOT_ACCEPTED: "did not accept",
            Position.NOTED: "noted it",
            Position.DEFERRED: "said that an answer would come later",
            Position.NO_POSITION: "answered without saying yes or no",
        }[Position(last["position"])]
        more = f" ({len(responses)} answers in all)" if len(responses) > 1 else ""
        return f"{body_name(record, last['body'])} {said} ({parse_edtf(last['date']).english}){more}."
    answer = derived.get("answer")
    if answer == AnswerState.NONE_FOUND:
        return f"No answer was found by us when we looked on {day_in_words(record['looks'][-1]['day'])}."
    if answer == AnswerState.AWAITED:
        due = derived.get("due_on")
        if not due:
            return "No day was set for an answer, and there is none yet."
        late = is_overdue(record, day)
        return (
            f"The answer was due by {day_in_words(due)} and is overdue."
            if late
            else f"An answer is awaited by {day_in_words(due)}."
        )
    return ""


def sentence_of_judging(record: Document) -> str:
    """What we judge, and when we look again."""
    agreed, one = current_assessment(record), provisional_assessment(record)
    judged = agreed or one
    if not judged:
        return "We have judged nothing yet."
    state = label_of(Implementation, judged["implementation"])
    effect = judged["effect"]
    helped = "" if effect == Effect.NOT_KNOWN else f", effect: {label_of(Effect, effect)}"
    who = "By our judgement" if agreed else "By one reader's provisional judgement, which a second has yet to agree"
    known = parse_edtf(judged["known_to"]).english
    look = f" Next look by {day_in_words(judged['look_again_by'])}." if judged.get("look_again_by") else ""
    return f"{who}: {state}{helped} (known to {known}).{look}"
