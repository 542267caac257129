"""The editions that a publication will make: those submitted, and those that a correction of form brings along."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.renditions import RecordKey, Rendition


@dataclass(eq=False)
class PlannedEdition:
    """An edition to be made: its number, the edition that gives way to it, and what it will rest on.

    `pins` are editions that are there and editions of this plan; `about` are those it tells of. `change` says what
    kind of change it is, of a first edition nothing. `evidence_changed` says that it is marked from the start, because
    something it rests on has changed since; `marked_at` is when its forerunner was, if that mark stays.
    """

    rendition: Rendition
    number: int
    replaces: Edition | None = None
    pins: tuple[Pinned, ...] = ()
    about: tuple[Pinned, ...] = ()
    change: ChangeKind | None = None
    evidence_changed: bool = False
    marked_at: dt.datetime | None = None

    @property
    def title(self) -> str:
        return self.rendition.title

    @property
    def key(self) -> RecordKey:
        return self.rendition.key

    @property
    def record_id(self) -> uuid.UUID:
        return self.rendition.record.record_id

    def build_edition(self) -> Edition:
        """The edition, with what is said in it."""
        made = self.rendition
        return Edition(
            kind=made.kind,
            slug=made.slug,
            code=made.code,
            record_id=self.record_id,
            number=self.number,
            title=made.title,
            summary=made.summary,
            body=made.body,
            document=made.document,
            sha256=made.sha256,
            terms=sorted(made.terms),
            sort_key=made.sort_key,
            change=self.change or "",
            due_on=made.due_on,
            look_again_on=made.look_again_on,
        )


@dataclass(eq=False)
class CarriedEdition:
    """The words of a current edition once more, over evidence of which the form was corrected.

    `causes` are the editions of the plan that its pins move to.
    """

    replaces: Edition
    pins: tuple[Pinned, ...]
    about: tuple[Edition, ...]
    causes: tuple[PlannedEdition | CarriedEdition, ...]
    evidence_changed: bool = False
    change: ChangeKind = ChangeKind.FORM

    @property
    def title(self) -> str:
        return self.replaces.title

    @property
    def number(self) -> int:
        return self.replaces.number + 1

    @property
    def marked_at(self) -> dt.datetime | None:
        return self.replaces.evidence_changed_at

    @property
    def key(self) -> RecordKey:
        return RecordKey(self.replaces.kind, self.replaces.slug)

    @property
    def record_id(self) -> uuid.UUID:
        return self.replaces.record_id

    def build_edition(self) -> Edition:
        """The edition, with what is said in it."""
        same = "kind slug code record_id title summary body document sha256 terms sort_key due_on look_again_on"
        values = {name: getattr(self.replaces, name) for name in same.split()}
        return Edition(**values, number=self.number, change=self.change)


Made = PlannedEdition | CarriedEdition
Pinned = Edition | Made


def rank_of_planned(planned: Made) -> int:
    """The place of its kind in the order of dependence."""
    return KINDS[planned.key.kind].rank
