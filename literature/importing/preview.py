"""What would become of each row of a file: looked at before anything is written."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import models

from failure_lessons.bibliography.names import split_harvard_reference
from failure_lessons.publishing.models import Edition
from literature.duplicates import CandidateIndex, ComparedWork, Match
from literature.importing.items import ImportedItem
from literature.models import Reference

SURELY_SAME_WORK = 98  # the same title, author and year: no doubt in practice


class ImportRowStatus(models.TextChoices):
    """How a row stands to what is here. Codes are used in addresses."""

    NEW = "new", "New"
    PERHAPS = "perhaps", "Perhaps a duplicate"
    HERE = "here", "Already here"
    FAULTY = "faulty", "Faulty"


class ImportAction(models.TextChoices):
    """What to do with a row."""

    IMPORT = "import", "Import as a new draft"
    SKIP = "skip", "Skip"
    UPDATE = "update", "Update the draft with it"


class KnownReference(NamedTuple):
    """A reference that is here."""

    pk: int
    slug: str
    open: bool  # a draft that was never published: what a file says may be written into it


@dataclass(frozen=True)
class PreviewRow:
    """One row of a file, and what could be done with it."""

    item: ImportedItem
    match: Match | None = None

    @property
    def known(self) -> KnownReference | None:
        """The reference it resembles; None when that is another row of the file."""
        return self.match.work.key if self.match and isinstance(self.match.work.key, KnownReference) else None

    @property
    def row_before(self) -> int:
        """The row of this file which it resembles, or 0."""
        return self.match.work.key if self.match and isinstance(self.match.work.key, int) else 0

    @property
    def standing(self) -> ImportRowStatus:
        if self.item.faulty:
            return ImportRowStatus.FAULTY
        if not self.match:
            return ImportRowStatus.NEW
        return ImportRowStatus.HERE if self.match.likeness >= SURELY_SAME_WORK else ImportRowStatus.PERHAPS

    @property
    def actions(self) -> list[ImportAction]:
        """What may be chosen, the suggestion first."""
        if self.item.faulty:
            return [ImportAction.SKIP]
        actions = [ImportAction.IMPORT] if not self.match else [ImportAction.SKIP]
        if not self.match:
            actions.append(ImportAction.SKIP)
        elif not self.match.certain:
            actions.append(ImportAction.IMPORT)
        if self.known and self.known.open:
            actions.append(ImportAction.UPDATE)
        return actions

    def chosen_action(self, decisions: Mapping[str, str]) -> str:
        """What was chosen, where it may be, else what is suggested."""
        chosen = decisions.get(str(self.item.row), "")
        return chosen if chosen in self.actions else self.actions[0]

    def citation_parts(self) -> dict[str, str]:
        """The row as a reference reads."""
        parts = split_harvard_reference(self.item.csl)
        unsigned = parts["title"] and parts["lead"].startswith(parts["title"])
        return {**parts, "lead": f"No author{parts['lead'][len(parts['title']) :]}"} if unsigned else parts


def index_references() -> CandidateIndex:
    """Every reference of the workbench, to compare with: two queries."""
    return CandidateIndex(load_compared_works())


def load_compared_works() -> Iterator[ComparedWork]:
    """Every reference of the workbench as what is compared: two queries."""
    published: set[uuid.UUID] = set(Edition.objects.of_kind("reference").values_list("record_id", flat=True))
    for reference in Reference.objects.order_by("pk").defer("abstract"):
        yield compared_work_of(reference, published)


def compared_work_of(reference: Reference, published: set[uuid.UUID]) -> ComparedWork:
    """A reference as what is compared."""
    open_ = reference.state == Reference.State.DRAFT and reference.record_id not in published
    own = {name: getattr(reference, name) for name in ("title", "author", "issued", "type")}
    entry = {**reference.other_variables, **own}
    entry |= {"container-title": reference.container_title, "DOI": reference.doi, "ISBN": reference.isbn}
    return ComparedWork(KnownReference(reference.pk, reference.slug, open_), entry)


def preview_rows(items: Sequence[ImportedItem]) -> list[PreviewRow]:
    """Each row beside what it resembles, among the references and among the rows before it: two queries."""
    shelf = index_references()
    rows = []
    for item in items:
        if item.faulty:
            rows.append(PreviewRow(item))
            continue
        work = ComparedWork(item.row, item.csl)
        rows.append(PreviewRow(item, shelf.best_match(work)))
        shelf.add(work)
    return rows


__all__ = ["ImportAction", "ImportRowStatus", "KnownReference", "PreviewRow", "load_compared_works", "preview_rows"]
