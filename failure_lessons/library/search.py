"""Full text search over everything published: exact codes and titles first, then the best matches.

What a reader types is taken as on the web (quotation marks, `or`, a minus sign). Abbreviations that the library itself
explains are searched in both forms, an unfinished word finds what begins with it, and for a word that nothing contains
the nearest word of the library is offered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_
from typing import NamedTuple, cast

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, TrigramWordSimilarity
from django.db import connection, models, transaction
from django.db.models import Case, F, Q, TextField, Value, When
from django.db.models.functions import Collate, Concat
from pyroaring import BitMap64
from rapidfuzz.distance import DamerauLevenshtein

from failure_lessons.library.answers import find_lexemes, rank_answers
from failure_lessons.library.filters import EditionFilter, SlugTermFilter, TermFilter, search_query
from failure_lessons.library.search_scope import SearchScope, take_newest
from failure_lessons.library.text_questions import OPERATORS
from failure_lessons.publishing.models import HEADING, Edition, EditionQuerySet
from failure_lessons.publishing.registry import KINDS, kinds_for_readers
from failure_lessons.validators.identifiers import compare_doi, normalise_doi
from failure_lessons.vocabularies.choices import Phase, Sector

EXACT_CODE = re.compile(r"[A-Za-z]{1,4}[0-9]{1,6}(-[Ff][0-9]{1,4})?")
SEARCH_WORD = re.compile(r"[^\W\d_]{3,}")
SMALL_TITLE_WORDS = {"a", "an", "and", "by", "for", "in", "of", "on", "the", "to"}
CAPITALS = re.compile(r"(?<![\w-])[A-Z]{3,6}(?![\w-])")
BRACKETED = re.compile(r"\(([A-Z][A-Za-z]{1,7})\)")
MOST_CANDIDATES = 1000  # editions that are ranked, and from which near words are taken
MOST_TITLES = 20_000  # that are read for words with certain first letters
RANKED = 200  # nobody pages further: they add a word
PAGE = 20
MOST_WORDS = 12  # of a question that are looked up one by one
MOST_MENDED = 4  # misspelt words for which a near one is looked for
NEAR_ENOUGH = 0.7  # how alike a word has to be to be offered instead
# Words of one family that the stemmer of PostgreSQL keeps apart, by their stems.
FAMILIES = (
    ("fail", "failur"),
    ("lead", "leader", "leadership"),
    ("govern", "governor", "governanc"),
    ("merg", "merger"),
    ("regul", "regulatori"),
    ("close", "closur", "shut"),
)
WORD_FAMILIES = {stem: [other for other in family if other != stem] for family in FAMILIES for stem in family}
KINDS_OF_RECORD = [(kind.code.upper(), (kind.code, kind.label_plural)) for kind in kinds_for_readers()]
KindOfRecord: type[models.TextChoices] = cast("Callable[..., type[models.TextChoices]]", models.TextChoices)(
    "KindOfRecord", KINDS_OF_RECORD
)


class SearchKindFilter(TermFilter):
    """Editions of the chosen kinds: a column says which, not a term."""

    def filter(self, qs: EditionQuerySet, value: list[str]) -> EditionQuerySet:
        return qs.of_kind(*value) if value else qs


class SearchFilter(EditionFilter):
    """What results of a search can be narrowed by."""

    kind = SearchKindFilter(KindOfRecord, term="kind", label="Kind of record")
    phase = TermFilter(Phase, term="phase", label="Phase")
    sector = TermFilter(Sector, term="sector", label="Sector")
    theme = SlugTermFilter(term="theme", label="Theme", kind="theme")


@dataclass(frozen=True)
class Synonym:
    """Another way to write a part of the question: both are searched."""

    written: str
    also: str


@dataclass(frozen=True)
class Spelling:
    """What a question says of words that nothing contains: those that begin others, and near words for the rest."""

    beginnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    instead: Mapping[str, str] | None = None

    def mend_text(self, text: str) -> str:
        """The question with near words in place of unknown ones, or an empty text where there are none."""
        found = self.instead or {}
        better = SEARCH_WORD.sub(lambda word: found.get(word[0].lower(), word[0]), text)
        return better if better != text else ""


def find_exact(text: str, scope: SearchScope) -> Edition | None:
    """The one record whose code, DOI or title this is."""
    rows = scope.rows
    doi = normalise_doi(text)[0]
    if EXACT_CODE.fullmatch(text):
        return rows.filter(code=text.upper()).without_text().first()
    if doi.startswith("10.") and "/" in doi:
        cited = rows.of_kind("reference").filter(search=search_query(f'"{doi}"'))
        return next(
            (edition for edition in cited[:20] if compare_doi(edition.content.get("DOI")) == compare_doi(doi)), None
        )
    if len(text.split()) < 4:
        return None  # so few words are a question more often than a title
    named = rows.filter(search=SearchQuery(text, config="evidence", search_type="plain"), title__iexact=text)
    found = list(named.without_text()[:4])
    # what is about a record is called as it is: the record itself is meant
    first = [each for each in found if KINDS[each.kind].answers] or found
    return first[0] if len(first) == 1 else None


def title_initials(title: str) -> str:
    """The first letters of a title of three words or more, small words left out: CRC; otherwise an empty text."""
    initials = [word[0] for word in split_name(title)]
    return "".join(initials).upper() if len(initials) >= 3 and all(map(str.isalpha, initials)) else ""


def split_name(name: str) -> list[str]:
    """The words that carry a name. A name may begin or end with a hyphen or a blank, or hold nothing else."""
    return [word for word in re.split(r"[\s-]+", name) if word and word.lower() not in SMALL_TITLE_WORDS]


def find_abbreviations(entries: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """What glossary and organisations abbreviate: the initials of each name, and what stands in brackets behind a name.

    `entries` are titles with their explanations; the answer holds the names of each abbreviation, in upper case.
    """
    found: dict[str, set[str]] = {}
    for title, explanation in entries:
        if short := title_initials(title):
            found.setdefault(short, set()).add(title)
        for match in BRACKETED.finditer(f"{title}. {explanation}"):
            before = re.split(r"[\s-]+", f"{title}. {explanation}"[: match.start()].strip())
            for count in range(len(match[1]), min(len(match[1]) + 4, len(before)) + 1):
                name = " ".join(before[-count:])
                if "." not in name and short_of(name) == match[1].upper():
                    found.setdefault(match[1].upper(), set()).add(name)
                    break
    return found


def short_of(name: str) -> str:
    """The first letters of the words that carry the name."""
    return "".join(word[0] for word in split_name(name)).upper()


def list_abbreviations(scope: SearchScope) -> Mapping[str, set[str]]:
    """What glossary and organisations abbreviate. At most one query."""
    if scope.moment:
        return read_abbreviations(scope.rows.of_kind("glossary-term", "organisation"))
    keys = scope.keys_of_kinds(["glossary-term", "organisation"])
    return scope.bitmaps.keep_made(
        "abbreviations", keys, lambda keys: read_abbreviations(Edition.objects.filter(pk__among=list(keys)))
    )


def read_abbreviations(editions: EditionQuerySet) -> Mapping[str, set[str]]:
    """What the titles and explanations of these abbreviate. One query."""
    return find_abbreviations(editions.order_by("sort_key", "pk").values_list("title", "summary"))


def find_synonyms(text: str, scope: SearchScope) -> list[Synonym]:
    """Abbreviations in the question with what they stand for, and names with their abbreviation where it is in use.

    One or two queries for each abbreviation concerned.
    """
    found = []
    for short, names in list_abbreviations(scope).items():
        as_word = re.search(rf"(?<![\w-]){re.escape(short)}(?![\w-])", text, re.IGNORECASE)
        if as_word:
            found += [Synonym(as_word[0], name) for name in sorted(names) if name.lower() not in text.lower()]
            continue
        for name in sorted(names):
            match = re.search(rf"(?<!\w){re.escape(name)}s?(?!\w)", text, re.IGNORECASE)
            if match and scope.matches_any(search_query(short)):
                found.append(Synonym(match[0], short))
    explained = {synonym.written for synonym in found}
    for short in dict.fromkeys(CAPITALS.findall(text)):
        if short not in explained and not scope.matches_any(search_query(short)):
            found += [
                Synonym(short, name)
                for name in scope.keep_answer(("spelt out", short), partial(spelt_out, short, scope))
            ]
    return found[:6]


def spelt_out(short: str, scope: SearchScope) -> list[str]:
    """What an abbreviation that nothing uses may stand for: words of titles that begin so. One query.

    No index knows where words begin, so the newest titles alone are read where there are very many.
    """
    letters = r"[\s-]".join(rf"{letter}[[:alpha:]]{{3,}}" for letter in short)
    newest = scope.rows.order_by("-revision").values("pk")[:MOST_TITLES]
    rows = Edition.objects.filter(pk__in=newest, title__iregex=rf"\m{letters}").values_list("title", flat=True)
    pattern = re.compile(r"[\s-]".join(rf"{letter}[^\W\d_]{{3,}}" for letter in short), re.IGNORECASE)
    phrases = Counter(phrase.lower() for title in rows[:200] for phrase in pattern.findall(title))
    return [phrase for phrase, _ in phrases.most_common(1)]


def query_for(text: str, also: Iterable[Synonym] = (), beginnings: Iterable[str] = ()) -> SearchQuery:
    """The question as PostgreSQL asks it, each synonym in place of what was written, unfinished words as beginnings."""
    forms = [text]
    for synonym in also:
        pattern = re.compile(re.escape(synonym.written), re.IGNORECASE)
        quoted = f'"{synonym.also}"'
        forms.append(pattern.sub(lambda _, quoted=quoted: quoted, text).replace('""', '"'))  # type: ignore[misc]
    asked = []
    for form in forms:
        whole = [word for word in form.split() if word.lower() not in beginnings] if beginnings else []
        parts = [search_query(" ".join(whole) if beginnings else form)] if whole or not beginnings else []
        parts += [SearchQuery(f"'{word}':*", config="simple", search_type="raw") for word in beginnings]
        asked.append(reduce(lambda one, other: one & other, parts))
    query: SearchQuery = reduce(or_, asked)
    return query


def check_spelling(text: str, scope: SearchScope, also: Iterable[Synonym] = ()) -> Spelling:
    """Words of the question that nothing contains: two queries, and two or four for each that begins no word either."""
    understood = {word.lower() for synonym in also for word in SEARCH_WORD.findall(synonym.written)}
    words = list(dict.fromkeys(word.lower() for word in SEARCH_WORD.findall(text)))[:MOST_WORDS]
    told = find_lexemes(word for word in words if word not in understood)  # without words that carry nothing
    held = scope.match_each(search_query(word) for word in told)
    missing = [word for word, there in zip(told, held, strict=True) if not there]
    begun = scope.match_each(SearchQuery(f"'{word}':*", config="simple", search_type="raw") for word in missing)
    beginnings = {
        word
        for word, there in zip(missing, begun, strict=True)
        if there and len(word) > 3 and not OPERATORS.search(text)
    }
    unknown = [word for word in missing if word not in beginnings]
    near = {
        word: scope.keep_answer(("nearest word", word), partial(nearest_word, word, scope.rows))
        for word in unknown[:MOST_MENDED]
    }
    instead = {word: found for word, found in near.items() if found}
    return Spelling(tuple(word for word in words if word in beginnings), tuple(unknown), instead)


def nearest_word(word: str, scope: EditionQuerySet) -> str:
    """The word of a title or summary most like this one, or an empty text: looked for among close words, then further.

    Two statements each time, served by an index.
    """
    for likeness in (0.45, 0.25):
        ranked = sorted(
            (DamerauLevenshtein.normalized_similarity(word, found), -abs(len(found) - len(word)), found)
            for found in words_like(word, scope, likeness)
        )
        if ranked and ranked[-1][0] >= NEAR_ENOUGH:
            return ranked[-1][2]
    return ""


def words_like(word: str, scope: EditionQuerySet, likeness: float) -> set[str]:
    """Words of the titles and summaries that hold one at least so like this word in its letters."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set local pg_trgm.word_similarity_threshold = %s", [likeness])
        # whatever comes first, sorted afterwards: comparing the letters of a whole library takes too long
        some = scope.annotate(heading=HEADING).filter(heading__trigram_word_similar=word).order_by().values("pk")
        rows = list(
            Edition.objects.filter(pk__in=some[:MOST_CANDIDATES])
            .annotate(heading=HEADING)
            .order_by(TrigramWordSimilarity(word, "heading").desc(), "pk")
            .values_list("heading", flat=True)[:40]
        )
    return {found.lower() for heading in rows for found in SEARCH_WORD.findall(heading)}


