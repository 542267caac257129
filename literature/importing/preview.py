"""What would become of each row of a file: looked at before anything is written."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models

from failure_lessons.bibliography.names import harvard
from failure_lessons.publishing.models import Edition
from literature.duplicates import Match, Shelf, Work
from literature.importing.items import Item
from literature.models import Reference

HERE = 98  # the same title, author and year: no doubt in practice


class Standing(models.TextChoices):
    """How a row stands to what is here. Codes are used in addresses."""

    NEW = "new", "New"
    PERHAPS = "perhaps", "Perhaps a duplicate"
    HERE = "here", "Already here"
    FAULTY = "faulty", "Faulty"


class Action(models.TextChoices):
    """What to do with a row."""

    IMPORT = "import", "Import as a new draft"
    SKIP = "skip", "Skip"
    UPDATE = "update", "Update the draft with it"


class Known(NamedTuple):
    """A reference that is here."""

    pk: int
    slug: str
    open: bool  # a draft that was never published: what a file says may be written into it


@dataclass(frozen=True)
class Row:
    """One row of a file, and what could be done with it."""

    item: Item
    match: Match | None = None

    @property
    def known(self) -> Known | None:
        """The reference it resembles; None when that is another row of the file."""
        return self.match.work.key if self.match and isinstance(self.match.work.key, Known) else None

    @property
    def row_before(self) -> int:
        """The row of this file which it resembles, or 0."""
        return self.match.work.key if self.match and isinstance(self.match.work.key, int) else 0

    @property
    def standing(self) -> Standing:
        if self.item.faulty:
            return Standing.FAULTY
        if not self.match:
            return Standing.NEW
        return Standing.HERE if self.match.likeness >= HERE else Standing.PERHAPS

    @property
    def actions(self) -> list[Action]:
        """What may be chosen, the suggestion first."""
        if self.item.faulty:
            return [Action.SKIP]
        actions = [Action.IMPORT] if not self.match else [Action.SKIP]
        if not self.match:
            actions.append(Action.SKIP)
        elif not self.match.certain:
            actions.append(Action.IMPORT)
        if self.known and self.known.open:
            actions.append(Action.UPDATE)
        return actions

    def decided(self, decisions: Mapping[str, str]) -> str:
        """What was chosen, where it may be, else what is suggested."""
        chosen = decisions.get(str(self.item.row), "")
        return chosen if chosen in self.actions else self.actions[0]

    def cited(self) -> dict[str, str]:
        """The row as a reference reads."""
        parts = harvard(self.item.csl)
        unsigned = parts["title"] and parts["lead"].startswith(parts["title"])
        return {**parts, "lead": f"No author{parts['lead'][len(parts['title']) :]}"} if unsigned else parts


def shelf_of_references() -> Shelf:
    """Every reference of the workbench, to compare with: two queries."""
    return Shelf(works())


def works() -> Iterator[Work]:
    """Every reference of the workbench as what is compared: two queries."""
    published: set[uuid.UUID] = set(Edition.objects.of_kind("reference").values_list("record_id", flat=True))
    for reference in Reference.objects.order_by("pk").defer("abstract"):
        yield work_of(reference, published)


def work_of(reference: Reference, published: set[Any]) -> Work:
    """A reference as what is compared."""
    open_ = reference.state == Reference.State.DRAFT and reference.record_id not in published
    entry = {**reference.csl, **{name: getattr(reference, name) for name in ("title", "author", "issued", "type")}}
    entry |= {"container-title": reference.container_title, "DOI": reference.doi, "ISBN": reference.isbn}
    return Work(Known(reference.pk, reference.slug, open_), entry)


def previewed(items: Sequence[Item]) -> list[Row]:
    """Each row beside what it resembles, among the references and among the rows before it: two queries."""
    shelf = shelf_of_references()
    rows = []
    for item in items:
        if item.faulty:
            rows.append(Row(item))
            continue
        work = Work(item.row, item.csl)
        rows.append(Row(item, shelf.match(work)))
        shelf.add(work)
    return rows


__all__ = ["Action", "Known", "Row", "Standing", "previewed", "works"]
