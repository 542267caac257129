"""The buttons of a list that can be a spreadsheet."""

from __future__ import annotations

from django import template
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.urls import reverse

from failure_lessons.bulk.lists import spreadsheet_lists
from failure_lessons.bulk.pages import may_hand_in

register = template.Library()


@register.simple_tag(takes_context=True)
def spreadsheet_buttons(context: template.Context, options: ModelAdmin[Model]) -> list[dict[str, str]]:
    """Label and address of each button: the list as it is filtered now, and the way back in."""
    request = context["request"]
    opts = options.opts
    if opts.label_lower not in spreadsheet_lists() or "_popup" in request.GET:
        return []
    place = [opts.app_label, opts.model_name]
    query = request.GET.urlencode()
    download = reverse("bulk:download", args=place) + (f"?{query}" if query else "")
    buttons = [{"label": "Download as a spreadsheet", "address": download}]
    if may_hand_in(options, request):
        buttons.append({"label": "Upload a spreadsheet", "address": reverse("bulk:upload", args=place)})
    return buttons
