"""Reading the library by kind: lists, single records as they are or as they were, and their editions.

Answers are the stored documents, spliced as they are: no serializer runs on a read, and nothing that is not an edition
can appear. One pipeline: a question gives rows, a format writes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote_plus, urlencode
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from failure_lessons.api.etags import asked_state
from failure_lessons.api.ndjson_stream import stream_ndjson
from failure_lessons.api.parameters import (
    ANY_ACCEPT,
    API_MAX_PAGE_SIZE,
    API_PAGE_SIZE,
    JSON_FORMAT,
    ResponseOptions,
    parse_bounded_integer,
    parse_ids,
    parse_response_options,
    raise_bad_request,
    refuse_unknown_parameters,
)
from failure_lessons.api.records import RECORD_MEMBERS
from failure_lessons.api.rendering import ANSWER_COLUMNS, render_record, render_with_evidence
from failure_lessons.api.views import LibraryReadView, json_response, mark_cacheable
from failure_lessons.exports.formats import EDITION_COLUMNS as FORMAT_COLUMNS
from failure_lessons.exports.formats.member_tables import MEMBER_WRITERS
from failure_lessons.exports.formats.signposts import data_links, format_link_header
from failure_lessons.exports.responses import stream_download
from failure_lessons.files.responses import attach_file
from failure_lessons.library.facets import Facet, build_facet, titles_for
from failure_lessons.library.list_query import (
    CURSORS,
    CannotAsk,
    ListQuery,
    NotAMoment,
    Page,
    ParameterError,
    empty_parameters,
    parse_as_of,
    parse_list_query,
    repeated_parameters,
)
from failure_lessons.library.orders import STANDARD, cursor_of, place_of
from failure_lessons.problems import ApiProblem
from failure_lessons.publishing.addresses import (
    add_prefix,
    api_edition_path,
    api_record_path,
    edition_path,
    requested_address,
    site_address,
)
from failure_lessons.publishing.dependencies import list_cited_works
from failure_lessons.publishing.identity import find_present_address, find_records_named
from failure_lessons.publishing.models import Edition, EditionQuerySet, as_it_stood
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.publishing.rows import AnswerRow, EditionRow, ListedRow

LARGEST_WORKBOOK = 10_000  # records; a workbook cannot be sent before it is whole
ONE_PIECE = ("xlsx",)
LIST_ALSO = ("limit", "fields", "include", "included_fields", "count", "facets", "format", "headings", "ids")
SHAPING = {*LIST_ALSO} - {"ids"}  # parameters that change how an answer looks
RECORD_SHAPE = ("fields", "include", "included_fields", "format")
RECORD_COLUMNS = (*ANSWER_COLUMNS, "withdrawal_reason")
NAMED_COLUMNS = (*RECORD_COLUMNS, "record_id")


class KindView(LibraryReadView):
    """What the addresses of one kind share."""

    kind: Kind = KINDS["recommendation"]

    def parse_options(
        self, request: HttpRequest, largest: int | None = None
    ) -> tuple[ResponseOptions, list[ParameterError]]:
        """How the answer should look, and what is wrong with that."""
        if not request.GET.keys() & SHAPING and request.META.get("HTTP_ACCEPT", "*/*") in ANY_ACCEPT:
            return ResponseOptions(), []
        kind, members = self.kind, RECORD_MEMBERS[self.kind.code]
        return parse_response_options(
            request.GET, lambda offered: self.choose_format(request, list(offered)), kind, members, largest
        )

    def refusal_or_way(self, request: HttpRequest, problem: HttpResponseBase) -> HttpResponseBase:
        """The way to the record when the address names it by its code or an earlier slug; otherwise the refusal."""
        address = find_present_address(request, self.kind.code) if "slug" in self.kwargs else ""
        return HttpResponse(status=308, headers={"Location": address}) if address else problem

    def require_edition(self, edition: Edition | None) -> Edition:
        """The edition, or the problem that stands in its place."""
        if edition is None:
            raise ApiProblem(404, f"There is no {self.kind.label.lower()} at this address.")
        if edition.withdrawn_at:
            raise withdrawn_problem(edition.withdrawn_at, edition.withdrawal_reason)
        return edition


def withdrawn_problem(at: dt.datetime, reason: str) -> ApiProblem:
    """What stands in the place of a withdrawn edition."""
    return ApiProblem(410, f"Withdrawn on {at:%Y-%m-%d}: {reason}", withdrawn_at=at.isoformat())


class RecordList(KindView):
    """The records of a kind: a page of them in JSON, all of them in any other format."""

    reads_state = False

    def get(self, request: Request) -> HttpResponseBase:
        asked = request._request
        if asked.GET.keys() <= {"limit"} and asked.META.get("HTTP_ACCEPT", "*/*") in ANY_ACCEPT:
            # all current records, as most ask for them: a filter set of twelve fields would cost more than the page
            limit, faults = parse_bounded_integer(asked.GET, "limit", API_PAGE_SIZE, API_MAX_PAGE_SIZE)
            raise_bad_request(asked, [*repeated_parameters(asked.GET, ("limit",)), *faults], self.kind)
            return self.render_page(asked, None, ResponseOptions(), self.first_page(asked, None, limit), {})
        wish, faults = self.parse_options(asked, API_MAX_PAGE_SIZE)
        ids, wrong = parse_ids(asked.GET)
        named: dict[str, set[UUID]] = {}
        question = self.parse_list_query(asked, faults + wrong)
        if ids:
            found = find_records_named(ids, self.kind.code)
            named = {each: {record for _, record in found.get(each, ())} for each in ids}
            question = question.narrowed_to(Q(record_id__in=set().union(*named.values())))
        if wish.format is not JSON_FORMAT:
            asked_state(asked)
            return self.export_file(asked, question, wish)
        limit = API_MAX_PAGE_SIZE if ids else wish.limit or API_PAGE_SIZE
        if question.is_plain and not ids:
            page = self.first_page(asked, question, limit)
        else:
            page = self.filtered_page(asked, question, limit, RECORD_COLUMNS if not ids else NAMED_COLUMNS)
        return self.render_page(asked, question, wish, page, named)

    def parse_list_query(self, request: HttpRequest, faults: list[ParameterError]) -> ListQuery:
        """What is asked for, or a 400 problem with everything that is wrong."""
        try:
            question = parse_list_query(self.kind, request.GET, also=LIST_ALSO)
        except CannotAsk as error:
            faults = [*error.faults, *faults]
            raise_bad_request(request, [*faults, *empty_parameters(request.GET, faults)], self.kind)
            raise
        raise_bad_request(request, [*faults, *empty_parameters(request.GET, faults)], self.kind)
        return question

    def first_page(self, request: HttpRequest, question: ListQuery | None, limit: int) -> Page[ListedRow]:
        """A page of all current records in the standard order: one query, written out, which tells the state too."""
        start = place_of(self.kind.code, STANDARD, question.start[1]) if question and question.start else None
        rows = Edition.objects.first_page_raw(self.kind.code, ANSWER_COLUMNS, start, limit + 1)
        if not rows:  # nothing that could tell it
            asked_state(request)
            rows = Edition.objects.first_page_raw(self.kind.code, ANSWER_COLUMNS, start, limit + 1)
        page = rows[:limit]
        return Page(
            page,
            before=cursor_of(STANDARD, page[0]) if page and start else "",
            after=cursor_of(STANDARD, page[-1]) if len(rows) > limit else "",
            library=(page[0].library, page[0].library_at) if page else None,
        )

    def filtered_page(
        self, request: HttpRequest, question: ListQuery, limit: int, columns: tuple[str, ...]
    ) -> Page[ListedRow]:
        """A page of what answers; the rows of a first page tell the state too, where there are any."""
        if not question.start and (page := question.page(limit, columns)).library:
            return page
        asked_state(request)
        return question.page(limit, columns)

    def render_page(
        self,
        request: HttpRequest,
        question: ListQuery | None,
        wish: ResponseOptions,
        page: Page[ListedRow],
        named: Mapping[str, set[UUID]],
    ) -> HttpResponse:
        """A page as JSON."""
        base = site_address(request)
        beneath: list[bytes] = []
        if wish.evidence:
            records, beneath = render_with_evidence(page.editions, base, wish.fields, wish.included_fields)
        else:
            records = [render_record(row, base, wish.fields) for row in page.editions]
        following, preceding = (cursor_page_address(request, name, getattr(page, name)) for name in ("after", "before"))
        rest: dict[str, object] = {
            "next": following,
            "previous": preceding,
            "filters": {**question.applied, **({"ids": [*named]} if named else {})} if question else {},
        }
        if wish.exact_count and question:
            rest["count"] = question.count_answers()
        if wish.facets and question:
            rest["facets"] = count_facets(question, wish.facets)
        if named:
            there = {row.record_id for row in page.editions}
            rest["missing"] = [each for each, records in named.items() if not records & there]
        body = b'{"results":[' + b",".join(records) + b"]," + orjson.dumps(rest, option=orjson.OPT_UTC_Z)[1:]
        if wish.evidence:
            body = body[:-1] + b',"included":[' + b",".join(beneath) + b"]}"
        answer = HttpResponse(body, content_type=JSON_FORMAT.content_type)
        links = {
            "next": following,
            "prev": preceding,
            "first": cursor_page_address(request, "", "x") if preceding else None,
        }
        if any(links.values()):
            answer["Link"] = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links.items() if address)
        if page.library:  # so that nobody has to ask for it
            answer.library_state = page.library  # type: ignore[attr-defined]  # read by `etags`
        return mark_cacheable(answer)

    def export_file(self, request: HttpRequest, question: ListQuery, wish: ResponseOptions) -> HttpResponseBase:
        """Every record that answers, in another format than JSON; or a page of them, when a page is asked for."""
        rows: Iterable[EditionRow]
        chosen = wish.format
        if wish.headings == "members":
            chosen = replace(chosen, write=MEMBER_WRITERS[chosen.name])
        if wish.limit or question.start:
            rows = [
                row
                for row in question.page(wish.limit or API_PAGE_SIZE, RECORD_COLUMNS).editions
                if not row.withdrawn_at
            ]
        else:
            every = question.sorted_editions().filter(withdrawn_at=None)
            if chosen.name == "ndjson" and not question.moment:
                chosen = replace(chosen, write=stream_ndjson)
            if chosen.name in ONE_PIECE and every[LARGEST_WORKBOOK:].exists():
                words = f"That is more than {LARGEST_WORKBOOK:,} records, too many for one {wish.format.label}."
                advice = "Ask for fewer, or for CSV, which spreadsheets open too."
                raise_bad_request(request, [ParameterError("format", f"{words} {advice}", "format=csv")], self.kind)
            rows = every if chosen.write is stream_ndjson else stream_rows(every, question.moment)
        name, kind = f"failure-lessons-{self.kind.api_address}", self.kind.code
        if wish.evidence:
            rows, name, kind = list_cited_works(row.pk for row in rows), f"{name}-sources", "reference"
        return mark_cacheable(stream_download(request, chosen, rows, kind=kind, name=name))


def count_facets(question: ListQuery, names: Iterable[str]) -> dict[str, Facet]:
    """How many records each further choice of these filters would give, as the pages of lists show."""
    counts, titles = question.count_choices(), titles_for(question.filters, question.bitmaps, question.moment)
    filters, terms = question.filters, question.filters.term_filters()
    given = filters.picked_codes
    return {name: build_facet(name, terms[name], given, counts, titles) for name in names}


def stream_rows(editions: EditionQuerySet, moment: dt.datetime | None) -> Iterator[EditionRow]:
    """Rows from a cursor of the database server, so that memory does not grow with their number."""
    with transaction.atomic():  # a cursor lives within a transaction
        rows = editions.values_list(*FORMAT_COLUMNS, named=True).iterator(chunk_size=2000)
        yield from (as_it_stood(row, moment) for row in rows) if moment else rows


def cursor_page_address(request: HttpRequest, name: str, cursor: str) -> str | None:
    """The address of the page at a cursor; without a name, of the first page."""
    if not cursor:
        return None
    if name and not request.GET:  # as most ask: copying a query costs more than writing one
        return f"{requested_address(request)}?{name}={quote_plus(cursor)}"
    asked = [(each, values) for each, values in request.GET.lists() if each not in CURSORS]
    query = urlencode([*asked, (name, [cursor])] if name else asked, doseq=True)
    address = requested_address(request)
    return f"{address}?{query}" if query else address


class RecordDetail(KindView):
    """One record: its current edition, or the one that was current at a moment (`as_of`)."""

    def get(self, request: Request, slug: str) -> HttpResponse:
        asked = request._request
        wish, faults = self.parse_options(asked)
        refuse_unknown_parameters(asked, ("as_of", *RECORD_SHAPE))
        moment = None
        if "as_of" in asked.GET:
            try:
                moment = parse_as_of(asked.GET["as_of"])
            except NotAMoment as error:
                faults += error.faults
        raise_bad_request(asked, faults, self.kind)
        if "\0" in slug:
            raise ApiProblem(404, "There is nothing at this address.")
        if moment:
            return edition_response(asked, wish, self.found_at(slug, moment))
        edition = self.require_edition(
            Edition.objects.at_address(self.kind.code, slug).only(*RECORD_COLUMNS, "record_id").first()
        )
        if edition.superseded_at:
            return self.redirect_to_current(asked, edition)
        return edition_response(asked, wish, edition)

    def found_at(self, slug: str, moment: dt.datetime) -> Edition:
        """The edition that stood at this address at a moment."""
        rows = Edition.objects.at_address(self.kind.code, slug).only(*RECORD_COLUMNS)
        then = rows.as_of(moment).order_by("-number").first()
        if then is None:
            self.require_edition(rows.first())
            raise ApiProblem(404, "Nothing was published at this address at that time.")
        return self.require_edition(then)

    def redirect_to_current(self, request: HttpRequest, edition: Edition) -> HttpResponse:
        """The way to the address under which a record is published now."""
        current = Edition.objects.current().filter(record_id=edition.record_id).only("slug").first()
        if current is None:
            raise ApiProblem(404, f"There is no {self.kind.label.lower()} at this address any more.")
        query = request.META.get("QUERY_STRING", "")
        address = add_prefix(api_record_path(self.kind.code, current.slug))
        return HttpResponse(status=308, headers={"Location": f"{address}?{query}" if query else address})


class EditionDetail(KindView):
    """One numbered edition, current or not."""

    def get(self, request: Request, slug: str, number: int) -> HttpResponse:
        asked = request._request
        wish, faults = self.parse_options(asked)
        refuse_unknown_parameters(asked, RECORD_SHAPE)
        raise_bad_request(asked, faults, self.kind)
        if number >= 2**31 or "\0" in slug:
            raise ApiProblem(404, "There is no such edition.")
        rows = Edition.objects.at_address(self.kind.code, slug).filter(number=number).only(*RECORD_COLUMNS)
        return edition_response(asked, wish, self.require_edition(rows.first()))


def edition_response(request: HttpRequest, wish: ResponseOptions, row: AnswerRow) -> HttpResponse:
    """A single edition in the format that was asked for, or the sources of one for a reference manager."""
    base = site_address(request)
    if wish.evidence and wish.format is not JSON_FORMAT:
        name = f"{row.kind}-{row.slug}-v{row.number}-sources"
        data = b"".join(wish.format.write(list_cited_works([row.pk]), base, "reference"))
        answer = attach_file(data, f"{name}.{wish.format.extension}", wish.format.content_type)
        answer["Link"] = format_link_header(data_links(row, base))
        return mark_cacheable(answer)
    if wish.format is not JSON_FORMAT:
        name = f"{row.kind}-{row.slug}-v{row.number}"
        answer = HttpResponse(wish.format.write_one(row, base), content_type=wish.format.content_type)
        answer["Content-Disposition"] = f'attachment; filename="{name}.{wish.format.extension}"'
    elif wish.evidence:
        (record,), beneath = render_with_evidence([row], base, wish.fields, wish.included_fields)
        told = record[:-1] + (b"" if record == b"{}" else b",")  # of the members asked for it may have none
        body = told + b'"included":[' + b",".join(beneath) + b"]}"
        answer = HttpResponse(body, content_type=JSON_FORMAT.content_type)
        answer["Link"] = format_link_header(data_links(row, base))
        return mark_cacheable(answer)
    else:
        answer = HttpResponse(render_record(row, base, wish.fields), content_type=JSON_FORMAT.content_type)
    answer["Link"] = format_link_header(data_links(row, base))
    # the note too: words may have been taken out of it
    tag = (row.sha256, row.note, row.number, row.published_at, row.superseded_at, row.evidence_changed_at)
    return mark_cacheable(answer, tag=tag)


class EditionList(KindView):
    """Every edition of a record, newest first, without the documents."""

    known = ("limit", "before")

    def get(self, request: Request, slug: str) -> HttpResponse:
        asked = self.check_request(request)
        limit, faults = parse_bounded_integer(asked.GET, "limit", API_MAX_PAGE_SIZE, API_MAX_PAGE_SIZE)
        before, wrong = parse_bounded_integer(asked.GET, "before", 99_999, 99_999)
        raise_bad_request(asked, [*faults, *wrong], self.kind)
        if "\0" in slug:
            raise ApiProblem(404, "There is nothing at this address.")
        known = Edition.objects.at_address(self.kind.code, slug).only("record_id", "withdrawn_at", "withdrawal_reason")
        record = self.require_edition(known.first())
        rows = list(
            Edition.objects.filter(record_id=record.record_id, **({"number__lt": before} if before < 99_999 else {}))
            .order_by(F("number").desc())
            .without_text()[: limit + 1]
        )
        page, base = rows[:limit], site_address(asked)
        following = None
        if len(rows) > limit:
            query = asked.GET.copy()
            query["before"] = str(page[-1].number)
            following = f"{requested_address(asked)}?{query.urlencode()}"
        answer = json_response({"results": [edition_about(row, base) for row in page], "next": following})
        if following:
            answer["Link"] = f'<{following}>; rel="next"'
        return mark_cacheable(answer)


def edition_about(row: Edition, base: str) -> dict[str, object]:
    """What is known about an edition, without what it says."""
    return {
        "kind": row.kind,
        "slug": row.slug,
        "title": row.public_title,
        "status": "withdrawn" if row.withdrawn_at else "superseded" if row.superseded_at else "current",
        "number": row.number,
        "revision": row.revision,
        "sha256": row.sha256,
        "published_at": row.published_at,
        "superseded_at": row.superseded_at,
        "withdrawn_at": row.withdrawn_at,
        "evidence_changed_at": row.evidence_changed_at,
        "change": row.change,
        "note": "" if row.withdrawn_at else row.note,
        "url": base + api_edition_path(row.kind, row.slug, row.number),
        "page": base + edition_path(row.kind, row.slug, row.number),
    }