class RankedMatch(NamedTuple):
    """An edition that matches, with its place among others."""

    pk: int
    place: tuple[float, str, int]


def rank_matches(candidates: BitMap64, query: SearchQuery) -> list[RankedMatch]:
    """These matching editions, best first, at most `RANKED`: one query."""
    weights = {kind.code: kind.search_weight for kind in KINDS.values() if kind.search_weight != 1}
    weight = Case(*(When(kind=kind, then=Value(value)) for kind, value in weights.items()), default=Value(1.0))
    rows = (
        Edition.objects.filter(pk__among=list(candidates))
        .annotate(rank=SearchRank(F("search"), query, normalization=Value(1)) * weight, key=Collate("sort_key", "C"))
        .order_by("-rank", "key", "pk")
        .values_list("pk", "rank", "key")[:RANKED]
    )
    return [RankedMatch(pk, (-rank, key, pk)) for pk, rank, key in rows]


def fetch_headlines(keys: list[int], query: SearchQuery) -> list[Edition]:
    """These editions in this order, each with its `name` and a `headline`: matches between control characters.

    One query. The body of a reference is identifiers, which are there to be found and not to be read.
    """
    marked = partial(SearchHeadline, config="evidence", start_sel="\x02", stop_sel="\x03")
    text = Case(
        When(kind="reference", then=F("summary")),
        default=Concat("summary", Value(" "), "body", output_field=TextField()),
    )
    rows = Edition.objects.filter(pk__in=keys).annotate(
        name=marked("title", query, highlight_all=True),
        headline=marked(text, query, max_words=45, min_words=20, max_fragments=2, fragment_delimiter=" … "),
    )
    found = {edition.pk: edition for edition in rows.without_text()}
    for row in found.values():
        row.headline = mark_cuts(row.headline)  # type: ignore[attr-defined]  # annotated above
    return [found[key] for key in keys]


