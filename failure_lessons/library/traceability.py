"""The meter of traceability: how many published statements reach the words of a source, a place, a work, or nothing.

Counted from current editions; each app says which statements its kinds hold (`Kind.statements`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import orjson

from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.statements import REACHES
from failure_lessons.vocabularies.choices import StatementSort


@dataclass(frozen=True)
class TraceRow:
    """How many statements of a sort get how far."""

    code: str
    label: str
    quoted: int = 0
    placed: int = 0
    linked: int = 0
    none: int = 0

    @property
    def total(self) -> int:
        return self.quoted + self.placed + self.linked + self.none

    @property
    def percent(self) -> int:
        """The share that reaches words, rounded down: 100 means all."""
        return 100 * self.quoted // self.total if self.total else 0


@dataclass(frozen=True)
class Traceability:
    """The meter as of a revision of the library: a row for each sort of statement, and all of them."""

    revision: int
    rows: tuple[TraceRow, ...]
    whole: TraceRow


def measure_traceability() -> Traceability:
    """The meter today. One query; one more after a publication."""
    head = LedgerEntry.objects.head()
    return measure_at(head.number if head else 0, head.sha256 if head else "")


@lru_cache(maxsize=2)
def measure_at(revision: int, sha256: str) -> Traceability:
    """The meter at the newest revision, told by its hash: it reads every document that states anything, once."""
    counts: dict[str, Counter[str]] = {str(code): Counter() for code in StatementSort}
    telling = {code: kind.statements for code, kind in KINDS.items() if kind.statements}
    rows = Edition.objects.current().of_kind(*telling).order_by().values_list("kind", "document")
    for kind, document in rows.iterator(chunk_size=200):
        for statement in telling[kind](orjson.loads(document)):
            counts[statement.sort][statement.reach] += 1
    found = tuple(TraceRow(str(sort), str(sort.label), **read_counts(counts[sort])) for sort in StatementSort)
    whole: Counter[str] = sum(counts.values(), Counter())
    return Traceability(revision, found, TraceRow("all", "All statements", **read_counts(whole)))


def read_counts(counts: Counter[str]) -> dict[str, int]:
    """The counts by reach, those of nothing too."""
    return {reach: counts[reach] for reach in REACHES}
