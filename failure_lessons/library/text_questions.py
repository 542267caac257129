"""Full text questions in parts: what matches “recovery plan” is what matches “recovery” and what matches “plan”.

PostgreSQL finds what matches a word by visiting each record that has it, and a library has thousands for a common one.
The matches of words are kept, and new questions are mostly made of known words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import cast

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery
from django.db import connection, models
from pyroaring import BitMap64

# of web searches: quotation marks, a minus sign, `or`; a question that has one stays whole
OPERATORS = re.compile(r'"|(?:^|\s)-\w|\bor\b', re.IGNORECASE)
WEB_SEARCH = "websearch_to_tsquery"
CONFIG = "evidence"  # the repository's own way to read words
ONE_STEM = re.compile(r"'[a-z]+'")
PLAIN_WORD = re.compile(r"[a-z]+")  # a word that holds no sign of a web search, and a stem that is read as it stands
MOST_STEMS = 20_000  # words whose stems a process keeps
known_stems: dict[str, list[str]] = {}


@dataclass(frozen=True)
class Parts:
    """Parts of a question that all have to match, or any of them. Without parts it says nothing."""

    parts: tuple[Parts | SearchQuery, ...]
    any_of: bool = False

    def list_queries(self) -> Iterator[SearchQuery]:
        """The questions for which matches have to be found."""
        for part in self.parts:
            yield from part.list_queries() if isinstance(part, Parts) else (part,)

    def combine(self, find: Callable[[SearchQuery], BitMap64]) -> BitMap64 | None:
        """What matches, from what matches each; None where it says nothing, which then leaves others as they are."""
        found = [part.combine(find) if isinstance(part, Parts) else find(part) for part in self.parts]
        told = [keys for keys in found if keys is not None]
        return reduce(BitMap64.union if self.any_of else BitMap64.intersection, told) if told else None


def take_apart(query: SearchQuery) -> Parts:
    """The parts of a question."""
    if isinstance(query, CombinedSearchQuery):
        sides = (take_apart(cast("SearchQuery", each)) for each in (query.lhs, query.rhs))
        return Parts(tuple(sides), any_of=query.connector == SearchQuery.BITOR)
    *config, value = query.get_source_expressions()
    text = value.value if isinstance(value, models.Value) else None
    turned = query.invert  # type: ignore[attr-defined]  # which the stubs do not know
    if query.function != WEB_SEARCH or turned or not isinstance(text, str) or OPERATORS.search(text):
        return Parts((query,))
    if [each.config.value for each in config] != [CONFIG]:
        return Parts((query,))
    stems = read_stems(word.lower() if word.isascii() else word for word in text.split(" "))
    return Parts(tuple(ask_for_word(word, found) for word, found in stems.items() if found))


def ask_for_word(word: str, stems: list[str]) -> SearchQuery:
    """The question for a word: written alike by whoever means the same stem, so that its matches are found once."""
    if len(stems) == 1 and PLAIN_WORD.fullmatch(word) and PLAIN_WORD.fullmatch(stems[0]):
        return SearchQuery(f"'{stems[0]}'", config="simple", search_type="raw")
    return SearchQuery(word, config=CONFIG, search_type="websearch")


def is_one_stem(query: SearchQuery) -> bool:
    """Whether a question is for one word: how many of these take long is known, for few words are frequent."""
    *_, value = query.get_source_expressions()
    text = value.value if isinstance(value, models.Value) else None
    return isinstance(text, str) and bool(ONE_STEM.fullmatch(text)) and not query.invert  # type: ignore[attr-defined]


def read_stems(words: Iterable[str]) -> dict[str, list[str]]:
    """The stems of each word as PostgreSQL sees them; none of words that it passes over.

    One query for those that were not asked for before: no publication changes what the stem of a word is.
    """
    wanted = dict.fromkeys(words)
    found = {word: known_stems[word] for word in wanted if word in known_stems}
    unknown = [word for word in wanted if word not in found]
    if unknown:
        with connection.cursor() as cursor:
            cursor.execute(
                "select word, tsvector_to_array(to_tsvector(%s::regconfig, word)) from unnest(%s::text[]) word",
                [CONFIG, unknown],
            )
            told = dict(cursor.fetchall())
        if len(known_stems) > MOST_STEMS:
            known_stems.clear()
        known_stems.update(told)
        found |= told
    return {word: found[word] for word in wanted}
