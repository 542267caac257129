"""How the workbench names things."""

from __future__ import annotations

from django import template

from failure_lessons.publishing.kinds import KINDS

register = template.Library()


@register.filter
def noun(code: str) -> str:
    """A kind in the singular, such as “Case study” for `case-study`."""
    return KINDS[code].label
