"""What if this study is wrong: the page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from failure_lessons.library.what_if import MOST_STRUCK, strike_out
from failure_lessons.publishing.registry import KINDS


def what_if_page(request: HttpRequest) -> HttpResponse:
    """Findings and sources struck out, and what is left of lessons and recommendations."""
    asked = [name for name in request.GET.getlist("strike") if name.strip()]
    found = strike_out(asked)
    messages = [
        f"There is no finding, source, case or review called “{''.join(filter(str.isprintable, name[:60]))}”."
        for name in found.unknown
    ]
    if len(asked) > MOST_STRUCK:
        messages.append(f"The first {MOST_STRUCK} were struck; the others were left.")
    names = [each.code or each.slug for each in found.struck]
    context = {
        "found": found,
        "messages": messages,
        "struck": [
            (each, KINDS[each.kind], urlencode([("strike", name) for name in names if name != own]))
            for each, own in zip(found.struck, names, strict=True)
        ],
    }
    return render(request, "pages/what_if.html", context, status=400 if messages else 200)
