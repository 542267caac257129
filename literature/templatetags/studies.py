"""The question and the studies of a review, for its template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from literature import studies

register = template.Library()


@register.filter
def framework_elements(review: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The elements of a review's question in the order of its framework."""
    return studies.order_framework_elements(review)


@register.filter
def included_studies(review: Mapping[str, Any]) -> list[studies.Study]:
    """The studies a review includes."""
    return studies.list_included_studies(review)


@register.filter
def excluded_studies(review: Mapping[str, Any]) -> list[studies.Study]:
    """What a review screened and left out."""
    return studies.list_excluded_studies(review)
