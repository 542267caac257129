"""The marks that editions get after they were published, computed anew from the ledger and the pins alone.

When an edition was superseded, when and why it was withdrawn, and since when its evidence has changed are columns that
the chain of hashes does not hold. Each follows from the entries, so whoever alters one is found out here.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.models import Edition, EditionCitation, LedgerEntry


@dataclass
class Marks:
    """What an edition should carry."""

    superseded_at: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None
    withdrawal_reason: str = ""
    evidence_changed_at: dt.datetime | None = None

    @property
    def left_at(self) -> dt.datetime | None:
        """When readers stopped seeing it."""
        return self.superseded_at or self.withdrawn_at


class MarkReplay:
    """Plays the ledger from its beginning. One entry after another is enough: what rests on others comes after them."""

    def __init__(self) -> None:
        self.marks: dict[int, Marks] = {}
        self.editions_of: dict[uuid.UUID, list[int]] = {}
        self.resting_on: dict[int, list[int]] = {}
        self.pins: dict[int, list[int]] = {}
        for edition, cites in EditionCitation.objects.resting().order_by().values_list("edition_id", "cites_id"):
            self.resting_on.setdefault(cites, []).append(edition)
            self.pins.setdefault(edition, []).append(cites)

    def play_all(self) -> None:
        """Every entry, in order."""
        rows = LedgerEntry.objects.order_by("number").values_list(
            "action", "edition_id", "edition__record_id", "edition__change", "at", "note"
        )
        for action, edition, record, change, at, note in rows.iterator(chunk_size=2000):
            if action == LedgerEntry.Action.WITHDRAWN:
                self.withdraw(record, at, note)
            elif action in LedgerEntry.PUBLICATIONS:
                self.publish(edition, record, change, at)

    def publish(self, edition: int, record: uuid.UUID, change: str, at: dt.datetime) -> None:
        """A new edition takes the place of the current one. A correction of form marks nothing, and keeps its mark."""
        marked_at = None
        for before in self.editions_of.get(record, []):
            if self.marks[before].left_at is None:
                self.marks[before].superseded_at = at
                if change == ChangeKind.FORM:
                    marked_at = self.marks[before].evidence_changed_at
                else:
                    self.mark_dependents(before, at)
        self.editions_of.setdefault(record, []).append(edition)
        changed = any(
            pin in self.marks and self.marks[pin].evidence_changed_at is not None for pin in self.pins.get(edition, [])
        )
        self.marks[edition] = Marks(evidence_changed_at=marked_at or (at if changed else None))

    def withdraw(self, record: uuid.UUID, at: dt.datetime, reason: str) -> None:
        """Every edition of the record goes, but for those that a withdrawal before took."""
        for edition in self.editions_of.get(record, []):
            marks = self.marks[edition]
            if marks.withdrawn_at is None:
                was_current = marks.left_at is None
                marks.withdrawn_at, marks.withdrawal_reason = at, reason
                if was_current:
                    self.mark_dependents(edition, at)

    def mark_dependents(self, gone: int, at: dt.datetime) -> None:
        """What readers see and rests on it, however far down, is marked."""
        reached, edge = {gone}, [gone]
        while edge:
            for other in self.resting_on.get(edge.pop(), []):
                if other not in reached:
                    reached.add(other)
                    edge.append(other)
        for other in reached - {gone}:
            marks = self.marks.get(other)
            if marks and marks.left_at is None and marks.evidence_changed_at is None:
                marks.evidence_changed_at = at


def find_altered_marks() -> Iterator[str]:
    """Every edition whose marks are not those that the ledger gives it."""
    replay = MarkReplay()
    replay.play_all()
    for edition in Edition.objects.without_text().order_by("revision").iterator(chunk_size=2000):
        marks = replay.marks.get(edition.pk)
        if marks is None:
            continue  # stands in no revision, which is told elsewhere
        name = f"revision {edition.revision} ({edition})"
        if edition.superseded_at != marks.superseded_at:
            yield f"{name}: its supersession was altered"
        if (edition.withdrawn_at, edition.withdrawal_reason) != (marks.withdrawn_at, marks.withdrawal_reason):
            yield f"{name}: its withdrawal was altered"
        # what leaves in the very change that would mark it may carry the mark or not
        if edition.evidence_changed_at != marks.evidence_changed_at and not (
            marks.left_at is not None and marks.left_at in (edition.evidence_changed_at, marks.evidence_changed_at)
        ):
            yield f"{name}: the mark that its evidence has changed was altered"
