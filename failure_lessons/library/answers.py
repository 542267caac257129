"""Search results that answer: situations, recommendations, lessons; found by what they say and by what they rest on.

A record is worth what it says of the question, each word weighed by how rare it is; a theme that the question names
speaks for the records under it, a lesson for the recommendations that rest on it. Most words are enough when not all
are there: a whole question may be typed in. Nothing is made up: what holds less than most of the question is no answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import and_, or_

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q
from pyroaring import BitMap64

from failure_lessons.library.search_scope import SearchScope
from failure_lessons.library.text_questions import read_stems
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.publishing.registry import KINDS

MOST_RANKED = 1000
MOST_WEIGHED = 300  # answers that are weighed word by word: those that PostgreSQL ranks first
MOST_UNDER_THEMES = 60
MOST_QUESTION_WORDS = 12
FEWEST_ANSWERS = 30  # fewer tell nothing about which words are rare
ENOUGH = 0.55  # of the weight of the question's words: with less a record is no answer to it
NAMED = 0.15  # what a theme says of the question for its records to be answers that say nothing of it themselves
HANDED_ON = 0.9  # of the share of the question that a lesson hands on to what rests on it
THEME_SHARE, LESSON_SHARE = 0.6, 0.2  # of what a theme or a lesson says of it that counts for what hangs on it
PHRASE = 0.9  # what each word is worth in a record that has the question as it stands
RESTS_ON = ArraySubquery(EditionCitation.objects.filter(edition=OuterRef("pk")).order_by().values("cites_id"))
PLACES = (("A", 1.0), ("B", 0.7), ("C", 0.3))  # title, summary, everything else: how much a word is worth there


@dataclass
class Weighed:
    """One record: what it says of each word of the question, from 0 to 1, and what it has from others."""

    pk: int
    kind: str
    terms: frozenset[str]
    sort_key: str
    said: dict[str, float] = field(default_factory=dict)
    rests_on: tuple[int, ...] = ()
    place: tuple[float, int] = (0.0, 0)  # among those that say any of the words

    def share(self, rarity: Mapping[str, float]) -> float:
        """How much of the question it holds, from 0 to 1, wherever it stands."""
        whole = sum(rarity.values()) or 1.0
        return sum(rarity[word] for word, worth in self.said.items() if worth) / whole

    def worth(self, rarity: Mapping[str, float]) -> float:
        """The same, each word by the place in which it stands."""
        whole = sum(rarity.values()) or 1.0
        return sum(rarity[word] * worth for word, worth in self.said.items()) / whole


def answering_kinds() -> list[str]:
    """The kinds of record that answer a reader's question."""
    return [code for code, kind in KINDS.items() if kind.answers]


def find_lexemes(words: Iterable[str]) -> Mapping[str, list[str]]:
    """The stems of the first words of a question, without words that carry nothing. One query at most."""
    stems = read_stems(tuple(dict.fromkeys(words))[:MOST_QUESTION_WORDS])
    return {word: found for word, found in stems.items() if found}


def raw_query(stems: Iterable[str], place: str = "") -> SearchQuery:
    """The question for all of these stems (one with a star is a beginning), in one place of the record if given."""
    parts = []
    for stem in stems:
        letters = stem.removesuffix("*").replace("\\", "\\\\").replace("'", "''")
        mark = ("*" if stem.endswith("*") else "") + place
        parts.append(SearchQuery(f"'{letters}'{':' if mark else ''}{mark}", config="simple", search_type="raw"))
    whole: SearchQuery = reduce(and_, parts)
    return whole


def query_for_any(words: Mapping[str, list[list[str]]]) -> SearchQuery | None:
    """The question for any of these words, in any of the ways in which they may be written."""
    queries = [raw_query(stems) for ways in words.values() for stems in ways]
    return reduce(or_, queries) if queries else None


@dataclass(frozen=True)
class AskedWords:
    """A question: as it was typed, each of its words in the ways in which it may be written, and the query for any."""

    text: str
    words: Mapping[str, list[list[str]]]
    loose: SearchQuery


def weigh_records(candidates: BitMap64, asked: AskedWords) -> list[Weighed]:
    """What each record says of each word, in any of the ways in which the word may be written. One query.

    One that has the question as it stands, word after word, says all of it, wherever that is.
    """
    if not candidates:
        return []
    words = asked.words
    phrase = SearchQuery(asked.text, config="evidence", search_type="phrase")
    said_where = {"whole": ExpressionWrapper(Q(search=phrase), output_field=BooleanField())}
    for number, ways in enumerate(words.values()):
        for place, _ in PLACES:
            fits = Q()
            for stems in ways:
                fits |= Q(search=raw_query(stems, place))
            said_where[f"word_{number}_{place}"] = ExpressionWrapper(fits, output_field=BooleanField())
    found = (
        Edition.objects.filter(pk__among=list(candidates))
        .annotate(rank=SearchRank(F("search"), asked.loose), rests_on=RESTS_ON, **said_where)
        .order_by("-rank", "pk")
        .values("pk", "kind", "terms", "sort_key", "rank", "rests_on", *said_where)[:MOST_WEIGHED]
    )
    weighed = []
    for row in found:
        least = PHRASE if row["whole"] and len(words) > 1 else 0.0
        said = {
            word: max((least, *(worth for place, worth in PLACES if row[f"word_{number}_{place}"])))
            for number, word in enumerate(words)
        }
        about = (row["pk"], row["kind"], frozenset(row["terms"]), row["sort_key"])
        weighed.append(Weighed(*about, said, tuple(row["rests_on"]), (-row["rank"], row["pk"])))
    return weighed


