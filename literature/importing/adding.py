"""Add a few references where one is writing: pasted RIS, BibTeX, CSL-JSON and so on, or DOIs, one a line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from failure_lessons.files.decoding import CannotRead, decoded
from failure_lessons.history.audit_context import acted
from literature.documents import TO_COMPLETE
from literature.importing.items import DOI, Item
from literature.importing.preview import Action, Known, Row, Standing, previewed
from literature.importing.readers import detected, read
from literature.importing.services import hold, import_references

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

MOST = 500  # in one go: more is a file's work
LONGEST = 1_000_000


@dataclass(frozen=True)
class Offer:
    """One reference of what was pasted: what it is, how it stands, and the key it has where it is here."""

    row: Row
    title: str
    key: str
    standing: Standing
    problems: list[str]
    is_bare: bool = False  # a DOI and nothing else

    @property
    def number(self) -> int:
        return self.row.item.row


def offers(text: str) -> list[Offer]:
    """What was pasted, each beside what the workbench has. Raises `CannotRead`. Nothing is written."""
    if not text.strip():
        raise CannotRead("Paste references or DOIs first.")
    if len(text) > LONGEST:
        raise CannotRead(f"This is more than {LONGEST:,} characters: use “Import references” for whole files.")
    bare = [DOI.fullmatch(line.strip().rstrip(".,;")) for line in text.splitlines() if line.strip()]
    if len(bare) > MOST:
        bare = []
    if bare and all(bare):
        return [offer(row, is_bare=True) for row in bare_rows([match[1] for match in bare if match])]
    plain, _ = decoded(text.encode("utf-8", "replace"))
    items = read(plain, detected(plain))
    if len(items) > MOST:
        raise CannotRead(f"These are more than {MOST} references: use “Import references” for whole files.")
    return [offer(row) for row in previewed(items)]


def bare_rows(dois: list[str]) -> list[Row]:
    """DOIs as rows: those that are here and those that are not."""
    wanted = list(dict.fromkeys(doi.casefold() for doi in dois))
    items = [
        Item(place, {"type": "article-journal", "title": f"{TO_COMPLETE} {doi}", "DOI": doi})
        for place, doi in enumerate(wanted, start=1)
    ]
    return previewed(items)


def offer(row: Row, is_bare: bool = False) -> Offer:
    """A row as it is offered."""
    standing = row.standing
    key = row.known.slug if row.known else ""
    certain = row.match is not None and row.match.certain
    if is_bare and not certain and standing != Standing.FAULTY:
        row, standing, key = Row(row.item), Standing.NEW, ""  # a made-up title likens nothing
    problems = [f"{problem.field}: {problem.reason}" for problem in row.item.problems]
    return Offer(row, str(row.item.csl.get("title", "No title"))[:300], key, standing, problems, is_bare)


@transaction.atomic
@acted
def add_references(*, text: str, by: User, also: Collection[int] = (), note: str = "") -> dict[int, str]:
    """Add what is new of pasted references as drafts; of what is perhaps here, only the rows in `also`.

    Says the key of each row: of the new draft, or of the reference that was here. A DOI that nothing is known of
    becomes a draft to be completed, which cannot be published as it is. Raises `CannotRead`; then nothing is added.
    """
    hold()
    found = offers(text)
    chosen: list[tuple[Item, str, Known | None]] = []
    for each in found:
        wanted = each.standing == Standing.NEW or (each.standing == Standing.PERHAPS and each.number in also)
        chosen.append((each.row.item, Action.IMPORT if wanted else Action.SKIP, None))
    made = {result["row"]: result["key"] for result in import_references(items=chosen, by=by, note=note)}
    return {each.number: made.get(each.number) or each.key for each in found}
