"""How the workbench names things."""

from __future__ import annotations

from django import template
from django.db.models import Model

from failure_lessons.publishing.registry import KINDS

register = template.Library()


@register.filter
def kind_label(code: str) -> str:
    """A kind in the singular, such as “Case study” for `case-study`."""
    return KINDS[code].label


@register.filter
def row_summary(row: Model) -> str:
    """A row of a form in one line: the model says how (`summary_line`), else its name."""
    line: str = getattr(row, "summary_line", "") or str(row)
    return line
