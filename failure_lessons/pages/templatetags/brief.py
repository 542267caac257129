"""What templates need to offer a record for a brief."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html

from failure_lessons.pages.brief.selection import BRIEFED, Pick
from failure_lessons.pages.links import carry_along, carry_brief, write_way_back
from failure_lessons.pages.templatetags.cards import first_words
from failure_lessons.publishing.models import Edition

register = template.Library()
IS_HELD = '<span class="held">In my brief. <a href="{}">Open my brief</a></span>'
OFFER = '<a href="{}" rel="nofollow" data-add>Add to my brief<span class="hidden">: {}{}</span></a>'


@register.simple_tag(takes_context=True)
def offer_to_brief(context: Context, edition: Edition) -> str:
    """Offers a record for the reader's brief: the address that adds it and leads back here, or where it is.

    Nothing for drafts and for kinds that no brief holds. One call, for lists show it at each of their records. A
    `way_back` in the context stands in the place of the way back here.
    """
    pick, request = brief_pick(edition), getattr(context, "request", None)
    if not pick:
        return ""
    brief = getattr(request, "brief", None)
    if brief and brief.holds(pick):
        inner = format_html(IS_HELD, carry_along(reverse("brief"), request))
    else:
        back = context.get("way_back") or (write_way_back(request.get_full_path()) if request else "")
        add = carry_brief(f"{reverse('brief')}?add={pick}&{back}", request) if request else ""
        inner = format_html(OFFER, add, f"{edition.code} " if edition.code else "", first_words(edition.title, 12))
    return format_html('<p class="add" id="add-{}" data-pick="{}">{}</p>', pick, pick, inner)


@register.filter
def brief_pick(edition: Edition) -> str:
    """How a brief names this edition, such as `R4.2`; nothing for drafts and for kinds that no brief holds."""
    return str(Pick.of(edition)) if edition.pk and edition.kind in BRIEFED else ""
