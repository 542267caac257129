"""Dossiers for their templates: each tag is a function of a document and of the day on which it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from failure_lessons.charts.chart import Chart, draw_chart
from failure_lessons.dates import parse_edtf
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import Kind
from failure_lessons.types import Document, JSONObject
from failure_lessons.vocabularies.choices import AnswerState, Effect, Implementation, Position
from recommendations.follow_up.fields import current_assessment, provisional_assessment
from recommendations.follow_up.figures import LANES, body_name, draw_dossier, label_of

register = template.Library()
register.filter("body_name", body_name)
register.filter("dossier_timeline", draw_dossier)


@register.simple_tag(takes_context=True)
def reading_day(context: Context) -> dt.date:
    """The day in London of the reading: today, or that of the moment asked for."""
    moment = context.get("as_of")
    return timezone.localdate(moment.at if moment else None)


def day_in_words(text: str) -> str:
    """A day of a document in words: 31 May 2027."""
    return date_format(dt.date.fromisoformat(text), "j F Y") if text else ""


@register.filter
def as_day(text: str) -> SafeString | str:
    """A day of a document for people and for programs."""
    return format_html('<time datetime="{}">{}</time>', text, day_in_words(text)) if text else ""


@register.simple_tag
def is_overdue(record: Document, day: dt.date) -> bool:
    """Whether an answer is owed since a day before this one."""
    due = record.get("derived", {}).get("due_on")
    return bool(due) and dt.date.fromisoformat(due) < day


@register.filter
def current(record: Document) -> JSONObject:
    """The assessment that two people agreed on, or an empty object."""
    return current_assessment(record)


@register.filter
def provisional(record: Document) -> JSONObject:
    """One reader's assessment, or an empty object."""
    return provisional_assessment(record)


def join_names(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


@register.simple_tag
def head_sentence(record: Document, day: dt.date) -> str:
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


@register.filter
def lane_name(code: str) -> str:
    """A lane of the timeline in words."""
    return dict(LANES)[code]


@register.filter
def series_charts(record: Document) -> list[tuple[JSONObject, Chart]]:
    """Each series with its chart; the labels say which figures are of before and after."""
    return [(each, draw_chart(each)) for each in record.get("series", [])]


@dataclass(frozen=True)
class Strip:
    """What became of the recommendations that a page is about, in numbers. What is provisional is in no count."""

    dossiers: tuple[Edition, ...]
    made: int
    answered: int
    none_found: int
    not_asked: int
    overdue: int
    judged: int
    provisional: int


@register.simple_tag(takes_context=True)
def strip_of(context: Context, told_by: Sequence[tuple[Kind, Sequence[Edition]]]) -> Strip | None:
    """The strip of a recommendation or a case, from what is about it; None where nothing is followed."""
    dossiers = tuple(each for kind, editions in told_by if kind.code == "follow-up" for each in editions)
    if not dossiers:
        return None
    day = reading_day(context)

    def count(*terms: str) -> int:
        return sum(not set(terms).isdisjoint(each.terms) for each in dossiers)

    return Strip(
        dossiers=dossiers,
        made=len(dossiers),
        answered=count("answer:answered", "answer:late"),
        none_found=count("answer:none-found"),
        not_asked=count("answer:not-asked"),
        overdue=sum(each.due_on is not None and each.due_on < day for each in dossiers),
        judged=sum(any(term.startswith("implementation:") for term in each.terms) for each in dossiers),
        provisional=sum(any(term.startswith("provisional:") for term in each.terms) for each in dossiers),
    )
