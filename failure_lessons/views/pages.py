"""Pages that belong to no record: the start, what this is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from failure_lessons.landing import home_about
from failure_lessons.publishing.models import Edition
from failure_lessons.vocabulary import Audience, Phase


def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the way in. One query."""
    rows = (
        Edition.objects.current()
        .of_kind("recommendation", "case-study", "literature-review", "lesson")
        .without_text()
        .order_by("sort_key", "pk")
    )
    shown: dict[str, list[Edition]] = {}
    for edition in rows:
        shown.setdefault(edition.kind, []).append(edition)
    latest = max((edition.published_at for edition in rows), default=None)
    context = {
        "recommendations": shown.get("recommendation", []),
        "strongest": [e for e in shown.get("recommendation", []) if "strength:strong" in e.terms],
        "cases": shown.get("case-study", []),
        "reviews": shown.get("literature-review", []),
        "lessons": shown.get("lesson", []),
        "latest": latest,
        "about": home_about(request, latest),
        "audiences": Audience.choices,
        "phases": Phase.choices,
    }
    return render(request, "failure_lessons/home.html", context)


def about(request: HttpRequest) -> HttpResponse:
    """What this is, how it was made, and what it is not."""
    return render(request, "failure_lessons/about.html")
