"""The question and the studies of a review, for its template."""

from __future__ import annotations

from django import template

from failure_lessons.bibliography.names import split_harvard_reference
from failure_lessons.types import Document
from literature import studies
from literature.extracting.tables import CharacterisedStudy, tabulate_characteristics

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
def unassessed_studies(review: Document) -> list[studies.Study]:
    """What a review keeps so far without having assessed its full text."""
    return studies.list_unassessed_studies(review)


@register.simple_tag
def screened_out(review: Document, study: studies.Study) -> Document:
    """The CSL-JSON item of a record that is not included, with its parts as in a list of references (`text`)."""
    key = study.screening["ref"]
    csl = review["derived"].get("screened_out", {}).get(key) or {"title": key}
    return {**csl, "text": split_harvard_reference(csl)}


@register.filter
def excluded_studies(review: Document) -> list[studies.Study]:
    """What a review screened and left out."""
    return studies.list_excluded_studies(review)


@register.filter
def characterised_studies(review: Document) -> list[CharacterisedStudy]:
    """The table of characteristics of a review's included studies."""
    return tabulate_characteristics(review)
