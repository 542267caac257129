"""The search over everything published."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.http import urlencode
from pyroaring import BitMap64

from failure_lessons.library.facets import build_facets, titles_for
from failure_lessons.library.filters import clean_search_text
from failure_lessons.library.list_query import (
    CannotAsk,
    ParameterError,
    repeated_parameters,
    unknown_parameters,
)
from failure_lessons.library.search import (
    NOTHING_ASKED,
    PAGE,
    RANKED,
    SEARCH_WORD,
    SearchFilter,
    Spelling,
    Understood,
    fetch_headlines,
    find_exact,
    find_results,
    find_results_in_rows,
    order_results,
    understand,
)
from failure_lessons.library.search_scope import SearchScope
from failure_lessons.pages.as_of import Moment, fault_messages, moment_asked, render_at_moment
from failure_lessons.pages.facets import build_chips, clean_query, hidden_parameters, query_with
from failure_lessons.publishing.models import Counts, Edition
from failure_lessons.publishing.registry import KINDS

PAGES = -(-RANKED // PAGE)
SEARCH_PARAMETERS = ("q", "kind", "phase", "sector", "theme", "synonyms", "page", "as_of")


def search_page(request: HttpRequest) -> HttpResponse:
    """Everything published, by its words: a jump to an exact code, DOI or title, else the best matches in pages."""
    query = clean_query(request.GET)
    if query != request.GET:
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)
    try:
        moment, messages = check_search(request), []
    except CannotAsk as error:
        query, moment, messages = QueryDict(), None, fault_messages(error)
    text = clean_search_text(query.get("q", ""))
    scope = SearchScope(moment.at if moment else None)
    if text and query.keys() <= {"q", "as_of"} and (found := find_exact(text, scope)):
        tail = f"?{urlencode({'as_of': moment.text})}" if moment else ""
        return HttpResponseRedirect(f"{found.get_absolute_url()}{tail}")
    context = {
        "question": text,
        "messages": messages,
        "kept": hidden_parameters(query),
        **search_context(text, query, scope, moment),
    }
    return render_at_moment(request, "pages/search.html", context, moment, status=400 if messages else 200)


def check_search(request: HttpRequest) -> Moment | None:
    """The moment asked for, when everything else in the address makes sense too. Raises `CannotAsk`."""
    query = request.GET
    faults = [*unknown_parameters(query, SEARCH_PARAMETERS), *repeated_parameters(query, ("q", "synonyms", "page"))]
    filters = SearchFilter(without_words(query), queryset=Edition.objects.none())
    if not filters.is_valid():
        faults += [ParameterError(name, f"`{name}`: {reasons[0]}") for name, reasons in filters.errors.items()]
    if query.get("synonyms", "off") != "off":
        faults.append(ParameterError("synonyms", "`synonyms` is off, or left out."))
    number = query.get("page", "1")
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:4]) <= PAGES and len(number) < 4):
        faults.append(
            ParameterError("page", f"`page` is a number from 1 to {PAGES}: add a word to find what lies further.")
        )
    try:
        moment = moment_asked(request)
    except CannotAsk as error:
        faults += error.faults
    if faults:
        raise CannotAsk(faults)
    return moment


def search_context(text: str, query: QueryDict, scope: SearchScope, moment: Moment | None) -> dict[str, object]:
    """What the template shows of a question. At most eight queries, and one for each misspelt word."""
    plain = "synonyms" not in query
    understood = understand(text, scope, with_synonyms=plain) if text else NOTHING_ASKED
    also, spelt = understood.also, understood.spelt
    mended = spelt.mend_text(text)
    instead = ""
    if mended and not scope.matches_any(understood.query):
        # nothing has the words as typed: show at once what the better spelling finds
        instead, understood = mended, understand(mended, scope, with_synonyms=plain)
    filters, matching, counts = narrow_results(text, query, scope, understood)
    keys = order_results(scope, matching, understood) if text else []
    number = int(query.get("page", "1"))
    part = fetch_headlines(keys[(number - 1) * PAGE : number * PAGE], understood.query) if text else []
    for edition in part:
        edition.kind_label = KINDS[edition.kind].label  # type: ignore[attr-defined]  # for the template
    titles = titles_for(filters, scope.bitmaps, scope.moment)
    more = len(keys) > number * PAGE
    return {
        "page": part,
        "total": counts.total,
        "shown": len(keys),
        "facets": build_facets(filters, counts, titles),
        "chips": build_chips(filters, without_words(query), titles),
        "also": also,
        "switched_off": query.get("synonyms") == "off",
        "with_synonyms": query_with(query, {"synonyms": []}),
        "without_synonyms": query_with(query, {"synonyms": ["off"]}),
        "mended": mended,
        "mended_address": query_with(query, {"q": [mended]}),
        "instead": instead,
        "any_address": query_with(query, {"q": [" or ".join(known)]})
        if len(known := known_words(text, spelt)) > 1
        else "",
        "everything": query_with(QueryDict(urlencode({"q": text})), {"as_of": [moment.text] if moment else []}),
        "previous": query_with(query, {"page": [str(number - 1)] if number > 2 else []}) if number > 1 else "",
        "next": query_with(query, {"page": [str(number + 1)]}) if more else "",
    }


def narrow_results(
    text: str, query: QueryDict, scope: SearchScope, understood: Understood
) -> tuple[SearchFilter, BitMap64, Counts]:
    """The filters as asked, what they leave of the results, and how many each further choice would give."""
    rows = find_results_in_rows(scope, understood) if text and scope.moment else scope.rows.none()
    filters = SearchFilter(without_words(query), queryset=rows)
    filters.is_valid()
    if scope.moment:
        counts = filters.count_choices_in_rows()
        return filters, BitMap64(filters.qs.order_by().values_list("pk", flat=True)), counts
    found = find_results(scope, understood) if text else BitMap64()
    return filters, filters.narrow_keys(scope.bitmaps, found), filters.count_choices(scope.bitmaps, found)


def known_words(text: str, spelt: Spelling) -> list[str]:
    """The words of a question that something contains."""
    return [word for word in SEARCH_WORD.findall(text) if word.lower() not in spelt.unknown]


def without_words(query: QueryDict) -> QueryDict:
    """The question's choices alone: its words are asked in the search's own way."""
    rest = query.copy()
    rest.pop("q", None)
    return rest
