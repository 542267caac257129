"""Lists of one kind: filtered, ordered, in pages, now or as they stood."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict

from failure_lessons.exports.formats import EDITION_COLUMNS, FORMATS
from failure_lessons.exports.responses import stream_download
from failure_lessons.library.facets import build_facets, titles_for
from failure_lessons.library.list_query import CannotAsk, ListQuery, parse_list_query
from failure_lessons.library.orders import STANDARD, orders_of
from failure_lessons.pages.as_of import Moment, fault_messages, refuse_query, render_at_moment
from failure_lessons.pages.facets import build_chips, clean_query, hidden_parameters, query_with
from failure_lessons.pages.metadata import list_metadata, table_files
from failure_lessons.pages.records import kind_at
from failure_lessons.publishing.models import Edition, as_it_stood
from failure_lessons.publishing.registry import Kind
from failure_lessons.publishing.rows import EditionRow

LIST_PAGE_SIZE = 25
CARD_COLUMNS = (
    *("pk", "kind", "slug", "code", "number", "title", "summary", "terms"),
    *("evidence_changed_at", "withdrawn_at"),
)
DOWNLOADS = ("csv", "xlsx", "ris", "bibtex", "csl-json", "json")  # what a reader is offered, in this order


def list_page(request: HttpRequest, address: str) -> HttpResponse:
    """Records of one kind, filtered and in pages. At most five queries.

    An address with parameters that say nothing leads to the one without them, so that what a form makes can be shared.
    """
    kind = kind_at(address)
    query = clean_query(request.GET)
    if query != request.GET:
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)
    try:
        question, messages = parse_list_query(kind, query), []
    except CannotAsk as error:
        query, messages = QueryDict(), fault_messages(error)
        question = parse_list_query(kind, query)
    moment = Moment(query.get("as_of", ""), question.moment) if question.moment else None
    introduction = kind.introduction
    about = list_metadata(request, kind, introduction)
    context = {**list_context(question, query), "introduction": introduction, "about": about, "messages": messages}
    return render_at_moment(request, "pages/list.html", context, moment, status=400 if messages else 200)


def list_context(question: ListQuery, query: QueryDict) -> dict[str, object]:
    """What the template of a list needs."""
    kind = question.kind
    titles = titles_for(question.filters, question.bitmaps, question.moment)
    found = question.page(LIST_PAGE_SIZE, CARD_COLUMNS)
    counts = question.count_choices()
    in_force = build_chips(question.filters, query, titles)
    facets, years = build_facets(question.filters, counts, titles), year_fields(question)
    return {
        "kind": kind,
        "page": found.editions,
        "previous": query_with(query, {"before": [found.before]}) if found.before else "",
        "next": query_with(query, {"after": [found.after]}) if found.after else "",
        "total": counts.total,
        "facets": facets,
        "titles": titles,
        "years": years,
        "swapped": "".join([*(f",#{name}" for name, _, _ in years), *(f",#facet-{each.name}" for each in facets)]),
        "chips": in_force,
        "question": query.get("q", ""),
        "kept": hidden_parameters(query, question.filters.day_filters()),
        "asked": [(name, value) for name, values in clean_query(query).lists() for value in values if name != "as_of"],
        "orders": order_links(kind, question, query),
        "everything": query_with(QueryDict(), {"as_of": query.getlist("as_of")}),
        "gone": withdrawn_since(question),
        "tables": [(each.label, table_files(kind, each, "all")) for each in kind.part_tables],
        "downloads": [(FORMATS[name], f"export.{FORMATS[name].extension}{tail_of(query)}") for name in DOWNLOADS],
    }


def tail_of(query: QueryDict) -> str:
    """The query string of a download: the same question, from the first record on."""
    tail = query_with(query, {})
    return "" if tail == "." else tail


def export_list(request: HttpRequest, address: str, extension: str) -> HttpResponseBase:
    """Everything that a list shows on all its pages, as a file: the same question, answered whole. One query."""
    kind = kind_at(address)
    chosen = next((each for each in FORMATS.values() if each.extension == extension and each.holds(kind.code)), None)
    if chosen is None:
        raise Http404
    query = clean_query(request.GET)
    for name in ("after", "before"):
        query.pop(name, None)
    try:
        question = parse_list_query(kind, query)
    except CannotAsk as error:
        return refuse_query(request, error)
    name = f"{kind.address}-as-of-{query['as_of']}" if question.moment else kind.address
    return stream_download(request, chosen, stream_list_rows(question), kind=kind.code, name=name)


def stream_list_rows(question: ListQuery) -> Iterator[EditionRow]:
    """Every record of the answer in its order, fetched as it is written."""
    rows = question.sorted_editions().values_list(*EDITION_COLUMNS, named=True).iterator(chunk_size=500)
    moment = question.moment
    return (as_it_stood(row, moment) for row in rows) if moment else rows


def year_fields(question: ListQuery) -> list[tuple[str, str, object]]:
    """The fields for years, where the kind has any: name, label, value."""
    fields = [name for name in ("year_from", "year_to") if name in question.filters.filters]
    return [(name, question.filters.filters[name].label, question.applied.get(name, "")) for name in fields]


def order_links(kind: Kind, question: ListQuery, query: QueryDict) -> list[tuple[str, str, str, bool]]:
    """The ways to sort: code, words, address, and whether it is the one in force."""
    return [
        (code, each.label, query_with(query, {"order": [] if each is STANDARD else [code]}), each is question.order)
        for code, each in orders_of(kind).items()
    ]


def withdrawn_since(question: ListQuery) -> list[Edition]:
    """What stood in a list of the past and was withdrawn since: its name is told, its text is not shown."""
    if question.moment is None:
        return []
    stood = Edition.objects.of_kind(question.kind.code).as_of(question.moment)
    return list(stood.exclude(withdrawn_at=None).without_text().order_by("sort_key", "pk")[:100])
