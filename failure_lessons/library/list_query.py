"""What a reader asks of a list. One query string means the same records as a page, through the API and as a download.

A question is a filter set over editions, an order, and perhaps a moment in the past (`as_of`). Pages of the answer are
cut by keyset: a cursor holds the values by which the last record was sorted, so that no page repeats or loses a record
while others are published.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Generic, TypeVar, cast, overload
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from pyroaring import BitMap64

from failure_lessons.database.prepared import AnyValue, fetch_often
from failure_lessons.hints import advise_on_pages, format_hint, nearest_name, nearest_parameter
from failure_lessons.library.filters import DayFilter, EditionFilter, TermFilter, YearFilter, ends_of_spans
from failure_lessons.library.first_keys import HASH_COLUMN, NO_KEYS, SnapshotIsOld, editions_by_keys, find_first_keys
from failure_lessons.library.orders import (
    STANDARD,
    Order,
    SortedRow,
    cursor_of,
    directed_orders_of,
    place_of,
)
from failure_lessons.library.term_bitmaps import TermBitmaps, held_term_bitmaps, read_term_bitmaps
from failure_lessons.publishing.models import (
    NEWEST_REVISION,
    Counts,
    Edition,
    EditionQuerySet,
    as_it_stood,
    row_type,
)
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.publishing.rows import KnownRow, ListedRow
from failure_lessons.types import JSONObject

EARLIEST = dt.datetime(1, 1, 3, tzinfo=dt.UTC)  # beyond these, time zones lead out of the calendar
LATEST = dt.datetime(9999, 12, 29, tzinfo=dt.UTC)
# The forms of a day and a time in RFC 3339, as the contract says; `parse_date` takes weeks and other digits too.
MOMENT_PATTERN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2}))?"
)
UNENCODED_OFFSET = re.compile(r"T\S+ [0-9]{2}:?[0-9]{2}$")
CURSORS = ("after", "before")
SINGLE = ("q", "order", "as_of")  # parameters that can be given once, as cursors can


@dataclass(frozen=True)
class ParameterError:
    """One thing wrong with a question: where, in words for the reader, and a query string that works.

    `meant` is the parameter that somebody may have meant by one that nobody knows (`is_unknown`).
    """

    parameter: str
    text: str
    example: str = ""
    meant: str = ""
    is_unknown: bool = False


class CannotAsk(Exception):
    """The question makes no sense. `faults` holds every reason."""

    def __init__(self, faults: Sequence[ParameterError]) -> None:
        super().__init__(" ".join(fault.text for fault in faults))
        self.faults = list(faults)


class NotAMoment(CannotAsk):
    """`as_of` names no moment."""

    def __init__(self, text: str) -> None:
        words = "`as_of` is a day such as 2026-11-25, or a time with its offset such as 2026-11-25T09:30:00Z."
        if UNENCODED_OFFSET.search(text):
            words += " In an address `+` is written `%2B`."
        super().__init__([ParameterError("as_of", words, f"as_of={timezone.localdate():%Y-%m-%d}")])


Row = TypeVar("Row")
Sorted = TypeVar("Sorted", bound=SortedRow)


def filters_of(kind: Kind) -> type[EditionFilter]:
    """What lists of a kind can be filtered by: its words at least."""
    return cast("type[EditionFilter]", kind.filters or EditionFilter)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of an answer, with cursors to the pages beside it (empty at the ends)."""

    editions: list[Row]
    before: str = ""
    after: str = ""
    library: tuple[int, dt.datetime] | None = None  # the revision that was read and its time, where they are known


