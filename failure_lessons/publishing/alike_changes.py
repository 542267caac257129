"""Changes of the library that one line can tell: alike but for the record that they are of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone

from failure_lessons.publishing.models import Edition, LedgerEntry


class ChangeFacts(NamedTuple):
    """What tells changes apart, and the headline of each: columns of its entry and of its edition."""

    number: int
    action: str
    at: dt.datetime
    note: str
    kind: str
    edition: int
    withdrawn_at: dt.datetime | None
    change: str
    slug: str
    code: str
    title: str

    @property
    def entry(self) -> LedgerEntry:
        """The entry with its edition, as far as they are known here."""
        told = {name: getattr(self, name) for name in ("kind", "withdrawn_at", "change", "slug", "code", "title")}
        edition = Edition(number=self.edition, **told)
        return LedgerEntry(number=self.number, action=self.action, at=self.at, note=self.note, edition=edition)

    def describe(self) -> tuple[object, ...]:
        """The same for changes that are alike: of one day, kind and deed, with one note.

        What took words away, or was withdrawn since, stands alone, with its reason.
        """
        removes = self.action in LedgerEntry.REMOVALS
        alone = self.number if removes or self.withdrawn_at else 0
        note = "" if self.withdrawn_at and not removes else self.note
        change = self.change if self.action in LedgerEntry.PUBLICATIONS else ""
        return timezone.localtime(self.at).date(), self.kind, self.action, self.edition > 1, note, change, alone


FACT_COLUMNS = (
    *("number", "action", "at", "note"),
    *("edition__kind", "edition__number", "edition__withdrawn_at", "edition__change"),
    *("edition__slug", "edition__code", "edition__title"),
)


def facts_of(entry: LedgerEntry) -> ChangeFacts:
    """The facts of an entry that was read with its edition."""
    edition = entry.edition
    told = (
        edition.kind,
        edition.number,
        edition.withdrawn_at,
        edition.change,
        edition.slug,
        edition.code,
        edition.title,
    )
    return ChangeFacts(entry.number, entry.action, entry.at, entry.note, *told)


def group_alike(entries: Iterable[LedgerEntry]) -> list[list[LedgerEntry]]:
    """Changes in their order, those together that follow each other and differ in their record alone.

    The editions have to be read with the changes.
    """
    return [list(alike) for _, alike in groupby(entries, key=lambda entry: facts_of(entry).describe())]


def group_alike_facts(facts: Iterable[ChangeFacts]) -> list[list[ChangeFacts]]:
    """The same of the facts alone."""
    return [list(alike) for _, alike in groupby(facts, key=ChangeFacts.describe)]
