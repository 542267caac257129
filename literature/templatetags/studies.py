"""The question and the studies of a review, for its template."""

from __future__ import annotations

from django import template

from failure_lessons.types import Document
from literature import studies

register = template.Library()


@register.filter
def framework_elements(review: Document) -> list[tuple[str, str]]:
    """The elements of a review's question in the order of its framework."""
    return studies.order_framework_elements(review)


@register.filter
def included_studies(review: Document) -> list[studies.Study]:
    """The studies a review includes."""
    return studies.list_included_studies(review)


@register.filter
def excluded_studies(review: Document) -> list[studies.Study]:
    """What a review screened and left out."""
    return studies.list_excluded_studies(review)
