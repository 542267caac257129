"""Files beside a record's page: the edition in formats for citing it, and its link set."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header

from failure_lessons.exports.formats import CITING, EDITION_COLUMNS, FORMATS, SOURCE_FORMATS, EditionItem
from failure_lessons.exports.formats.part_tables import write_parts
from failure_lessons.exports.formats.signposts import LINKSET, build_linkset, file_links, format_link_header
from failure_lessons.files.responses import attach_file
from failure_lessons.library.list_query import CannotAsk
from failure_lessons.library.record_context import record_context
from failure_lessons.pages.as_of import moment_asked, refuse_query
from failure_lessons.pages.records import kind_at
from failure_lessons.publishing.addresses import site_address
from failure_lessons.publishing.dependencies import list_cited_works
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.rows import EditionRow

BY_EXTENSION = {FORMATS[name].extension: FORMATS[name] for name in CITING}


def edition_or_response(request: HttpRequest, address: str, slug: str, number: int | None) -> Edition | HttpResponse:
    """The edition asked for, the current one or that of a moment (`as_of`), or the answer that stands in its place."""
    kind = kind_at(address)
    try:
        moment = moment_asked(request)
    except CannotAsk as error:
        return refuse_query(request, error)
    rows = Edition.objects.at_address(kind.code, slug).defer("body", "search")
    if number is not None:
        edition = rows.filter(number=min(number, 2**31 - 1)).first()
    elif moment:
        edition = rows.as_of(moment.at).first() or rows.filter(withdrawn_at__isnull=False).first()
    else:
        edition = rows.first()
    if edition is None:
        raise Http404
    if edition.withdrawn_at:
        return render(request, "410.html", {"edition": edition, "kind": kind}, status=410)
    if number is None and not moment and edition.superseded_at:
        moved = Edition.objects.current().filter(record_id=edition.record_id).without_text().first()
        if moved is None:
            raise Http404
        return HttpResponsePermanentRedirect(same_place(request, moved.slug))
    return edition


def same_place(request: HttpRequest, slug: str) -> str:
    """The address asked for, with another slug in it."""
    found = request.resolver_match
    if found is None:
        raise Http404
    captured = found.captured_kwargs  # type: ignore[attr-defined]  # its types are older
    return reverse(found.view_name, kwargs={**captured, "slug": slug})


def cite_edition(
    request: HttpRequest, address: str, slug: str, extension: str, number: int | None = None
) -> HttpResponse:
    """One edition as RIS, BibTeX, CSL-JSON, JSON-LD or DataCite, to keep. At most two queries."""
    if extension not in BY_EXTENSION:
        raise Http404
    edition = edition_or_response(request, address, slug, number)
    if isinstance(edition, HttpResponse):
        return edition
    chosen = BY_EXTENSION[extension]
    answer = HttpResponse(chosen.write_one(edition, site_address(request)), content_type=chosen.content_type)
    name = f"{edition.slug}-v{edition.number}.{chosen.extension}"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Link"] = format_link_header(file_links(edition, site_address(request)))
    return answer


def download_sources(
    request: HttpRequest, address: str, slug: str, extension: str, number: int | None = None
) -> HttpResponse:
    """What a record rests on as RIS, BibTeX or CSL-JSON: the works of others alone. At most three queries."""
    chosen = next((FORMATS[name] for name in SOURCE_FORMATS if FORMATS[name].extension == extension), None)
    if chosen is None or not kind_at(address).has_pins:
        raise Http404
    edition = edition_or_response(request, address, slug, number)
    if isinstance(edition, HttpResponse):
        return edition
    name = f"{edition.slug}-v{edition.number}-sources"
    data = b"".join(chosen.write(list_cited_works([edition.pk]), site_address(request), "reference"))
    return attach_file(data, f"{name}.{chosen.extension}", chosen.content_type)


def link_set(request: HttpRequest, address: str, slug: str, number: int | None = None) -> HttpResponse:
    """All links of a record's page, of its data and of its descriptions (RFC 9264). One query."""
    edition = edition_or_response(request, address, slug, number)
    if isinstance(edition, HttpResponse):
        return edition
    body = orjson.dumps(build_linkset(edition, site_address(request), numbered=number is not None))
    return HttpResponse(body, content_type=LINKSET)


def record_file(request: HttpRequest, address: str, slug: str, name: str, number: int | None = None) -> HttpResponse:
    """A file that the kind of a record has beside its page. One query, four more where it shows what it rests on."""
    kind = kind_at(address)
    made = next(each for each in kind.files if each.name == name)
    edition = edition_or_response(request, address, slug, number)
    if isinstance(edition, HttpResponse):
        return edition
    record = record_context(edition)["record"] if made.resolved else None
    data = made.build(edition, record, EditionItem(edition, site_address(request)).permanent)
    extension = made.name.rpartition(".")[2]
    return attach_file(data, f"{edition.slug}-v{edition.number}{made.suffix}.{extension}", made.content_type)


def download_parts(
    request: HttpRequest, address: str, name: str, extension: str, slug: str = "", number: int | None = None
) -> HttpResponse:
    """What documents list, such as events, as CSV or XLSX: of one record or of all. At most two queries."""
    kind = kind_at(address)
    table = next(each for each in kind.part_tables if each.name == name)
    chosen = FORMATS.get(extension)
    if chosen is None or chosen.name not in ("csv", "xlsx"):
        raise Http404
    rows: Iterable[EditionRow]
    if slug:
        edition = edition_or_response(request, address, slug, number)
        if isinstance(edition, HttpResponse):
            return edition
        rows, kept = [edition], f"{edition.slug}-v{edition.number}-{name}"
    else:
        every = Edition.objects.current().of_kind(kind.code).order_by("sort_key", "pk")
        rows, kept = every.values_list(*EDITION_COLUMNS, named=True).iterator(chunk_size=500), f"{address}-{name}"
    data = write_parts(kind, table, rows, site_address(request), chosen.name)
    return attach_file(data, f"{kept}.{extension}", chosen.content_type)
