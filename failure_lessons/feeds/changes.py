"""The ledger as readers see it: one change at a time, and the questions that can be asked about changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from failure_lessons.feeds.filters import ChangeFilter, choices_of
from failure_lessons.library.list_query import CannotAsk, ParameterError, repeated_parameters, unknown_parameters
from failure_lessons.publishing.addresses import api_edition_path, edition_path
from failure_lessons.publishing.alike_changes import group_alike
from failure_lessons.publishing.ledger_queries import LedgerEntryQuerySet
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS, Kind

RevisionAction = LedgerEntry.Action
MANY_ALIKE = 4  # from here on, one line for all
GREATEST = 2**63 - 1  # what a revision number can be in the database


@dataclass(frozen=True)
class LedgerChange:
    """One revision of the library, in words and with its addresses."""

    revision: LedgerEntry

    @property
    def edition(self) -> Edition:
        return self.revision.edition

    @property
    def kind(self) -> Kind:
        return KINDS[self.edition.kind]

    @property
    def is_withdrawal(self) -> bool:
        return self.revision.action == RevisionAction.WITHDRAWN

    @property
    def is_gone(self) -> bool:
        """Whether the edition was withdrawn since, so that readers get nothing of it but its address and the reason."""
        return self.edition.withdrawn_at is not None

    @property
    def words(self) -> str:
        """What happened, in a word or two."""
        if self.revision.action == RevisionAction.PUBLISHED and self.edition.number > 1:
            return "New edition"
        return str(RevisionAction(self.revision.action).label)

    @property
    def note(self) -> str:
        """What the publisher told readers; of what was withdrawn since, the reason of the withdrawal alone."""
        return self.revision.public_note

    @property
    def change(self) -> str:
        """What kind of change a new edition is; empty of anything else."""
        return self.revision.change

    @property
    def change_words(self) -> str:
        """The same in words."""
        return self.edition.get_change_display() if self.change else ""

    @property
    def title(self) -> str:
        """Code and title of the record; of what was withdrawn, its kind and address."""
        return self.edition.public_title if self.is_gone else f"{self.edition.code} {self.edition.title}".strip()

    @property
    def page_path(self) -> str:
        """Where the edition is read, or mourned: below the site's root."""
        return edition_path(self.edition.kind, self.edition.slug, self.edition.number)

    @property
    def api_path(self) -> str:
        """The edition in the API: below the site's root."""
        return api_edition_path(self.edition.kind, self.edition.slug, self.edition.number)

    @property
    def is_comparable(self) -> bool:
        """Whether there is an edition before it to compare it with."""
        publication = self.revision.action in LedgerEntry.PUBLICATIONS
        return publication and not self.is_gone and self.edition.number > 1

    def serialize_change(self, base: str) -> dict[str, object]:
        """The change as the API answers it; `base` is the site's own address without a slash at its end."""
        return {
            "number": self.revision.number,
            "action": self.revision.action,
            "at": self.revision.at,
            "kind": self.edition.kind,
            "record": self.edition.record_id,
            "slug": self.edition.slug,
            "code": self.edition.code,
            "title": self.edition.public_title,
            "edition": self.edition.number,
            "sha256": self.edition.sha256,
            "change": self.change,
            "note": self.note,
            "url": f"{base}{self.api_path}",
            "page": f"{base}{self.page_path}",
        }


@dataclass(frozen=True)
class AlikeChanges:
    """Changes that follow each other and differ only in their record: of one day, kind and deed, with one note."""

    changes: tuple[LedgerChange, ...]

    @property
    def day(self) -> dt.date:
        """The day of all of them."""
        return timezone.localtime(self.changes[0].revision.at).date()

    @property
    def are_many(self) -> bool:
        """Whether one line for all of them says more than a line for each."""
        return len(self.changes) >= MANY_ALIKE

    @property
    def words(self) -> str:
        """How many of what, and what happened."""
        first = self.changes[0]
        return f"{len(self.changes)} {first.kind.label_plural.lower()}: {first.words.lower()}"


def list_alike_changes(changes: Iterable[LedgerChange]) -> list[AlikeChanges]:
    """The changes in their order, those that are alike together; a withdrawal stands alone, with its reason."""
    return [AlikeChanges(tuple(wrap_revisions(alike))) for alike in group_alike(each.revision for each in changes)]


def wrap_revisions(revisions: Iterable[LedgerEntry]) -> list[LedgerChange]:
    """The revisions, to be shown."""
    return [LedgerChange(revision) for revision in revisions]


def newest_changes_page(
    revisions: LedgerEntryQuerySet, before: int | None, limit: int
) -> tuple[list[LedgerChange], int | None]:
    """A page of changes, newest first, and the number before which the next page begins. One query."""
    rows = revisions if before is None else revisions.filter(number__lt=before)
    found = list(rows.with_headlines().order_by("-number")[: limit + 1])
    return wrap_revisions(found[:limit]), found[limit - 1].number if len(found) > limit else None


def parse_whole_number(name: str, text: str, least: int, most: int, example: int) -> int:
    """The number that a parameter gives. Raises `CannotAsk`."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        bounds = f"from {least}" if most == GREATEST else f"from {least} to {most}"
        raise CannotAsk([ParameterError(name, f"`{name}` is a whole number {bounds}.", f"{name}={example}")])
    return int(text)


def parse_change_filter(
    query: QueryDict, revisions: LedgerEntryQuerySet, *, also: tuple[str, ...] = ()
) -> ChangeFilter:
    """The changes that a query string asks for. Raises `CannotAsk` with every fault.

    `also` names parameters that the caller understands itself; each can be given once.
    """
    filters = ChangeFilter(query, queryset=revisions)
    faults = [*unknown_parameters(query, [*ChangeFilter.base_filters, *also]), *repeated_parameters(query, also)]
    if not filters.is_valid():
        faults += [
            ParameterError(name, f"`{name}`: {messages[0]}", example_filter_query(name))
            for name, messages in filters.errors.items()
        ]
    if faults:
        raise CannotAsk(faults)
    return filters


def example_filter_query(name: str) -> str:
    """A query string that works, for a filter that was given something wrong."""
    codes = [code for code, _ in choices_of(ChangeFilter.base_filters[name])]
    return urlencode({name: codes[0] if codes else "workforce"})
