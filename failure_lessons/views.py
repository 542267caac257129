"""The public pages. Each loads editions, resolves them, and hands them to a template."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from django.db import OperationalError
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from failure_lessons.api import FILTERS, cursor_of, place
from failure_lessons.filters import SlugTermFilter, TermFilter, searchable
from failure_lessons.problems import Problem, problem
from failure_lessons.publishing import diff
from failure_lessons.publishing.kinds import KINDS, Kind
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.resolve import CODE, Resolver, named
from failure_lessons.search import PAGE, RANKED, counts, exact, results
from failure_lessons.vocabulary import Audience, Phase

PAGE_SIZE = 25
BY_ADDRESS = {kind.address: kind for kind in KINDS.values()}
TEMPLATES = {
    "theme": "failure_lessons/theme.html",
    "organisation": "casestudies/organisation.html",
    "reference": "literature/reference.html",
    "glossary-term": "literature/glossary_term.html",
    "finding": "literature/finding.html",
    "literature-review": "literature/review.html",
    "case-study": "casestudies/case_study.html",
    "comparison": "casestudies/comparison.html",
    "lesson": "recommendations/lesson.html",
    "recommendation": "recommendations/recommendation.html",
    "consultation-template": "recommendations/consultation.html",
}
INTRODUCTIONS = {
    "recommendation": "What the NHS should do about organisational failure, who should do it, and how sure we are.",
    "lesson": "What the cases and the literature teach when they are read together, with the evidence for and against.",
    "case-study": "Six failures in education and criminal justice: how each was seen, managed and resolved.",
    "literature-review": "What has been published, how it was searched for, and what it shows.",
    "finding": "What each case study and each review shows, one statement at a time, with its sources.",
    "reference": "Every source that anything here rests on.",
    "theme": "Subjects that run across cases, reviews, lessons and recommendations.",
    "organisation": "Bodies that the case studies are about.",
    "glossary-term": "Words our readers may not share, and what we mean by them.",
}


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


def listing(request: HttpRequest, address: str) -> HttpResponse:
    """Current records of one kind, filtered and in pages. Four queries."""
    kind = kind_at(address)
    filters = FILTERS[kind.code](request.GET, queryset=Edition.objects.current().of_kind(kind.code))
    themes = theme_labels()
    messages = [
        f"“{name[:60]}” is not something this list can be filtered by." + (f" Did you mean “{near}”?" if near else "")
        for name, near in filters.unknown_names(allowed=frozenset({"after"})).items()
    ]
    sound = filters.is_valid()
    if not sound:
        messages += [str(text) for texts in filters.errors.values() for text in texts]
    matching = filters.qs if sound else filters.queryset
    total = matching.count()
    rows = matching.without_text().order_by("sort_key", "pk")
    if cursor := request.GET.get("after"):
        try:
            rows = rows.beginning_after(place(cursor))
        except Problem:
            messages.append("The address of the next page is damaged; this is the first page.")
    page = list(rows[: PAGE_SIZE + 1])
    following = request.GET.copy()
    if more := len(page) > PAGE_SIZE:
        del page[PAGE_SIZE:]
        following["after"] = cursor_of(page[-1])
    context = {
        "kind": kind,
        "introduction": INTRODUCTIONS.get(kind.code, ""),
        "page": page,
        "next": f"?{following.urlencode()}" if more else "",
        "total": total,
        "facets": facets(filters, kind, themes),
        "active": active(request.GET, filters, themes) if sound else [],
        "question": searchable(request.GET.get("q", "")),
        "filtered": any(request.GET.get(name) for name in filters.filters),
        "messages": messages,
        "themes": themes,
    }
    return render(request, "failure_lessons/list.html", context, status=400 if messages else 200)


def facets(filters: Any, kind: Kind, themes: dict[str, str]) -> list[dict[str, Any]]:
    """The filters of a list with their choices, and how many records each choice has in the whole list."""
    available = Edition.objects.current().of_kind(kind.code).facet_counts()
    found = []
    for name, each in filters.term_filters().items():
        if isinstance(each, TermFilter):
            pairs = [(str(code), str(text)) for code, text in each.vocabulary.choices]
        elif isinstance(each, SlugTermFilter) and each.term == "theme":
            pairs = sorted(themes.items(), key=lambda pair: pair[1])
        else:
            continue  # reached by links, too many to tick
        picked = set(filters.data.getlist(name))
        choices = [
            {"code": code, "label": text, "count": available.get(f"{each.term}:{code}", 0), "picked": code in picked}
            for code, text in pairs
        ]
        choices = [choice for choice in choices if choice["count"] or choice["picked"]]
        if choices:
            found.append({"name": name, "label": each.label, "choices": choices, "open": bool(picked)})
    return found


def active(query: QueryDict, filters: Any, themes: dict[str, str]) -> list[dict[str, str]]:
    """The terms in force, each with its words and the query string without it; free text stays in its field."""
    found = []
    for name, each in filters.term_filters().items():
        for value in dict.fromkeys(filter(None, query.getlist(name))):
            rest = query.copy()
            rest.pop("after", None)
            rest.setlist(name, [other for other in query.getlist(name) if other != value])
            words = dict(each.vocabulary.choices) if isinstance(each, TermFilter) else themes
            found.append({"name": each.label, "value": words.get(value, value), "without": f"?{rest.urlencode()}"})
    return found


def kind_at(address: str) -> Kind:
    """The kind at this address, or 404."""
    if address not in BY_ADDRESS:
        raise Http404
    return BY_ADDRESS[address]


def theme_labels() -> dict[str, str]:
    """Themes by slug. One query."""
    return dict(Edition.objects.current().of_kind("theme").values_list("slug", "title"))


def detail(request: HttpRequest, address: str, slug: str, number: int | None = None) -> HttpResponse:
    """One record in its current edition, or in the edition asked for. Three queries."""
    kind = kind_at(address)
    rows = Edition.objects.at_address(kind.code, slug).defer("body", "search")
    edition = (rows if number is None else rows.filter(number=min(number, 2**31 - 1))).first()
    if edition is None:
        raise Http404
    if edition.withdrawn_at:
        return render(request, "410.html", {"edition": edition, "kind": kind}, status=410)
    if number is None and edition.superseded_at:
        moved = Edition.objects.current().filter(record_id=edition.record_id).without_text().first()
        if moved is None:
            raise Http404
        return HttpResponsePermanentRedirect(f"/{address}/{moved.slug}/")
    return render(request, TEMPLATES[kind.code], shown(edition))


def shown(edition: Edition, pinned: Sequence[Edition] | None = None) -> dict[str, Any]:
    """Everything a record's template needs: two queries. A preview brings what it would pin."""
    if pinned is None:
        pinned = Edition.objects.closure_of(edition)
    codes = set(CODE.findall(edition.document)) - {edition.code}
    rests = Q(pk__in=EditionCitation.objects.citing_record(edition.record_id))
    around = (
        Edition.objects.current()
        .filter(rests | Q(kind="theme") | Q(code__in=codes))
        .annotate(rests=ExpressionWrapper(rests, BooleanField()))
        .without_text()
        .order_by("kind", "sort_key", "pk")
    )
    themes: dict[str, str] = {}
    used_by: dict[str, list[Edition]] = {}
    for other in around:
        if other.kind == "theme":
            themes[other.slug] = other.title
        elif other.rests:  # type: ignore[attr-defined]  # annotated above
            used_by.setdefault(other.kind, []).append(other)
    resolver = Resolver(pinned, themes)
    if edition.kind == "reference":
        resolver.references[edition.slug] = resolver.reference(edition)
    return {
        "edition": edition,
        "kind": KINDS[edition.kind],
        "record": resolver(edition.content),
        "references": resolver.references,
        "codes": named([*pinned, *around]),
        "used_by": [(KINDS[kind], editions) for kind, editions in reversed(used_by.items())],
    }