@dataclass(frozen=True)
class ListQuery:
    """A list asked for: which editions, in which order, at which moment (None: now), under which filters."""

    kind: Kind
    filters: EditionFilter
    order: Order = STANDARD
    moment: dt.datetime | None = None
    applied: JSONObject = field(default_factory=dict)
    start: tuple[str, ...] = ()  # ("after" or "before", cursor)
    condition: Q | None = None  # that editions fulfil beside the filters
    written: dict[object, tuple[str, tuple[object, ...]]] = field(default_factory=dict, compare=False)  # its SQL

    @cached_property
    def editions(self) -> EditionQuerySet:
        """Every edition that answers, in no order yet."""
        matching: EditionQuerySet = self.filters.qs
        return matching if self.condition is None else matching.filter(self.condition)

    @cached_property
    def bitmaps(self) -> TermBitmaps:
        """Which editions carry which term, as the library is now."""
        return read_term_bitmaps()

    def narrowed_to(self, condition: Q) -> ListQuery:
        """The same question about fewer editions: those that fulfil a condition too."""
        return replace(self, written={}, condition=condition if self.condition is None else self.condition & condition)

    @property
    def is_plain(self) -> bool:
        """Whether it asks for all current records of the kind in the standard order, from the start or forwards."""
        return not self.applied and self.start[:1] != ("before",)

    def sorted_editions(self) -> EditionQuerySet:
        """Every edition that answers, in order."""
        return self.order.sort(self.editions)

    def as_they_stood(self, rows: Iterable[Row]) -> list[Row]:
        """These editions (or named rows) without the marks they got after the question's moment."""
        return [as_it_stood(row, self.moment) for row in rows] if self.moment else list(rows)

    def count_answers(self) -> int:
        """How many editions answer: the bitmaps know, unless it is asked of the past or narrowed by a condition."""
        if self.moment or self.condition is not None:
            return self.editions.order_by().count()
        question = ("number", self.kind.code, self.filters.day, self.filters.given)
        return self.bitmaps.keep_counts(question, lambda: len(self.find_answering(self.bitmaps)))

    def count_choices(self) -> Counts:
        """How many editions answer, and how many each further choice would give."""
        if self.moment:
            return self.filters.count_choices_in_rows()
        if not self.filters.are_of_terms:
            return self.filters.count_among(self.bitmaps, self.bitmaps.everything)
        question = ("choices", self.kind.code, self.filters.day, self.filters.given)
        return self.bitmaps.keep_sums(question, self.filters.count_among)

    @overload
    def page(self, limit: int) -> Page[Edition]: ...
    @overload
    def page(self, limit: int, columns: Sequence[str]) -> Page[ListedRow]: ...
    def page(self, limit: int, columns: Sequence[str] = ()) -> Page[Edition] | Page[ListedRow]:
        """The page at the question's cursor, of at most `limit` editions: one query.

        With `columns`, named rows of these instead of model instances without their long texts; those of the first page
        tell which revision of the library was read.
        """
        if columns and not self.start:
            first: Sequence[ListedRow] = self.fetch_known(limit, columns) or self.fetch_first(limit, columns)
            page = self.cut_page(first, limit, backwards=False)
            read = (first[0].library, first[0].library_at) if first else None
            return Page(page.editions, page.before, page.after, read)
        backwards = self.start[:1] == ("before",)
        rows = self.order.sort(self.editions, backwards=backwards)
        if self.start:
            place = place_of(self.kind.code, self.order, self.start[1])
            rows = rows.filter(self.order.condition_beyond(place, backwards=backwards))
        if columns:
            needed = (name for name in ("kind", *(key.name for key in self.order.keys)) if name not in columns)
            return self.cut_page(rows.values_list(*columns, *needed, named=True)[: limit + 1], limit, backwards)
        return self.cut_page(rows.without_text()[: limit + 1], limit, backwards)

    def fetch_first(self, limit: int, columns: Sequence[str]) -> Sequence[ListedRow]:
        """The first rows of the answer, one more than `limit`. One query."""
        return self.fetch_rows("first", self.editions, self.first_columns(columns), limit)

    def fetch_known(self, limit: int, columns: Sequence[str]) -> Sequence[ListedRow]:
        """The same rows by their keys, of which the bitmaps tell the first; none where they are older than the library.

        One query, and up to three after a publication.
        """
        if self.moment or self.condition is not None or not self.filters.are_of_terms:
            return []
        bitmaps = self.__dict__.get("bitmaps") or held_term_bitmaps()
        for _ in range(2 if bitmaps.head.number else 0):  # where nothing was read yet, nobody waits for it here
            with suppress(SnapshotIsOld):
                keys = self.find_keys(bitmaps, limit + 1)
                if not keys:
                    return []
                rows = self.fetch_keys(keys, limit, columns)
                if rows and rows[0].library_sha256 == bitmaps.head.sha256:
                    return rows
            bitmaps = read_term_bitmaps()
        return []

    def find_keys(self, bitmaps: TermBitmaps, wanted: int) -> Sequence[int] | None:
        """The keys among which the first `wanted` answers are; None where they lie too far. One query at most."""
        kind, order = self.kind.code, self.order
        return bitmaps.keep_counts(
            ("first", kind, order.code, wanted, self.filters.day, self.filters.given),
            lambda: find_first_keys(bitmaps, kind, order, self.find_answering(bitmaps), wanted),
        )

    def find_answering(self, bitmaps: TermBitmaps) -> BitMap64:
        """The editions that answer now, where no moment or condition narrows them."""
        return self.filters.narrow_keys(bitmaps, bitmaps.keys_of(f"kind:{self.kind.code}"))

    def fetch_keys(self, keys: Sequence[int], limit: int, columns: Sequence[str]) -> list[KnownRow]:
        """The first of the editions with these keys, in order, each with the hash of the library. One query."""
        names = (*self.first_columns(columns), *HASH_COLUMN)
        return self.fetch_rows("by keys", editions_by_keys(), names, limit, keys)

    def fetch_rows(
        self, which: str, editions: EditionQuerySet, names: tuple[str, ...], limit: int, keys: Sequence[int] = ()
    ) -> list[KnownRow]:
        """The first rows, one more than `limit`, of editions: one query, which is written once for a question."""
        shape = (which, self.order.code, names, limit)
        if shape not in self.written:
            rows = self.order.sort(editions.annotate(**NEWEST_REVISION)).values_list(*names)[: limit + 1]
            try:
                self.written[shape] = rows.query.sql_with_params()
            except EmptyResultSet:  # nothing can answer, whatever there is: there is no statement to ask
                return []
        sql, values = self.written[shape]
        filled = [AnyValue("bigint[]", keys) if each == NO_KEYS else each for each in values]
        return [*map(row_type(names)._make, fetch_often(connections[Edition.objects.db], sql, filled))]

    def first_columns(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The columns of first rows: what is asked for, what cursors need, and the revision that was read."""
        return (*columns, *(key.name for key in self.order.keys if key.name not in columns), *NEWEST_REVISION)

    def cut_page(self, rows: Iterable[Sorted], limit: int, backwards: bool) -> Page[Sorted]:
        """A page of `limit` of these rows, one more of which may say that there is another page."""
        found = self.as_they_stood(rows)
        more, page = len(found) > limit, found[:limit]
        if backwards:
            page.reverse()
        return Page(
            page,
            before=cursor_of(self.order, page[0]) if page and (more if backwards else self.start) else "",
            after=cursor_of(self.order, page[-1]) if page and (self.start if backwards else more) else "",
        )


def parse_as_of(text: str) -> dt.datetime:
    """The moment that `as_of` names: the end of a day, or a time with its offset. Raises `NotAMoment`."""
    if not MOMENT_PATTERN.fullmatch(text):
        raise NotAMoment(text)
    try:
        day = parse_date(text)
        moment = timezone.make_aware(dt.datetime.combine(day, dt.time.max)) if day else parse_datetime(text)
        if moment is None or moment.tzinfo is None:
            raise NotAMoment(text)
    except (ValueError, OverflowError):
        raise NotAMoment(text) from None
    try:
        return min(max(moment.astimezone(dt.UTC), EARLIEST), LATEST)  # PostgreSQL knows no offset of sixteen hours
    except OverflowError:
        return EARLIEST if moment.year == dt.MINYEAR else LATEST


def unknown_parameter(name: str, known: Sequence[str]) -> ParameterError:
    """The fault of a parameter nobody knows."""
    near = nearest_parameter(name, known)
    some = f" Known here: {', '.join(known)}." if known else " This address takes no parameters."
    hint = format_hint(near, quotes="``") + advise_on_pages(name, known)
    words = f"There is no parameter `{name[:80]}`.{hint}{some}"
    return ParameterError(name[:80], words, meant=near, is_unknown=True)


def unknown_parameters(query: QueryDict, known: Sequence[str]) -> list[ParameterError]:
    """A fault for each parameter that is not among `known`."""
    return [unknown_parameter(name, known) for name in query if name not in known]


def repeated_parameters(query: QueryDict, single: Iterable[str]) -> list[ParameterError]:
    """A fault for each parameter that can be given once and was given more often."""
    return [
        ParameterError(name, f"`{name}` was given more than once.") for name in single if len(query.getlist(name)) > 1
    ]


def empty_parameters(query: QueryDict, told: Iterable[ParameterError] = ()) -> list[ParameterError]:
    """A fault for each parameter that was given without a value, where `told` holds none for it yet.

    A program's variable that was never set would otherwise bring everything. (Forms of pages send such: pages and their
    downloads take them for “any”.)
    """
    known = {fault.parameter for fault in told}
    return [
        ParameterError(name, f"`{name[:80]}` is empty: give it a value or leave it out.")
        for name, values in query.lists()
        if name not in known and not all(values)
    ]


def working_example(filterset: type[EditionFilter], name: str) -> str:
    """A query string that works, for a filter that was given something wrong."""
    chosen = filterset.base_filters.get(name)
    if isinstance(chosen, YearFilter):
        return urlencode({name: 2016})
    if isinstance(chosen, DayFilter):
        return urlencode({name: f"{timezone.localdate():%Y-%m-%d}"})
    if isinstance(chosen, TermFilter):
        return urlencode({name: next(iter(chosen.vocabulary.values))})
    return urlencode({name: "E1-F1" if name == "rests_on" else "workforce"})


def readable_editions(editions: EditionQuerySet, moment: dt.datetime | None) -> EditionQuerySet:
    """The editions to read now or, with `moment`, as the library stood then, each with its `evidence_status`.

    What was withdrawn since is left out of the past too: it was withdrawn because nobody should read it any more.
    """
    rows = editions.as_of(moment).filter(withdrawn_at=None) if moment else editions.current()
    return rows.with_evidence_status(moment)


def narrow_editions(kind: Kind, query: QueryDict, editions: EditionQuerySet, day: dt.date) -> EditionFilter:
    """The filters that a query string asks for, over these editions `with_evidence_status()`, on a day in London."""
    filters = filters_of(kind)(query, queryset=editions.with_overdue_status(day) if kind.asks_the_clock else editions)
    filters.day, filters.kind = day, kind.code
    return filters


def empty_spans(given: Mapping[str, object]) -> list[ParameterError]:
    """A fault for each end that lies before its beginning: nothing could answer."""
    faults = []
    for start, first in given.items():
        for end in (start.replace("_from", "_before"), start.replace("_from", "_to")):
            last = given.get(end)
            if end == start or first is None or last is None:
                continue
            if first > last or (first == last and end.endswith("_before")):  # type: ignore[operator]  # two of a sort
                faults.append(ParameterError(end, f"`{end}` ends before `{start}` begins: nothing lies between."))
    return faults


def parse_list_query(kind: Kind, query: QueryDict, *, also: Sequence[str] = ()) -> ListQuery:
    """The question that a query string asks of a kind. Raises `CannotAsk` with every fault.

    `also` names parameters that the caller understands itself; each can be given once.

    A filter set takes longer to understand a question than the database to answer it, and programs ask the same ones
    again and again: what was understood is kept for those whose meaning nothing published can change. Each page of
    an answer is the same question from another place.
    """
    if filters_of(kind).are_standing(query.keys() - {"order", *CURSORS, *also}):
        asked = tuple((name, tuple(values)) for name, values in query.lists() if name not in CURSORS)
        question = parse_standing_query(kind.code, asked, tuple(also), timezone.localdate())
        if not query.keys() & {*CURSORS} or not cursor_faults(kind, question.order, query):
            return replace(question, start=start_of(query))  # its own, to know the bitmaps of its moment
    return parse_any_query(kind, query, also)


@lru_cache(maxsize=500)
def parse_standing_query(
    kind: str, asked: tuple[tuple[str, tuple[str, ...]], ...], also: tuple[str, ...], day: dt.date
) -> ListQuery:
    """The question of these parameters on a day."""
    query = QueryDict(mutable=True)
    for name, values in asked:
        query.setlist(name, list(values))
    return parse_any_query(KINDS[kind], query, also)


def cursor_faults(kind: Kind, order: Order | None, query: QueryDict) -> list[ParameterError]:
    """What is wrong with the place from which a page is asked for."""
    faults = repeated_parameters(query, CURSORS)
    if query.keys() >= {*CURSORS}:
        faults.append(ParameterError("before", "`after` and `before` cannot be given together."))
    for name in query.keys() & {*CURSORS}:
        try:
            if order:
                place_of(kind.code, order, str(query[name]))
        except ValueError:
            words = f"`{name}` is not a cursor of this list: take it from a page of the same list and order."
            faults.append(ParameterError(name, words))
    return faults


def start_of(query: QueryDict) -> tuple[str, ...]:
    """Where a page begins: `("after" or "before", cursor)`, or nothing for the first one."""
    return next(((name, str(query[name])) for name in CURSORS if name in query), ())


def parse_any_query(kind: Kind, query: QueryDict, also: Sequence[str]) -> ListQuery:
    """The same for any parameters. Raises `CannotAsk`."""
    filterset = filters_of(kind)
    orders = directed_orders_of(kind)
    faults = [
        *unknown_parameters(query, [*filterset.base_filters, "order", "as_of", *CURSORS, *also]),
        *repeated_parameters(query, (*SINGLE, *also, *ends_of_spans(filterset))),
    ]
    given = {name: str(query[name]) for name in SINGLE if name in query}
    order = orders.get(given.get("order", STANDARD.code))
    if order is None:
        hint = format_hint(nearest_name(given["order"], orders))
        faults.append(ParameterError("order", f"`order` is one of: {', '.join(orders)}.{hint}", "order=newest"))
    moment = None
    if "as_of" in given:
        try:
            moment = parse_as_of(given["as_of"])
        except NotAMoment as error:
            faults += error.faults
    faults += cursor_faults(kind, order, query)
    editions = readable_editions(Edition.objects.of_kind(kind.code), moment)
    filters = narrow_editions(kind, query, editions, timezone.localdate(moment))
    if not filters.is_valid():
        faults += [
            ParameterError(name, f"`{name}`: {messages[0]}", working_example(filterset, name))
            for name, messages in filters.errors.items()
        ]
    faults += empty_spans(filters.form.cleaned_data)
    if faults or order is None:
        raise CannotAsk(faults)
    applied = {
        name: int(value) if isinstance(value, Decimal) else str(value) if isinstance(value, dt.date) else value
        for name, value in filters.form.cleaned_data.items()
        if value
    }
    if order is not STANDARD:
        applied["order"] = order.code
    if moment:
        applied["as_of"] = moment.isoformat()
    return ListQuery(kind, filters, order, moment, applied, start_of(query))
