"""Which current editions carry which term, as bitmaps that each process keeps and brings forward by revision.

Counting rows takes longer the more there are; counting bits hardly does. All counts beside a list, on the start page
and in the evidence map are intersections of these bitmaps. They are read from the table once, when a process first
needs them; after a publication only the editions that it touched are read again. A snapshot never changes: whoever
counts while somebody publishes goes on with the one in hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import NamedTuple, TypeVar, cast

from django.contrib.postgres.search import SearchQuery
from django.db import connections
from pyroaring import BitMap64

from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies.choices import TeamVocabulary

READ_AT_ONCE = 20_000  # editions in one statement: none runs into the time limit of readers, whatever the library holds
MOST_QUESTIONS = 200  # of which the matches are kept
MOST_TOUCHED = 5_000  # editions; after a larger publication questions are asked anew
EVER = "ever-"  # before the name of a term: of whatever was not withdrawn, editions of the past included
Kept = TypeVar("Kept")
TextQuestion = tuple[str, tuple[object, ...]]  # a full text question as SQL with its values


class Head(NamedTuple):
    """The newest entry of the ledger. The hash tells a library from another one that has come as far."""

    number: int = 0
    sha256: str = ""


NOTHING_PUBLISHED = Head()


class EditionTerms(NamedTuple):
    """An edition with all that is counted of it."""

    pk: int
    kind: str
    terms: list[str]
    is_current: bool
    is_withdrawn: bool
    evidence_changed: bool
    due_on: dt.date | None
    look_again_on: dt.date | None

    def list_terms(self) -> Iterator[tuple[str, bool]]:
        """Every term it may stand under, and whether it does: an edition that has gone stands under none."""
        for term in (*self.terms, f"kind:{self.kind}"):
            yield term, self.is_current
            if self.kind in kinds_with_labels() and term.partition(":")[0] in TeamVocabulary.values:
                yield f"{EVER}{term}", not self.is_withdrawn
        yield "evidence:changed", self.is_current and self.evidence_changed
        yield "evidence:unchanged", self.is_current and not self.evidence_changed
        for name, day in (("due_on", self.due_on), ("look_again_on", self.look_again_on)):
            if day:
                yield f"{name}:{day.isoformat()}", self.is_current


@cache
def kinds_with_labels() -> frozenset[str]:
    """The kinds whose documents tell what the terms of vocabularies are called."""
    return frozenset(code for code, kind in KINDS.items() if any(each.name == "labels" for each in kind.derived))


COUNTED_COLUMNS = """e.id, e.kind, e.terms, e.superseded_at is null and e.withdrawn_at is null,
             e.withdrawn_at is not null, e.evidence_changed_at is not null, e.due_on, e.look_again_on"""
NEWEST_HASH = "select sha256 from publishing_ledgerentry order by number desc limit 1"
NEWEST_ENTRY = "select number, sha256 from publishing_ledgerentry order by number desc limit 1"
SOME_AFTER = f"""
    select {COUNTED_COLUMNS} from publishing_edition e where e.withdrawn_at is null and e.id > %s order by e.id limit %s
"""  # our own text
# The head of the ledger, whether the entry that we hold can be carried on from (not in a library with another past, nor
# over a redaction, which changes the words of editions), and every edition that can stand otherwise than at that entry:
# those of the records in later entries, and those that were marked since.
TOUCHED_SINCE = f"""
    with head as (select number, sha256 from publishing_ledgerentry order by number desc limit 1),
         held as (
             select number, at from publishing_ledgerentry where number = %s and sha256 = %s and not exists (
                 select from publishing_ledgerentry l where l.number > %s and l.action = '{LedgerEntry.Action.REDACTED}'
             )
         ),
         entered as (
             select e.record_id from held join publishing_ledgerentry l on l.number > held.number
                  join publishing_edition e on e.id = l.edition_id
         ),
         touched as (
             select e.id from publishing_edition e where e.record_id in (select record_id from entered)
             union
             select e.id from held join publishing_edition e on e.evidence_changed_at >= held.at
         )
    select head.number, head.sha256, exists (select from held), {COUNTED_COLUMNS}
    from head left join publishing_edition e on e.id in (select id from touched)