def mark_cuts(headline: str) -> str:
    """The headline with an ellipsis where it begins or ends within a sentence."""
    words = re.sub("[\x02\x03]", "", headline).strip()
    before = "… " if words[:1].islower() else ""
    after = " …" if words and not words.endswith((".", "!", "?", "…", "”", ")")) else ""
    return f"{before}{headline}{after}"


@dataclass(frozen=True)
class Understood:
    """A question as it was understood: what is asked, in which other words, and which of its words nothing contains."""

    text: str
    query: SearchQuery
    also: list[Synonym]
    spelt: Spelling
    answers: list[int]  # keys of the records that answer it, best first


NOTHING_ASKED = Understood("", SearchQuery(""), [], Spelling(), [])


def understand(text: str, scope: SearchScope, *, with_synonyms: bool = True) -> Understood:
    """The question with its synonyms and spelling, and what answers it. The queries do not grow with the library."""
    also = find_synonyms(text, scope) if with_synonyms else []
    spelt = check_spelling(text, scope, also)
    answers = [] if OPERATORS.search(text) else rank_answers(scope, ways_to_write(text, also, spelt), text)
    return Understood(text, query_for(text, also, spelt.beginnings), also, spelt, answers)


def ways_to_write(text: str, also: Iterable[Synonym], spelt: Spelling) -> dict[str, list[list[str]]]:
    """Each word of the question with the ways in which a record may write it, as lists of stems."""
    names: dict[str, list[str]] = {}
    rest = text
    for synonym in also:
        names.setdefault(synonym.written.lower(), [synonym.written]).append(synonym.also)
        rest = re.sub(rf"(?<!\w){re.escape(synonym.written)}s?(?!\w)", " ", rest, flags=re.IGNORECASE)
    near = spelt.instead or {}
    spoken = [rest, *(name for several in names.values() for name in several), *near.values()]
    stems = find_lexemes(word.lower() for word in SEARCH_WORD.findall(" ".join(spoken)))
    found: dict[str, list[list[str]]] = {}
    for word in (each.lower() for each in SEARCH_WORD.findall(rest)):
        if word in stems:
            found[word] = [stems[word], *([other] for other in WORD_FAMILIES.get(stems[word][0], ()))]
            found[word] += [[f"{word}*"]] if word in spelt.beginnings else []
            found[word] += [stems[near[word]]] if near.get(word) in stems else []
    for written, several in names.items():
        listed = [
            [stem for word in SEARCH_WORD.findall(name.lower()) for stem in stems.get(word, [])] for name in several
        ]
        if any(listed):
            found[written] = [whole for whole in listed if whole]
    return found


def find_results(scope: SearchScope, understood: Understood) -> BitMap64:
    """Whatever has all the words of the question now, and whatever answers it."""
    return scope.bitmaps.find_matches(understood.query) | BitMap64(understood.answers)


def find_results_in_rows(scope: SearchScope, understood: Understood) -> EditionQuerySet:
    """The same as rows, as they stood."""
    return scope.rows.filter(Q(search=understood.query) | Q(pk__in=understood.answers))


def order_results(scope: SearchScope, matching: BitMap64, understood: Understood) -> list[int]:
    """Keys of these results, best first: what answers the question, then the best matches. At most `RANKED`.

    Ranking reads every vector whole: of more matches than `MOST_CANDIDATES`, only the newest are ranked.
    """
    first = [key for key in understood.answers if key in matching]
    candidates = take_newest(matching, MOST_CANDIDATES)
    question = ("ranked", understood.text, tuple(understood.also), understood.spelt.beginnings)
    ranked = scope.keep_first(question, candidates, RANKED, partial(rank_matches, query=understood.query))
    taken = set(first)
    return [*first, *(each.pk for each in ranked if each.pk not in taken)][:RANKED]