def history(request: HttpRequest, address: str, slug: str) -> HttpResponse:
    """Every edition of a record, newest first."""
    kind = kind_at(address)
    edition = Edition.objects.at_address(kind.code, slug).without_text().first()
    if edition is None:
        raise Http404
    if edition.withdrawn_at:
        return render(request, "410.html", {"edition": edition, "kind": kind}, status=410)
    editions = list(Edition.objects.filter(record_id=edition.record_id).without_text().order_by("-number"))
    return render(request, "failure_lessons/history.html", {"kind": kind, "edition": editions[0], "editions": editions})


def compare(request: HttpRequest, address: str, slug: str, old: int, new: int) -> HttpResponse:
    """What changed between two editions of a record."""
    kind = kind_at(address)
    first = Edition.objects.at_address(kind.code, slug).without_text().first()
    if first is None:
        raise Http404
    wanted = [number for number in (old, new) if number < 2**31]
    rows = {edition.number: edition for edition in Edition.objects.filter(record_id=first.record_id, number__in=wanted)}
    if set(rows) != {old, new}:
        raise Http404
    gone = next((edition for edition in rows.values() if edition.withdrawn_at), None)
    if gone:
        return render(request, "410.html", {"edition": gone, "kind": kind}, status=410)
    context = {"kind": kind, "old": rows[old], "new": rows[new], "difference": diff.between(rows[old], rows[new])}
    return render(request, "failure_lessons/compare.html", context)


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


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


def readyz(request: HttpRequest) -> HttpResponse:
    """The library can be read."""
    Edition.objects.order_by().values_list("pk").first()
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, as a problem below /api/ and as a page elsewhere."""
    if request.path.startswith("/api/"):
        return problem(request, 404, "There is nothing at this address.")
    answer = render(request, "404.html", status=404)
    patch_vary_headers(answer, ["Accept"])
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the database is away; a problem below /api/, a page elsewhere. Asks the database nothing."""
    away = isinstance(sys.exc_info()[1], OperationalError)
    status = 503 if away else 500
    words = (
        "The database cannot be reached just now." if away else "Something went wrong on our side. It has been logged."
    )
    if request.path.startswith("/api/"):
        answer = problem(request, status, words)
    else:
        answer = render(request, "500.html", status=status)
    if away:
        answer["Retry-After"] = "30"
    return answer


def bad(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    if request.path.startswith("/api/"):
        return problem(request, 400, "The request could not be understood.")
    return render(request, "400.html", status=400)
