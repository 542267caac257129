"""Add a few references where one is writing: pasted RIS, BibTeX, CSL-JSON and so on, or DOIs, one a line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from failure_lessons.files.decoding import CannotReadFile, decode_text_file
from failure_lessons.history.audit_context import records_actor
from failure_lessons.validators.identifiers import DOI, normalise_doi
from literature.documents import TO_COMPLETE
from literature.importing.items import ImportedItem
from literature.importing.preview import ImportAction, ImportRowStatus, KnownReference, PreviewRow, preview_rows
from literature.importing.readers import detect_import_format, read_items
from literature.importing.services import import_references, lock_reference_imports

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

MAX_PASTED_REFERENCES = 500  # in one go: more is a file's work
MAX_PASTED_TEXT = 1_000_000


@dataclass(frozen=True)
class Offer:
    """One reference of what was pasted: what it is, how it stands, and the key it has where it is here."""

    row: PreviewRow
    title: str
    key: str
    standing: ImportRowStatus
    problems: list[str]
    is_bare: bool = False  # a DOI and nothing else

    @property
    def number(self) -> int:
        return self.row.item.row


def parse_offers(text: str) -> list[Offer]:
    """What was pasted, each beside what the workbench has. Raises `CannotReadFile`. Nothing is written."""
    if not text.strip():
        raise CannotReadFile("Paste references or DOIs first.")
    if len(text) > MAX_PASTED_TEXT:
        raise CannotReadFile(
            f"This is more than {MAX_PASTED_TEXT:,} characters: use “Import references” for whole files."
        )
    lines = [normalise_doi(line.strip().rstrip(".,;"))[0] for line in text.splitlines() if line.strip()]
    bare = [DOI.fullmatch(line) for line in lines]
    if len(bare) > MAX_PASTED_REFERENCES:
        bare = []
    if bare and all(bare):
        return [make_offer(row, is_bare=True) for row in bare_rows([match[0] for match in bare if match])]
    plain, _ = decode_text_file(text.encode("utf-8", "replace"))
    items = read_items(plain, detect_import_format(plain))
    if len(items) > MAX_PASTED_REFERENCES:
        raise CannotReadFile(
            f"These are more than {MAX_PASTED_REFERENCES} references: use “Import references” for whole files."
        )
    return [make_offer(row) for row in preview_rows(items)]


def bare_rows(dois: list[str]) -> list[PreviewRow]:
    """DOIs as rows: those that are here and those that are not."""
    wanted = list(dict.fromkeys(doi.casefold() for doi in dois))
    items = [
        ImportedItem(place, {"type": "article-journal", "title": f"{TO_COMPLETE} {doi}", "DOI": doi})
        for place, doi in enumerate(wanted, start=1)
    ]
    return preview_rows(items)


def make_offer(row: PreviewRow, is_bare: bool = False) -> Offer:
    """A row as it is offered."""
    standing = row.standing
    key = row.known.slug if row.known else ""
    certain = row.match is not None and row.match.certain
    if is_bare and not certain and standing != ImportRowStatus.FAULTY:
        row, standing, key = PreviewRow(row.item), ImportRowStatus.NEW, ""  # a made-up title likens nothing
    problems = [f"{problem.field}: {problem.reason}" for problem in row.item.problems]
    return Offer(row, str(row.item.csl.get("title", "No title"))[:300], key, standing, problems, is_bare)


@transaction.atomic
@records_actor
def add_references(*, text: str, by: User, also: Collection[int] = (), note: str = "") -> dict[int, str]:
    """Add what is new of pasted references as drafts; of what is perhaps here, only the rows in `also`.

    Says the key of each row: of the new draft, or of the reference that was here. A DOI that nothing is known of
    becomes a draft to be completed, which cannot be published as it is. Raises `CannotReadFile`; then nothing is added.
    """
    lock_reference_imports()
    found = parse_offers(text)
    chosen: list[tuple[ImportedItem, str, KnownReference | None]] = []
    for each in found:
        wanted = each.standing == ImportRowStatus.NEW or (
            each.standing == ImportRowStatus.PERHAPS and each.number in also
        )
        chosen.append((each.row.item, ImportAction.IMPORT if wanted else ImportAction.SKIP, None))
    made = {result["row"]: result["key"] for result in import_references(items=chosen, by=by, note=note)}
    return {each.number: made.get(each.number) or each.key for each in found}
