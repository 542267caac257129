"""Pictures for templates: each tag is a pure function of a document."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from failure_lessons.charts.chart import Chart, draw_chart
from failure_lessons.charts.flow import Flow, draw_flow
from failure_lessons.charts.profile import Profile, draw_profile
from failure_lessons.charts.scales import format_figure
from failure_lessons.charts.timeline import Timeline, draw_timeline
from failure_lessons.types import Document

register = template.Library()
RING = '<circle class="{}" cx="{{x}}" cy="{{y}}" r="5"/>'
HALF = '<path class="full" transform="translate({x} {y})" d="M0-5A5 5 0 0 0 0 5z"/>'
DIAMOND = '<path class="ring" transform="translate({x} {y})" d="M0-4.5L4.5 0L0 4.5L-4.5 0z"/>'
LEVEL_MARKS = {  # of levels, the highest first
    "level-0": RING.format("full"),
    "level-1": f"{RING.format('ring')}\n  {HALF}",
    "level-2": RING.format("ring"),
    "level-3": RING.format("ring broken"),
}


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


@register.simple_tag
@lru_cache(maxsize=1024)
def map_mark(x: int, y: int, shape: str) -> SafeString:
    """One mark of the evidence map within an SVG, its middle at `x` and `y`: a diamond where nothing is graded."""
    return format_html(LEVEL_MARKS.get(shape, DIAMOND), x=x, y=y)


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
