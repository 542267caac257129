"""Pages that belong to no record: the start, the search, what this is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from failure_lessons.filters import searchable
from failure_lessons.publishing.kinds import KINDS
from failure_lessons.publishing.models import Edition
from failure_lessons.search import PAGE, RANKED, counts, exact, results
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
        "audiences": Audience.choices,
        "phases": Phase.choices,
    }
    return render(request, "failure_lessons/home.html", context)


def search(request: HttpRequest) -> HttpResponse:
    """Everything published, by its words."""
    text = searchable(request.GET.get("q", ""))
    asked = request.GET.get("kind", "")
    kind = asked if asked in KINDS else ""
    start = (
        int(request.GET["start"])
        if request.GET.get("start", "").isascii() and request.GET.get("start", "").isdigit()
        else 0
    )
    if text and not kind and (found := exact(text)):
        return HttpResponseRedirect(f"/{KINDS[found.kind].address}/{found.slug}/")
    page: list[Edition] = list(results(text, kind)[start : start + PAGE + 1]) if text and start < RANKED else []
    by_kind = counts(text) if text else {}
    for edition in page:
        edition.kind_label = KINDS[edition.kind].label  # type: ignore[attr-defined]
        edition.address = f"/{KINDS[edition.kind].address}/{edition.slug}/"  # type: ignore[attr-defined]
    following = request.GET.copy()
    following["start"] = str(start + PAGE)
    context = {
        "question": text,
        "kind": kind,
        "page": page[:PAGE],
        "total": by_kind.get(kind, 0) if kind else sum(by_kind.values()),
        "by_kind": [(KINDS[code], count) for code, count in by_kind.items()],
        "next": f"?{following.urlencode()}" if len(page) > PAGE and start + PAGE < RANKED else "",
    }
    return render(request, "failure_lessons/search.html", context)


def about(request: HttpRequest) -> HttpResponse:
    """What this is, how it was made, and what it is not."""
    return render(request, "failure_lessons/about.html")
