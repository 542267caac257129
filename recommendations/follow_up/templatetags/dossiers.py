"""Dossiers for their templates: each tag is a function of a document and of the day on which it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from failure_lessons.charts.chart import Chart, draw_chart
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import Kind
from failure_lessons.types import Document, JSONObject
from recommendations.follow_up.fields import current_assessment, provisional_assessment
from recommendations.follow_up.figures import LANES, draw_dossier
from recommendations.follow_up.sentences import body_name, day_in_words, is_overdue, tell_dossier

register = template.Library()
register.filter("body_name", body_name)
register.simple_tag(tell_dossier, name="head_sentence")
register.simple_tag(is_overdue, name="is_overdue")
register.filter("dossier_timeline", draw_dossier)


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