"""  # our own text
KEEPING = Lock()  # held by whoever keeps the matches of a question


@dataclass(frozen=True)
class TermBitmaps:
    """The current editions of one revision of the library, by their keys."""

    head: Head = NOTHING_PUBLISHED
    everything: BitMap64 = field(default_factory=BitMap64)
    by_name: Mapping[str, Mapping[str, BitMap64]] = field(default_factory=dict)  # by a term's name, then the term
    # what was made of some editions, by a name: it stays while they are the same
    made: dict[str, tuple[BitMap64, object]] = field(default_factory=dict)
    answers: dict[Hashable, tuple[BitMap64, object]] = field(default_factory=dict)  # the same, by a reader's question
    # which editions match a question, and of which of them that is not known yet
    matches: dict[TextQuestion, tuple[BitMap64, BitMap64]] = field(default_factory=dict)

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

    def changed_by(self, head: Head, rows: Iterable[EditionTerms]) -> TermBitmaps:
        """The snapshot in which these editions stand as they now are. This one stays as it was."""
        everything, touched = self.everything.copy(), BitMap64()
        by_name = {name: dict(terms) for name, terms in self.by_name.items()}
        came: dict[str, list[int]] = {}
        went: dict[str, list[int]] = {}
        for row in rows:
            touched.add(row.pk)
            (everything.add if row.is_current else everything.discard)(row.pk)
            for term, stands in row.list_terms():
                (came if stands else went).setdefault(term, []).append(row.pk)
        for term in came.keys() | went.keys():
            terms = by_name.setdefault(term.partition(":")[0], {})
            keys = (terms.get(term, BitMap64()) | BitMap64(came.get(term, ()))) - BitMap64(went.get(term, ()))
            if keys:
                terms[term] = keys
            else:
                terms.pop(term, None)
        kept = dict(self.matches) if len(touched) <= MOST_TOUCHED else {}
        matches = {question: (keys, unread | touched) for question, (keys, unread) in kept.items()}
        return TermBitmaps(head, everything, by_name, self.made, self.answers, matches)

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
        """The editions whose words match each of these. One query, where not all are known.

        Of a question asked before, those editions alone are asked that have changed since.
        """
        rows = [Edition.objects.current().filter(search=query).order_by().values("pk") for query in queries]
        questions = [each.query.sql_with_params() for each in rows]
        held = {question: self.matches[question] for question in questions if question in self.matches}
        unknown = {
            question: each.filter(pk__in=list(held[question][1])) if question in held else each
            for question, each in zip(questions, rows, strict=True)
            if question not in held or held[question][1]
        }
        answers = {question: keys for question, (keys, unread) in held.items() if not unread}
        if unknown:
            asked = [each.query.sql_with_params() for each in unknown.values()]
            arrays = "".join(f"array({sql}), " for sql, _ in asked)
            with connections[Edition.objects.db].cursor() as cursor:
                cursor.execute(f"select {arrays} ({NEWEST_HASH})", [each for _, values in asked for each in values])
                *found, sha256 = cursor.fetchone()
            for question, keys in zip(unknown, found, strict=True):
                before, unread = held.get(question, (BitMap64(), BitMap64()))
                answers[question] = (before - unread) | BitMap64(keys)
                if sha256 == self.head.sha256:  # otherwise the matches belong to a later snapshot than this
                    self.keep_matches(question, answers[question])
        return [answers[question] for question in questions]

    def keep_matches(self, question: TextQuestion, keys: BitMap64) -> None:
        """Remember them, and forget the questions that came first where there are too many."""
        with KEEPING:
            self.matches.pop(question, None)
            self.matches[question] = (keys, BitMap64())
            while len(self.matches) > MOST_QUESTIONS:
                del self.matches[next(iter(self.matches))]


class TermKeeper:
    """The newest snapshot that this process has. For threads to share."""

    def __init__(self) -> None:
        self.snapshot = TermBitmaps()
        self.lock = Lock()

    def read_current(self) -> TermBitmaps:
        """The snapshot of the library as it is now. One query, and one more after a publication."""
        with connections[Edition.objects.db].cursor() as cursor:
            cursor.execute(NEWEST_ENTRY)
            head = Head(*(cursor.fetchone() or NOTHING_PUBLISHED))
        held = self.snapshot
        if held.head == head:
            return held
        with self.lock:  # others wait for one to read, rather than read the same
            if self.snapshot.head != head:
                self.snapshot = bring_forward(self.snapshot) or bring_forward(read_all_terms(head)) or TermBitmaps()
            return self.snapshot


def bring_forward(held: TermBitmaps) -> TermBitmaps | None:
    """The snapshot of now from an older one; None where the library has another past, or words were redacted."""
    with connections[Edition.objects.db].cursor() as cursor:
        cursor.execute(TOUCHED_SINCE, [*held.head, held.head.number])
        found = cursor.fetchall()
    if not found or not found[0][2]:
        return None
    rows = (EditionTerms(*row) for _, _, _, *row in found if row[0] is not None)
    return held.changed_by(Head(*found[0][:2]), rows)


def read_all_terms(head: Head) -> TermBitmaps:
    """Every current edition, in parts, as of this entry: to be brought forward over what came meanwhile."""
    made, last = TermBitmaps(head), 0
    while True:
        with connections[Edition.objects.db].cursor() as cursor:
            cursor.execute(SOME_AFTER, [last, READ_AT_ONCE])
            rows = [EditionTerms(*row) for row in cursor.fetchall()]
        made = made.changed_by(head, rows)
        if len(rows) < READ_AT_ONCE:
            return made
        last = rows[-1].pk


keeper = TermKeeper()


def read_term_bitmaps() -> TermBitmaps:
    """Which editions carry which term, now. One query while nothing is published."""
    return keeper.read_current()
