"""Which current editions carry which term, as bitmaps that each process keeps and brings forward by revision.

Counting rows takes longer the more there are; counting bits hardly does. All counts beside a list, on the start page
and in the evidence map are intersections of these bitmaps. They are read from the table once, when a process first
needs them; after a publication only the editions that it touched are read again. A snapshot never changes: whoever
counts while somebody publishes goes on with the one in hand.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
from typing import NamedTuple, TypeVar, cast

from django.contrib.postgres.search import SearchQuery
from django.db import connections
from pyroaring import BitMap64

from failure_lessons.database.prepared import AnyValue, fetch_often, fetch_standing
from failure_lessons.database.statements import limited_to, seconds_watched
from failure_lessons.library.newest_served import newest_served
from failure_lessons.library.text_questions import is_one_stem, take_apart
from failure_lessons.publishing.models import Counts, Edition, EditionQuerySet, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies.choices import TeamVocabulary

READ_AT_ONCE = 50_000  # editions in one statement, which so keeps within the time limit of readers
MOST_QUESTIONS = 400  # words, mostly, of which the matches are kept; and as many answers
MOST_TOUCHED = 5_000  # editions; after a larger publication questions are asked anew
EVER = "ever-"  # before the name of a term: of whatever was not withdrawn, editions of the past included
Kept = TypeVar("Kept")
TextQuestion = tuple[str, tuple[object, ...]]  # a full text question as SQL with its values
KnownMatches = tuple[BitMap64, BitMap64]  # which editions match, and of which of them that is not known yet


class Head(NamedTuple):
    """The newest entry of the ledger. The hash tells a library from another one that has come as far."""

    number: int = 0
    sha256: str = ""


NOTHING_PUBLISHED = Head()


@cache
def kinds_with_labels() -> frozenset[str]:
    """The kinds whose documents tell what the terms of vocabularies are called."""
    return frozenset(code for code, kind in KINDS.items() if any(each.name == "labels" for each in kind.derived))


NEWEST_HASH = "select sha256 from publishing_ledgerentry order by number desc limit 1"
NEWEST_ENTRY = "select number, sha256 from publishing_ledgerentry order by number desc limit 1"
COUNTED_COLUMNS = (
    "e.id, e.kind, e.terms, e.superseded_at, e.withdrawn_at, e.evidence_changed_at, e.due_on, e.look_again_on"
)
# Of the `chosen` editions: under which terms each stands now, and under the empty one if it is current at all.
STANDING = f"""
    current as (select * from chosen where superseded_at is null and withdrawn_at is null),
    standing (term, id) as (
        select '', id from current
        union all
        select unnest(terms || array['kind:' || kind, 'evidence:' || case when evidence_changed_at is null
                                                                     then 'unchanged' else 'changed' end]), id
        from current
        union all
        select 'due_on:' || to_char(due_on, 'YYYY-MM-DD'), id from current where due_on is not null
        union all
        select 'look_again_on:' || to_char(look_again_on, 'YYYY-MM-DD'), id from current where look_again_on is not null
        union all
        select '{EVER}' || term, id from chosen cross join unnest(terms) term
        where withdrawn_at is null and kind = any(%s) and split_part(term, ':', 1) = any(%s)
    ),
    found as (select term, array_agg(id) as ids from standing group by term)
"""  # our own text
SOME_AFTER = f"""
    with chosen as materialized (
        select {COUNTED_COLUMNS} from publishing_edition e where e.id > %s order by e.id limit %s
    ),
    {STANDING}
    select (select max(id) from chosen), found.term, found.ids from (select) one left join found on true
"""  # our own text
# The head of the ledger, whether the entry that we hold can be carried on from (not in a library with another past, nor
# over a redaction, which changes the words of editions), and every edition that can stand otherwise than at that entry:
# those of the records in later entries, and those that were marked since. Arrays, because PostgreSQL expects a third of
# the library from a join with what came after some entry, and would read the table; and what comes twice is left in,
# because to sort it out it would first make room for that third.
TOUCHED_SINCE = f"""
    with head as (select number, sha256 from publishing_ledgerentry order by number desc limit 1),
         held as (
             select number, at from publishing_ledgerentry where number = %s and sha256 = %s and not exists (
                 select from publishing_ledgerentry l where l.number > %s and l.action = '{LedgerEntry.Action.REDACTED}'
             )
         ),
         entered as (
             select e.record_id from publishing_edition e where e.id = any(array(
                 select l.edition_id from publishing_ledgerentry l where l.number > (select number from held)
             ))
         ),
         touched as (
             select e.id from publishing_edition e where e.record_id = any(array(select record_id from entered))
             union all
             select e.id from publishing_edition e where e.evidence_changed_at >= (select at from held)
         ),
         chosen as materialized (
             select {COUNTED_COLUMNS} from publishing_edition e where e.id = any(array(select id from touched))
         ),
         {STANDING}
    select head.number, head.sha256, exists (select from held), (select array_agg(id) from chosen),
           found.term, found.ids
    from head left join found on true
