"""Pictures for templates: each tag is a pure function of a document."""

from __future__ import annotations

from django import template

from failure_lessons.charts.chart import Chart, draw_chart
from failure_lessons.charts.flow import Flow, draw_flow
from failure_lessons.charts.profile import Profile, draw_profile
from failure_lessons.charts.scales import format_figure
from failure_lessons.charts.timeline import Timeline, draw_timeline
from failure_lessons.types import Document

register = template.Library()


@register.simple_tag
def timeline_of(record: Document) -> Timeline:
    """The timeline of a case study."""
    return draw_timeline(record)


@register.filter
def indicator_charts(record: Document) -> list[tuple[Document, Chart]]:
    """Each indicator of a case study with its chart."""
    return [(indicator, draw_chart(indicator)) for indicator in record.get("indicators") or []]


@register.simple_tag
def flow_of(prisma: Document) -> Flow:
    """The PRISMA 2020 flow of a review."""
    return draw_flow(prisma)


@register.simple_tag
def profile_of(cerqual: Document) -> Profile:
    """The GRADE-CERQual profile of a finding or lesson."""
    return draw_profile(cerqual)


@register.filter
def shown_cell(value: object) -> str:
    """A cell of a figure's table as people read it."""
    if isinstance(value, int | float):
        return format_figure(value)
    return "" if value is None else str(value)


@register.filter
def shown_number(value: float) -> str:
    """A figure as people read it: 80,100."""
    return format_figure(value)
