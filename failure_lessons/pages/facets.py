"""The filters of a list as its form shows them: chips for what is in force, and query strings with and without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import QueryDict

from failure_lessons.library.facets import Titles, labels_of
from failure_lessons.library.filters import DayFilter, EditionFilter, YearFilter
from failure_lessons.library.orders import STANDARD


@dataclass(frozen=True)
class Chip:
    """A choice in force, and the address without it."""

    name: str
    value: str
    without: str


def build_chips(filters: EditionFilter, query: QueryDict, titles: Titles) -> list[Chip]:
    """Everything that narrows the list, each with the query string without it."""
    found = []
    if words := query.get("q", ""):
        found.append(Chip("Words", words, query_without(query, "q", words)))
    picked = filters.picked_codes
    for name, each in filters.term_filters().items():
        labels = labels_of(each, titles) if each.term in picked else {}
        for code in picked.get(each.term, []):
            found.append(Chip(str(each.label), labels.get(code, code), query_without(query, name, code)))
    for named in query.getlist("rests_on"):
        found.append(Chip("Rests on", named, query_without(query, "rests_on", named)))
    for name, declared in filters.filters.items():
        if isinstance(declared, YearFilter | DayFilter) and (year := query.get(name, "")):
            found.append(Chip(str(declared.label), year, query_without(query, name, year)))
    return found


def query_without(query: QueryDict, name: str, value: str) -> str:
    """The query string without this value, from the first page."""
    return query_with(query, {name: [other for other in query.getlist(name) if other != value]})


def query_with(query: QueryDict, changes: Mapping[str, Iterable[str]]) -> str:
    """The query string with these parameters in place of the old ones, from the first page; `.` when it is empty."""
    changed = query.copy()
    for name in ("after", "before", "page"):
        changed.pop(name, None)
    for name, values in changes.items():
        changed.setlist(name, list(values))
    return f"?{changed.urlencode()}" if changed.urlencode() else "."


def clean_query(query: QueryDict) -> QueryDict:
    """The query string without what says nothing: fields left empty, repeated choices, the standard order."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        filled = [value for value in dict.fromkeys(values) if value.strip()]
        if name == "order" and filled == [STANDARD.code]:
            continue
        if filled:
            kept.setlist(name, filled)
    return kept


def hidden_parameters(query: QueryDict, days: Iterable[str] = ()) -> list[tuple[str, str]]:
    """What a form of filters has to carry along, as it has no field for it: `days` are filters that take one."""
    names = ("order", "as_of", "synonyms", "rests_on", *days)
    return [(name, value) for name in names for value in query.getlist(name)]