"""  # our own text


NO_EDITIONS = BitMap64()
LEARNING = [Lock() for _ in range(4)]  # one of them is held by whoever asks for a word for the first time
KEEPING = Lock()  # held by whoever keeps the matches of a question


def add_counts(before: Counts, gone: Counts, come: Counts) -> Counts:
    """The counts after some editions have gone and others have come."""
    by_term = Counter(before.by_term)
    by_term.subtract(gone.by_term)
    by_term.update(come.by_term)
    return Counts(before.total - gone.total + come.total, {term: count for term, count in by_term.items() if count})


def leave_out(terms: Mapping[str, BitMap64], gone: BitMap64) -> dict[str, BitMap64]:
    """Terms without these editions; those that no other carries are left out too."""
    if not gone:
        return dict(terms)
    left = {term: keys if keys.isdisjoint(gone) else keys - gone for term, keys in terms.items()}
    return {term: keys for term, keys in left.items() if keys}


@dataclass(frozen=True)
class TermBitmaps:
    """The current editions of one revision of the library, by their keys."""

    head: Head = NOTHING_PUBLISHED
    everything: BitMap64 = field(default_factory=BitMap64)
    by_name: Mapping[str, Mapping[str, BitMap64]] = field(default_factory=dict)  # by a term's name, then the term
    # what was made of some editions, by a name: it stays while they are the same
    made: dict[str, tuple[BitMap64, object]] = field(default_factory=dict)
    answers: dict[Hashable, tuple[BitMap64, object]] = field(default_factory=dict)  # the same, by a reader's question
    matches: dict[TextQuestion, KnownMatches] = field(default_factory=dict)
    previous: tuple[TermBitmaps, BitMap64] | None = None  # the snapshot before, and the editions touched since

    def keys_of(self, term: str) -> BitMap64:
        """The editions that carry a term."""
        return self.terms_named(term.partition(":")[0]).get(term) or BitMap64()

    def keys_of_any(self, terms: Iterable[str]) -> BitMap64:
        """The editions that carry at least one of these terms."""
        return BitMap64.union(BitMap64(), *map(self.keys_of, terms))

    def terms_named(self, name: str) -> Mapping[str, BitMap64]:
        """Every term of a name with the editions that carry it."""
        return self.by_name.get(name, {})

    def keys_before(self, name: str, day: dt.date) -> BitMap64:
        """The editions of which a day (`due_on`, `look_again_on`) lies before this one."""
        last = f"{name}:{day.isoformat()}"
        return BitMap64.union(BitMap64(), *(keys for term, keys in self.terms_named(name).items() if term < last))

    def count_terms(self, keys: BitMap64, choices: Mapping[str, BitMap64]) -> dict[str, int]:
        """How many of these editions carry each of these terms, where any does."""
        counted = {term: keys.intersection_cardinality(found) for term, found in choices.items()}
        return {term: count for term, count in counted.items() if count}

    def changed_by(self, head: Head, touched: BitMap64, standing: Mapping[str, Iterable[int]]) -> TermBitmaps:
        """The snapshot in which these editions stand as `standing` says, by term. This one stays as it was."""
        everything = (self.everything - touched) | BitMap64(standing.get("", ()))
        gone = self.everything & touched  # of what stood; terms of the past hold others too
        by_name: dict[str, dict[str, BitMap64]] = {
            name: leave_out(terms, touched if name.startswith(EVER) else gone) for name, terms in self.by_name.items()
        }
        for term, keys in standing.items():
            if term:
                terms = by_name.setdefault(term.partition(":")[0], {})
                terms[term] = terms[term] | BitMap64(keys) if term in terms else BitMap64(keys)
        with KEEPING:
            kept = dict(self.matches) if len(touched) <= MOST_TOUCHED else {}
        matches = {question: (keys, unread | touched) for question, (keys, unread) in kept.items()}
        previous = (replace(self, matches={}, previous=None), touched) if 0 < len(touched) <= MOST_TOUCHED else None
        return TermBitmaps(head, everything, by_name, self.made, self.answers, matches, previous)

    def keep_answer(self, question: Hashable, keys: BitMap64, make: Callable[[], Kept]) -> Kept:
        """What is found out about these editions for a reader's question: it stays while they are the same.

        The questions asked most recently are kept.
        """
        held = self.answers.get(question)
        if held is None or held[0] != keys:
            held = (keys, make())
        with KEEPING:
            self.answers.pop(question, None)
            self.answers[question] = held
            while len(self.answers) > MOST_QUESTIONS:
                del self.answers[next(iter(self.answers))]
        return cast("Kept", held[1])

    def keep_counts(self, question: Hashable, make: Callable[[], Kept]) -> Kept:
        """What was counted or found for a question: it holds as long as nothing is published."""
        return self.keep_answer((self.head, question), NO_EDITIONS, make)

    def keep_sums(self, question: Hashable, count: Callable[[TermBitmaps, BitMap64], Counts]) -> Counts:
        """What `count` finds in a snapshot among some editions; from one revision to the next those alone are counted
        that were touched, as they stood and as they stand.
        """

        def bring() -> Counts:
            if self.previous:
                before, touched = self.previous
                if held := self.answers.get((before.head, question)):
                    return add_counts(cast("Counts", held[1]), count(before, touched), count(self, touched))
            return count(self, self.everything)

        return self.keep_counts(question, bring)

    def keep_made(self, name: str, keys: BitMap64, make: Callable[[BitMap64], Kept]) -> Kept:
        """What is made of these editions. It is kept under a name while they are the same: none ever changes."""
        held = self.made.get(name)
        if held is None or held[0] != keys:
            self.made[name] = held = (keys, make(keys))
        return cast("Kept", held[1])

    def find_matches(self, query: SearchQuery) -> BitMap64:
        """The editions whose words match."""
        return self.find_matches_of_each([query])[0]

    def find_matches_of_each(self, queries: Iterable[SearchQuery]) -> list[BitMap64]:
        """The editions whose words match each of these. One query, where not all parts of them are known."""
        asked = [take_apart(query) for query in queries]
        parts = {id(part): part for each in asked for part in each.list_queries()}
        found = dict(zip(parts, self.find_matches_of_parts([*parts.values()]), strict=True))
        return [each.combine(lambda part: found[id(part)]) or BitMap64() for each in asked]

    def find_matches_of_parts(self, parts: Iterable[SearchQuery]) -> list[BitMap64]:
        """The same, of parts of questions that are asked as they stand.

        A word that half of a large library says takes longer than a page may: others wait for one to learn it.
        """
        listed = [*parts]
        rows = [Edition.objects.current().filter(search=part).order_by() for part in listed]
        questions = [format_question(each) for each in rows]
        asked = dict(zip(questions, rows, strict=True))
        if all(map(is_one_stem, listed)) and not asked.keys() <= self.matches.keys():
            with LEARNING[hash(tuple(asked)) % len(LEARNING)], limited_to("counts"):
                found = self.ask_for_matches(asked)
        else:
            found = self.ask_for_matches(asked)
        return [found[question] for question in questions]

    def ask_for_matches(self, rows: Mapping[TextQuestion, EditionQuerySet]) -> dict[TextQuestion, BitMap64]:
        """The editions that match each of these questions, which are given as SQL too. One query at most.

        Of a question that was asked before, those editions alone are asked that have changed since.
        """
        held = self.recall_matches(rows)
        unknown = {
            question: each.filter(pk__among=list(held[question][1])) if question in held else each
            for question, each in rows.items()
            if question not in held or held[question][1]
        }
        answers = {question: keys for question, (keys, unread) in held.items() if not unread}
        if unknown:
            asked = [each.values("pk").query.sql_with_params() for each in unknown.values()]
            arrays = "".join(f"array({sql}), " for sql, _ in asked)
            with connections[Edition.objects.db].cursor() as cursor:
                cursor.execute(f"select {arrays} ({NEWEST_HASH})", [each for _, values in asked for each in values])
                *found, sha256 = cursor.fetchone()
            for question, keys in zip(unknown, found, strict=True):
                before, unread = held.get(question, (BitMap64(), BitMap64()))
                answers[question] = (before - unread) | BitMap64(keys)
                if sha256 == self.head.sha256:  # otherwise the matches belong to a later snapshot than this
                    self.keep_matches(question, answers[question])
        return answers

    def recall_matches(self, questions: Iterable[TextQuestion]) -> dict[TextQuestion, KnownMatches]:
        """What is known of these questions, which are then the last to be forgotten."""
        with KEEPING:
            held = {question: self.matches.pop(question) for question in questions if question in self.matches}
            self.matches.update(held)
        return held

    def keep_matches(self, question: TextQuestion, keys: BitMap64, unread: BitMap64 = NO_EDITIONS) -> None:
        """Remember them, and forget what was not asked for longest where there are too many."""
        with KEEPING:
            self.matches.pop(question, None)
            self.matches[question] = (keys, unread)
            while len(self.matches) > MOST_QUESTIONS:
                del self.matches[next(iter(self.matches))]


class TermKeeper:
    """The newest snapshot that this process has. For threads to share."""

    def __init__(self) -> None:
        self.snapshot = TermBitmaps()
        self.lock = Lock()

    def read_current(self) -> TermBitmaps:
        """The snapshot of the library as it is now. One query, and one more after a publication."""
        served = newest_served.read_number()
        here = connections[Edition.objects.db]
        head = Head(*(fetch_standing(here, NEWEST_ENTRY, seconds_watched()) or NOTHING_PUBLISHED))
        if not here.in_atomic_block:
            newest_served.admit_number(head.number, served)
        held = self.snapshot
        if held.head == head:
            return held
        # others wait for one to read, rather than read the same; a whole library takes longer than a page may
        with self.lock, limited_to("counts"):
            if self.snapshot.head != head:
                self.snapshot = bring_forward(self.snapshot) or bring_forward(read_all_terms(head)) or TermBitmaps()
            return self.snapshot

    def take_matches(self, read: TermBitmaps) -> bool:
        """Add what is known of questions in this snapshot, if ours is of the same revision; whether it was.

        Of a question that was asked meanwhile the answer stays.
        """
        with self.lock:
            if self.snapshot.head != read.head:
                return False
            for question, (keys, unread) in read.matches.items():
                if question not in self.snapshot.matches:
                    self.snapshot.keep_matches(question, keys, unread)
            return True


def format_question(rows: EditionQuerySet) -> TextQuestion:
    """The question for the keys of these as SQL with its values."""
    return rows.values("pk").query.sql_with_params()


def bring_forward(held: TermBitmaps) -> TermBitmaps | None:
    """The snapshot of now from an older one; None where the library has another past, or words were redacted."""
    number, sha256 = AnyValue("bigint", held.head.number), AnyValue("text", held.head.sha256)
    found = fetch_often(connections[Edition.objects.db], TOUCHED_SINCE, [number, sha256, number, *list_told()])
    if not found or not found[0][2]:
        return None
    newest, newest_sha256, _, touched, *_ = found[0]
    standing = {term: keys for *_, term, keys in found if keys}
    return held.changed_by(Head(newest, newest_sha256), BitMap64(touched or ()), standing)


def read_all_terms(head: Head) -> TermBitmaps:
    """Every current edition, in parts, as of this entry: to be brought forward over what came meanwhile."""
    made, last = TermBitmaps(head), 0
    while last is not None:
        with connections[Edition.objects.db].cursor() as cursor:
            cursor.execute(SOME_AFTER, [last, READ_AT_ONCE, *list_told()])
            found = cursor.fetchall()
        made = made.changed_by(head, BitMap64(), {term: keys for _, term, keys in found if keys})
        last = found[0][0]
    return made


def list_told() -> list[list[str]]:
    """The kinds whose documents tell labels, and the vocabularies that these are of."""
    return [list(kinds_with_labels()), list(TeamVocabulary.values)]


keeper = TermKeeper()


def read_term_bitmaps() -> TermBitmaps:
    """Which editions carry which term, now. One query while nothing is published."""
    return keeper.read_current()


def held_term_bitmaps() -> TermBitmaps:
    """The same as this process knows it, which may be of an earlier revision, or before the first. No query."""
    return keeper.snapshot
