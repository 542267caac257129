"""What a search reads: the library as it is now, by bitmaps, or as it stood at a moment of the past, by rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Protocol, TypeVar, cast

from django.contrib.postgres.search import SearchQuery
from pyroaring import BitMap64

from failure_lessons.library.list_query import readable_editions
from failure_lessons.library.term_bitmaps import Kept, TermBitmaps, read_term_bitmaps
from failure_lessons.publishing.models import Edition, EditionQuerySet


class Ranked(Protocol):
    """An edition in an order that its own words decide."""

    @property
    def pk(self) -> int: ...
    @property
    def place(self) -> tuple[object, ...]: ...


RankedRow = TypeVar("RankedRow", bound=Ranked)


@dataclass(frozen=True)
class SearchScope:
    """The editions to search, with what both ways of reading have in common."""

    moment: dt.datetime | None = None

    @cached_property
    def bitmaps(self) -> TermBitmaps:
        """Which editions carry which term and match which question, as the library is now."""
        return read_term_bitmaps()

    @cached_property
    def rows(self) -> EditionQuerySet:
        """The editions to read, as rows."""
        return readable_editions(Edition.objects.all(), self.moment)

    def matches_any(self, query: SearchQuery) -> bool:
        """Whether anything matches."""
        return self.match_each([query])[0]

    def match_each(self, queries: Iterable[SearchQuery]) -> list[bool]:
        """Whether anything matches each of these."""
        if self.moment:
            return [self.rows.filter(search=query).exists() for query in queries]
        return [bool(found) for found in self.bitmaps.find_matches_of_each(queries)]

    def keep_answer(self, question: Hashable, make: Callable[[], Kept], keys: BitMap64 | None = None) -> Kept:
        """What is found out for a question: kept while these editions stay the same, without them the whole library."""
        if self.moment:
            return make()
        return self.bitmaps.keep_answer(question, self.bitmaps.everything if keys is None else keys, make)

    def keep_first(
        self, question: Hashable, keys: BitMap64, most: int, rank: Callable[[BitMap64], list[RankedRow]]
    ) -> list[RankedRow]:
        """The first `most` of these editions, as `rank` sorts them by their `place`, which follows from each one alone.

        What was ranked for a question stays as it is after a publication: only editions that have come are ranked.
        """
        if self.moment:
            return rank(keys)
        held = self.bitmaps.answers.get(question)

        def bring() -> list[RankedRow]:
            before, first = cast("tuple[BitMap64, list[RankedRow]]", held) if held else (BitMap64(), [])
            left = [row for row in first if row.pk in keys]
            if not held or len(left) < len(first) == most:  # others follow, of which nothing is known any more
                return rank(keys)
            come = keys - before
            return sorted([*left, *rank(come)], key=attrgetter("place"))[:most] if come else left

        return self.bitmaps.keep_answer(question, keys, bring)

    def newest_matches(self, query: SearchQuery, kinds: Collection[str], most: int) -> BitMap64:
        """The editions of these kinds that match, the newest of them where there are more than so many."""
        if self.moment:
            found = self.rows.of_kind(*kinds).filter(search=query).order_by("-revision")
            return BitMap64(found.values_list("pk", flat=True)[:most])
        return take_newest(self.bitmaps.find_matches(query) & self.keys_of_kinds(kinds), most)

    def newest_under(self, terms: Iterable[str], kinds: Collection[str], most: int) -> BitMap64:
        """The editions of these kinds that carry one of these terms, the newest of them where there are more."""
        if self.moment:
            found = self.rows.of_kind(*kinds).matching_any(terms).order_by("-revision")
            return BitMap64(found.values_list("pk", flat=True)[:most])
        return take_newest(self.bitmaps.keys_of_any(terms) & self.keys_of_kinds(kinds), most)

    def keys_of_kinds(self, kinds: Iterable[str]) -> BitMap64:
        """The current editions of these kinds."""
        return self.bitmaps.keys_of_any(f"kind:{kind}" for kind in kinds)


def take_newest(keys: BitMap64, most: int) -> BitMap64:
    """The newest of these editions: keys grow with revisions."""
    return keys[-most:] if len(keys) > most else keys
