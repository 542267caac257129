"""The search over everything published."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.http import urlencode

from failure_lessons.library.filters import searchable
from failure_lessons.library.list_query import CannotAsk, Fault, readable, repeated, strangers
from failure_lessons.library.search import (
    PAGE,
    RANKED,
    WORD,
    SearchFilter,
    Spelling,
    best,
    exact,
    query_for,
    shown,
    spelling,
    synonyms,
)
from failure_lessons.pages.as_of import Moment, moment_asked, page, told
from failure_lessons.pages.facets import address_of, chips, clean, facets, kept, titles_for
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

PAGES = -(-RANKED // PAGE)
KNOWN = ("q", "kind", "phase", "sector", "theme", "synonyms", "page", "as_of")


def search(request: HttpRequest) -> HttpResponse:
    """Everything published, by its words: a jump to an exact code, DOI or title, else the best matches in pages."""
    query = clean(request.GET)
    if query != request.GET:
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)
    try:
        moment, messages = checked(request), []
    except CannotAsk as error:
        query, moment, messages = QueryDict(), None, told(error)
    text = searchable(query.get("q", ""))
    scope = readable(Edition.objects.all(), moment.at if moment else None)
    if text and query.keys() <= {"q", "as_of"} and (found := exact(text, scope)):
        tail = f"?{urlencode({'as_of': moment.text})}" if moment else ""
        return HttpResponseRedirect(f"/{KINDS[found.kind].address}/{found.slug}/{tail}")
    context = {"question": text, "messages": messages, "kept": kept(query), **answer(text, query, moment)}
    return page(request, "failure_lessons/search.html", context, moment, status=400 if messages else 200)


def checked(request: HttpRequest) -> Moment | None:
    """The moment asked for, when everything else in the address makes sense too. Raises `CannotAsk`."""
    query = request.GET
    faults = [*strangers(query, KNOWN), *repeated(query, ("q", "synonyms", "page"))]
    filters = SearchFilter(without_words(query), queryset=Edition.objects.none())
    if not filters.is_valid():
        faults += [Fault(name, f"`{name}`: {reasons[0]}") for name, reasons in filters.errors.items()]
    if query.get("synonyms", "off") != "off":
        faults.append(Fault("synonyms", "`synonyms` is off, or left out."))
    number = query.get("page", "1")
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:4]) <= PAGES and len(number) < 4):
        faults.append(Fault("page", f"`page` is a number from 1 to {PAGES}: add a word to find what lies further."))
    try:
        moment = moment_asked(request)
    except CannotAsk as error:
        faults += error.faults
    if faults:
        raise CannotAsk(faults)
    return moment


def answer(text: str, query: QueryDict, moment: Moment | None) -> dict[str, Any]:
    """What the template shows of a question. At most eight queries, and one for each misspelt word."""
    scope = readable(Edition.objects.all(), moment.at if moment else None)
    also = synonyms(text, scope) if text and "synonyms" not in query else []
    spelt = spelling(text, scope, also) if text else Spelling()
    asked = query_for(text, also, spelt.beginnings)
    filters = SearchFilter(without_words(query), queryset=scope.filter(search=asked) if text else scope.none())
    filters.is_valid()
    keys = best(filters.qs, asked) if text else []
    mended = spelt.mended(text)
    instead = ""
    if text and not keys and mended and not filters.picked:
        # nothing has the words as typed: show at once what the better spelling finds
        instead, asked = mended, query_for(mended, synonyms(mended, scope) if "synonyms" not in query else [])
        filters = SearchFilter(without_words(query), queryset=scope.filter(search=asked))
        filters.is_valid()
        keys = best(filters.qs, asked)
    number = int(query.get("page", "1"))
    part = shown(keys[(number - 1) * PAGE : number * PAGE], asked) if text else []
    for edition in part:
        edition.kind_label = KINDS[edition.kind].label
        edition.address = f"/{KINDS[edition.kind].address}/{edition.slug}/"
    counts = filters.counted()
    titles = titles_for(filters, moment.at if moment else None)
    more = len(keys) > number * PAGE
    return {
        "page": part,
        "total": counts.total,
        "shown": len(keys),
        "facets": facets(filters, counts, titles),
        "chips": chips(filters, without_words(query), titles),
        "also": also,
        "switched_off": query.get("synonyms") == "off",
        "with_synonyms": address_of(query, {"synonyms": []}),
        "without_synonyms": address_of(query, {"synonyms": ["off"]}),
        "mended": mended,
        "mended_address": address_of(query, {"q": [mended]}),
        "instead": instead,
        "any_address": address_of(query, {"q": [" or ".join(known)]})
        if len(known := known_words(text, spelt)) > 1
        else "",
        "everything": address_of(QueryDict(urlencode({"q": text})), {"as_of": [moment.text] if moment else []}),
        "previous": address_of(query, {"page": [str(number - 1)] if number > 2 else []}) if number > 1 else "",
        "next": address_of(query, {"page": [str(number + 1)]}) if more else "",
    }


def known_words(text: str, spelt: Spelling) -> list[str]:
    """The words of a question that something contains."""
    return [word for word in WORD.findall(text) if word.lower() not in spelt.unknown]


def without_words(query: QueryDict) -> QueryDict:
    """The question's choices alone: its words are asked in the search's own way."""
    rest = query.copy()
    rest.pop("q", None)
    return rest
