"""Pages of one record: loaded as an edition, resolved, and handed to a template; its history and its differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render

from failure_lessons.publishing import diff
from failure_lessons.publishing.kinds import KINDS, Kind
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.resolve import CODE, Resolver, named

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
