"""Pictures and computed tables for templates: each tag is a pure function of a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from casestudies import supports
from failure_lessons.pictures.chart import Chart, chart
from failure_lessons.pictures.flow import Flow, flow
from failure_lessons.pictures.profile import Profile, profile
from failure_lessons.pictures.scales import figure
from failure_lessons.pictures.timeline import Timeline, timeline
from literature import studies

register = template.Library()


@register.simple_tag
def timeline_of(record: Mapping[str, Any]) -> Timeline:
    """The timeline of a case study."""
    return timeline(record)


@register.filter
def charts(record: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Chart]]:
    """Each indicator of a case study with its chart."""
    return [(indicator, chart(indicator)) for indicator in record.get("indicators") or []]


@register.simple_tag
def flow_of(prisma: Mapping[str, Any]) -> Flow:
    """The PRISMA 2020 flow of a review."""
    return flow(prisma)


@register.simple_tag
def profile_of(cerqual: Mapping[str, Any]) -> Profile:
    """The GRADE-CERQual profile of a finding or lesson."""
    return profile(cerqual)


@register.filter
def shown_number(value: float) -> str:
    """A figure as people read it: 80,100."""
    return figure(value)


@register.filter
def supported(record: Mapping[str, Any]) -> dict[str, list[supports.Support]]:
    """What each source of a case study supports, by the key of the reference."""
    return supports.by_reference(record)


@register.filter
def included(review: Mapping[str, Any]) -> list[studies.Study]:
    """The studies a review includes."""
    return studies.included(review)


@register.filter
def excluded(review: Mapping[str, Any]) -> list[studies.Study]:
    """What a review screened and left out."""
    return studies.excluded(review)
