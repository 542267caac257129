"""What templates need to offer a record for a brief."""

from __future__ import annotations

from django import template

from failure_lessons.pages.brief.selection import BRIEFED, Pick
from failure_lessons.publishing.models import Edition

register = template.Library()


@register.filter
def brief_pick(edition: Edition) -> str:
    """How a brief names this edition, such as `R4.2`; nothing for drafts and for kinds that no brief holds."""
    return str(Pick.of(edition)) if edition.pk and edition.kind in BRIEFED else ""
