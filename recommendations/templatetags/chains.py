"""The evidence chain of a record, for its template."""

from __future__ import annotations

from django import template

from failure_lessons.types import Document
from recommendations.evidence_chain import Chain, build_chain

register = template.Library()


@register.filter
def evidence_chain(record: Document) -> Chain:
    """Lessons, findings and sources of a resolved recommendation, as a list and as a picture."""
    return build_chain(record)