def find_rarity(weighed: Iterable[Weighed], words: Iterable[str], size: int) -> dict[str, float]:
    """How much each word tells: a rare one more; one that nothing holds as much as the rarest."""
    rows = list(weighed)
    return {word: math.log(1 + max(size, 1) / (0.5 + sum(1 for each in rows if each.said.get(word)))) for word in words}


def rank_answers(scope: SearchScope, words: Mapping[str, list[list[str]]], text: str) -> list[int]:
    """Keys of the records that answer, best first. Five queries at most, whatever the library holds.

    Which they are depends on the records that say any of the words and on those under the themes that do: while these
    are the same, the answers are.
    """
    loose = query_for_any(words)
    if loose is None:
        return []
    # ranking reads every vector whole: of more matches than this, only the newest are ranked
    found = scope.newest_matches(loose, answering_kinds(), MOST_RANKED)
    themes = scope.newest_matches(loose, ["theme"], MOST_RANKED)

    rank = partial(rank_found, scope, AskedWords(text, words, loose), found, themes)
    if scope.moment:
        return rank()
    slugs = scope.bitmaps.keep_made("slugs of themes", scope.bitmaps.keys_of("kind:theme"), read_slugs)
    under = scope.bitmaps.keys_of_any(f"theme:{slugs[key]}" for key in themes)
    return scope.keep_answer(("answers", text, tuple(words)), rank, found | themes | under)


def read_slugs(editions: BitMap64) -> Mapping[int, str]:
    """The slugs of these editions. One query."""
    return dict(Edition.objects.filter(pk__among=list(editions)).values_list("pk", "slug"))


def rank_found(scope: SearchScope, asked: AskedWords, found: BitMap64, themes_found: BitMap64) -> list[int]:
    """The same, of these records and themes."""
    words = asked.words
    weigh, question = partial(weigh_records, asked=asked), (asked.text, tuple(words))
    weighed = {each.pk: each for each in scope.keep_first(("weighed", *question), found, MOST_WEIGHED, weigh)}
    themes = scope.keep_first(("themes", *question), themes_found, MOST_WEIGHED, weigh)
    rarity = find_rarity(weighed.values(), words, max(len(weighed), FEWEST_ANSWERS))
    named = name_themes([each for each in themes if each.share(rarity) >= ENOUGH])
    if named:
        under = scope.newest_under(named, answering_kinds(), MOST_RANKED)
        weighed |= {each.pk: each for each in read_under(under - BitMap64(weighed))}
    shares = {pk: each.share(rarity) for pk, each in weighed.items()}
    own = {pk: each.worth(rarity) for pk, each in weighed.items()}
    spoken = {
        pk: max((named[term].worth(rarity) for term in each.terms if term in named), default=0.0)
        for pk, each in weighed.items()
    }
    scores = {pk: own[pk] + THEME_SHARE * spoken[pk] for pk in weighed}
    for citing, each in weighed.items():
        for cited in own.keys() & each.rests_on:
            shares[citing] = max(shares[citing], shares[cited] * HANDED_ON)
            scores[citing] += LESSON_SHARE * own[cited]
    kept = [pk for pk in weighed if shares[pk] >= ENOUGH or spoken[pk] >= NAMED]
    return sorted(
        kept,
        key=lambda pk: (-scores[pk] * KINDS[weighed[pk].kind].search_weight, weighed[pk].sort_key, pk),
    )


def name_themes(themes: Iterable[Weighed]) -> dict[str, Weighed]:
    """Themes that the question names, by the term that their records have. One query."""
    by_key = {each.pk: each for each in themes}
    slugs = Edition.objects.filter(pk__in=by_key).values_list("pk", "slug") if by_key else []
    return {f"theme:{slug}": by_key[pk] for pk, slug in slugs}


def read_under(editions: BitMap64) -> list[Weighed]:
    """Of these, which stand under a theme and say nothing of the question themselves, the first. One query."""
    found = Edition.objects.filter(pk__among=list(editions)).order_by("sort_key", "pk")[:MOST_UNDER_THEMES]
    rows = found.annotate(rests_on=RESTS_ON).values_list("pk", "kind", "terms", "sort_key", "rests_on")
    return [
        Weighed(pk, kind, frozenset(own), sort_key, rests_on=tuple(rests_on))
        for pk, kind, own, sort_key, rests_on in rows
    ]
