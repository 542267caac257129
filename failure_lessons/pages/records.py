"""Pages of one record: loaded as an edition, resolved, and handed to a template; its history and its differences."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from failure_lessons.library.list_query import CannotAsk
from failure_lessons.library.record_context import pinned_closure, record_context
from failure_lessons.pages.as_of import Moment, moment_asked, refuse_query, render_at_moment
from failure_lessons.pages.metadata import negotiate_address, record_link_header, record_metadata
from failure_lessons.publishing import diff
from failure_lessons.publishing.models import Edition, as_it_stood
from failure_lessons.publishing.registry import KINDS, Kind

BY_ADDRESS = {kind.address: kind for kind in KINDS.values()}


def kind_at(address: str) -> Kind:
    """The kind at this address, or 404."""
    if address not in BY_ADDRESS:
        raise Http404
    return BY_ADDRESS[address]


def record_page(request: HttpRequest, address: str, slug: str, number: int | None = None) -> HttpResponse:
    """One record in its current edition, in the one current at the moment asked for, or in edition `number`.

    A page, or the way to the data that `Accept` prefers.

    Three queries.
    """
    kind = kind_at(address)
    try:
        moment = moment_asked(request)
    except CannotAsk as error:
        return refuse_query(request, error)
    if moment:
        return detail_then(request, kind, slug, number, moment)
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
        return HttpResponsePermanentRedirect(moved.get_absolute_url())
    answer: HttpResponse
    if other_form := negotiate_address(request, edition):
        answer = HttpResponse(status=303, headers={"Location": other_form})
    else:
        pinned = pinned_closure(edition)
        about = record_metadata(request, edition, pinned, numbered=number is not None)
        context = record_context(edition, pinned) | about
        answer = render(request, kind.template, context, status=status_of(request, kind, edition))
    answer["Link"] = record_link_header(request, edition, numbered=number is not None)
    patch_vary_headers(answer, ["Accept"])
    return answer


def detail_then(request: HttpRequest, kind: Kind, slug: str, number: int | None, moment: Moment) -> HttpResponse:
    """One record as it stood: the edition current then, with its pins as pinned, and what rested on it then."""
    rows = Edition.objects.at_address(kind.code, slug).defer("body", "search")
    if number is None:
        edition = rows.as_of(moment.at).first()
    else:
        edition = rows.filter(number=min(number, 2**31 - 1), published_at__lte=moment.at).first()
    if edition is None:
        return elsewhere_then(request, kind, slug, moment)
    if edition.withdrawn_at:
        return render(request, "410.html", {"edition": edition, "kind": kind}, status=410)
    stood = as_it_stood(edition, moment.at)
    pinned = pinned_closure(stood)
    context = record_context(stood, pinned, moment.at) | record_metadata(request, stood, pinned, numbered=True)
    return render_at_moment(request, kind.template, context, moment, status=status_of(request, kind, stood))


def status_of(request: HttpRequest, kind: Kind, edition: Edition) -> int:
    """200, or 400 where the page has to say that it cannot answer what the query string asks."""
    if not kind.check_query or not request.GET:
        return 200
    return 400 if kind.check_query(edition.content, request.GET) else 200


def elsewhere_then(request: HttpRequest, kind: Kind, slug: str, moment: Moment) -> HttpResponse:
    """Where a record that did not stand at this address then stood, or since when it has existed."""
    known = Edition.objects.at_address(kind.code, slug).without_text().first()
    if known is None:
        raise Http404
    if known.withdrawn_at:
        return render(request, "410.html", {"edition": known, "kind": kind}, status=410)
    editions = Edition.objects.filter(record_id=known.record_id).without_text().order_by("number")
    stood = editions.as_of(moment.at).first()
    if stood:
        return HttpResponseRedirect(f"{stood.get_absolute_url()}?{urlencode({'as_of': moment.text})}")
    context = {"kind": kind, "first": editions.first()}
    return render_at_moment(request, "pages/not_yet.html", context, moment, status=404)


def history_page(request: HttpRequest, address: str, slug: str) -> HttpResponse:
    """Every edition of a record, newest first."""
    kind = kind_at(address)
    try:
        moment = moment_asked(request)
    except CannotAsk as error:
        return refuse_query(request, error)
    edition = Edition.objects.at_address(kind.code, slug).without_text().first()
    if edition is None:
        raise Http404
    if edition.withdrawn_at:
        return render(request, "410.html", {"edition": edition, "kind": kind}, status=410)
    rows = Edition.objects.filter(record_id=edition.record_id).without_text().order_by("-number")
    editions = (
        [as_it_stood(each, moment.at) for each in rows.filter(published_at__lte=moment.at)] if moment else list(rows)
    )
    if not editions:
        return render_at_moment(request, "pages/not_yet.html", {"kind": kind, "first": rows.last()}, moment, status=404)
    context = {"kind": kind, "edition": editions[0], "editions": editions}
    return render_at_moment(request, "pages/history.html", context, moment)


def compare_page(request: HttpRequest, address: str, slug: str, old: int, new: int) -> HttpResponse:
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
    context = {"kind": kind, "old": rows[old], "new": rows[new], "difference": diff.diff_editions(rows[old], rows[new])}
    return render(request, "pages/compare.html", context)
