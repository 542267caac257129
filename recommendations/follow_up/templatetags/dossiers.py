"""Dossiers for their templates: each tag is a function of a document and of the day on which it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from failure_lessons.charts.chart import Chart, draw_chart
from failure_lessons.charts.timeline import Timeline, draw_timeline
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import Kind
from failure_lessons.types import Document, JSONObject
from failure_lessons.vocabularies.choices import ClaimedState, Implementation, Position
from recommendations.follow_up.fields import current_assessment, provisional_assessment
from recommendations.follow_up.sentences import body_name, day_in_words, is_overdue, label_of, tell_dossier

register = template.Library()
register.filter("body_name", body_name)
register.simple_tag(tell_dossier, name="head_sentence")
register.simple_tag(is_overdue, name="is_overdue")
LANES = (
    ("asked", "What was asked"),
    ("said", "What the body says"),
    ("judged", "What others and we judge"),
)


@register.simple_tag(takes_context=True)
def reading_day(context: Context) -> dt.date:
    """The day in London of the reading: today, or that of the moment asked for."""
    moment = context.get("as_of")
    return timezone.localdate(moment.at if moment else None)


@register.filter
def as_day(text: str) -> SafeString | str:
    """A day of a document for people and for programs."""
    return format_html('<time datetime="{}">{}</time>', text, day_in_words(text)) if text else ""


@register.filter
def current(record: Document) -> JSONObject:
    """The assessment that two people agreed on, or an empty object."""
    return current_assessment(record)


@register.filter
def provisional(record: Document) -> JSONObject:
    """One reader's assessment, or an empty object."""
    return provisional_assessment(record)


@register.filter
def dossier_timeline(record: Document) -> Timeline:
    """Everything dated in a dossier, in three lanes."""
    return draw_timeline({"events": list(dossier_events(record))}, LANES)


def dossier_events(record: Document) -> Iterable[JSONObject]:
    """Everything dated in a dossier, as events."""
    derived = record["derived"]
    if derived.get("made_on"):
        yield event("asked", derived["made_on"], "Recommended", str(derived["made"]))
    for each in record.get("addressees", []):
        name = body_name(record, each["body"])
        if each.get("asked"):
            yield event("asked", each["asked"]["day"], "Asked by us", f"{name}, {each['asked']['how']}")
        for letter in each.get("reminders", []):
            yield event("asked", letter["day"], f"Letter {letter['number']}", name)
        if each.get("answer_due", {}).get("day"):
            yield event("asked", each["answer_due"]["day"], "Answer due", name)
    for each in record.get("responses", []):
        name = body_name(record, each["body"])
        yield event("said", each["date"], str(Position(each["position"]).label), f"{name}: {each['says']}")
    for each in record.get("actions", []):
        name = body_name(record, each["body"])
        yield event("said", each["date"], f"Says: {label_of(ClaimedState, each['claimed'])}", f"{name}: {each['what']}")
        for due in each.get("due_dates", []):
            yield event("said", due["day"], "Action due", f"{each['what']} {due.get('reason', '')}".strip())
    for each in record.get("judgements", []):
        yield event("judged", each["date"], body_name(record, each["body"]), each["says"])
    for each in record.get("assessments", []):
        title = f"We judge{' (provisional)' if each['status'] == 'provisional' else ''}"
        yield event("judged", each["assessed"]["day"], title, label_of(Implementation, each["implementation"]))
    for each in record.get("looks", []):
        yield event("judged", each["day"], "We looked", f"{each['where']}: {each['found']}")


def event(lane: str, date: str, title: str, description: str) -> JSONObject:
    """An event as timelines take it."""
    return {"phase": lane, "date": date, "title": title, "description": description}


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
