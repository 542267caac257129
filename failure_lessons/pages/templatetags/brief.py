"""What templates need to offer a record for a brief."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.urls import reverse

from failure_lessons.pages.brief.selection import BRIEFED, Pick
from failure_lessons.pages.links import carry_brief
from failure_lessons.publishing.models import Edition

register = template.Library()


@register.simple_tag(takes_context=True)
def brief_offer(context: Context, edition: Edition) -> dict[str, object]:
    """What stands at a record: `pick` (how a brief names it), whether the reader's brief has it, and `add`, the address
    that adds it and leads back to this page."""
    pick = brief_pick(edition)
    request = getattr(context, "request", None)
    if not pick or request is None:
        return {"pick": pick, "held": False, "add": ""}
    brief = getattr(request, "brief", None)
    asked = urlencode({"add": pick, "back": request.get_full_path()}, safe="/")
    return {
        "pick": pick,
        "held": bool(brief and brief.holds(pick)),
        "add": carry_brief(f"{reverse('brief')}?{asked}", request),
    }


@register.filter
def brief_pick(edition: Edition) -> str:
    """How a brief names this edition, such as `R4.2`; nothing for drafts and for kinds that no brief holds."""
    return str(Pick.of(edition)) if edition.pk and edition.kind in BRIEFED else ""
