"""Lists of one kind: filtered, ordered, in pages, now or as they stood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict

from failure_lessons.exports.formats import COLUMNS, FORMATS
from failure_lessons.files.responses import download
from failure_lessons.library.list_query import STANDARD, CannotAsk, Question, ask, orders_of
from failure_lessons.pages.as_of import Moment, page, refused, told
from failure_lessons.pages.facets import address_of, chips, clean, facets, kept, titles_for
from failure_lessons.pages.metadata import list_about
from failure_lessons.pages.records import kind_at
from failure_lessons.publishing.models import Edition, as_it_stood
from failure_lessons.publishing.registry import Kind

PAGE_SIZE = 25
DOWNLOADS = ("csv", "xlsx", "ris", "bibtex", "csl-json", "json")  # what a reader is offered, in this order


def listing(request: HttpRequest, address: str) -> HttpResponse:
    """Records of one kind, filtered and in pages. At most four queries.

    An address with parameters that say nothing leads to the one without them, so that what a form makes can be shared.
    """
    kind = kind_at(address)
    query = clean(request.GET)
    if query != request.GET:
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)
    try:
        question, messages = ask(kind, query), []
    except CannotAsk as error:
        query, messages = QueryDict(), told(error)
        question = ask(kind, query)
    moment = Moment(query.get("as_of", ""), question.moment) if question.moment else None
    introduction = kind.introduction
    about = list_about(request, kind, introduction)
    context = {**shown(question, query), "introduction": introduction, "about": about, "messages": messages}
    return page(request, "failure_lessons/list.html", context, moment, status=400 if messages else 200)


def shown(question: Question, query: QueryDict) -> dict[str, Any]:
    """What the template of a list needs."""
    kind = question.kind
    titles = titles_for(question.filters, question.moment)
    found = question.page(PAGE_SIZE)
    counts = question.counted()
    in_force = chips(question.filters, query, titles)
    return {
        "kind": kind,
        "page": found.editions,
        "previous": address_of(query, {"before": [found.before]}) if found.before else "",
        "next": address_of(query, {"after": [found.after]}) if found.after else "",
        "total": counts.total,
        "facets": facets(question.filters, counts, titles),
        "years": years(question),
        "chips": in_force,
        "question": query.get("q", ""),
        "kept": kept(query),
        "asked": [(name, value) for name, values in clean(query).lists() for value in values if name != "as_of"],
        "orders": orders(kind, question, query),
        "everything": address_of(QueryDict(), {"as_of": query.getlist("as_of")}),
        "gone": gone(question),
        "downloads": [(FORMATS[name], f"export.{FORMATS[name].extension}{tail_of(query)}") for name in DOWNLOADS],
    }


def tail_of(query: QueryDict) -> str:
    """The query string of a download: the same question, from the first record on."""
    tail = address_of(query, {})
    return "" if tail == "." else tail


def export(request: HttpRequest, address: str, extension: str) -> HttpResponseBase:
    """Everything that a list shows on all its pages, as a file: the same question, answered whole. One query."""
    kind = kind_at(address)
    chosen = next((each for each in FORMATS.values() if each.extension == extension and each.holds(kind.code)), None)
    if chosen is None:
        raise Http404
    query = clean(request.GET)
    for name in ("after", "before"):
        query.pop(name, None)
    try:
        question = ask(kind, query)
    except CannotAsk as error:
        return refused(request, error)
    name = f"{kind.address}-as-of-{query['as_of']}" if question.moment else kind.address
    return download(request, chosen, rows_of(question), kind=kind.code, name=name)


def rows_of(question: Question) -> Iterator[Any]:
    """Every record of the answer in its order, fetched as it is written."""
    rows = question.sorted().values_list(*COLUMNS, named=True).iterator(chunk_size=500)
    moment = question.moment
    return (as_it_stood(row, moment) for row in rows) if moment else rows


def years(question: Question) -> list[tuple[str, str, Any]]:
    """The fields for years, where the kind has any: name, label, value."""
    fields = [name for name in ("year_from", "year_to") if name in question.filters.filters]
    return [(name, question.filters.filters[name].label, question.applied.get(name, "")) for name in fields]


def orders(kind: Kind, question: Question, query: QueryDict) -> list[tuple[str, str, str, bool]]:
    """The ways to sort: code, words, address, and whether it is the one in force."""
    return [
        (code, each.label, address_of(query, {"order": [] if each is STANDARD else [code]}), each is question.order)
        for code, each in orders_of(kind).items()
    ]


def gone(question: Question) -> list[Edition]:
    """What stood in a list of the past and was withdrawn since: its name is told, its text is not shown."""
    if question.moment is None:
        return []
    stood = Edition.objects.of_kind(question.kind.code).as_of(question.moment)
    return list(stood.exclude(withdrawn_at=None).without_text().order_by("sort_key", "pk")[:100])
