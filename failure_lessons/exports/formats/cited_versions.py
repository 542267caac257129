"""What editions rest on, as the formats that name it need it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from django.db.models import F, JSONField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from failure_lessons.exports.formats.rows import EditionItem
from failure_lessons.publishing.addresses import edition_path
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.publishing.pins import PinMeaning
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.rows import EditionRow

PIN_BATCH = 200


class Pin(NamedTuple):
    """An edition that another rests on, or is about. A withdrawn one keeps its address and says no more."""

    kind: str
    slug: str
    number: int
    title: str = ""
    doi: str = ""
    is_about: bool = False

    def address(self, base: str) -> str:
        """The permanent address of the pinned edition."""
        return base + edition_path(self.kind, self.slug, self.number)

    def relation(self, kind: str) -> str:
        """How an edition of `kind` stands to this one: is about it, cites it, holds it, or is based on it."""
        if self.is_about:
            return "is-about"
        if self.kind == "reference":
            return "cites"
        member = KINDS[kind].member
        return "holds" if self.kind == "finding" and member and member.findings else "is-based-on"


def pins_of(rows: Sequence[EditionRow]) -> dict[int, list[Pin]]:
    """What each of these editions pins itself, by primary key. One query."""
    found: dict[int, list[Pin]] = {row.pk: [] for row in rows}
    cited = (
        EditionCitation.objects.filter(edition__in=found)
        .annotate(doi=KeyTextTransform("DOI", Cast("cites__document", JSONField())), gone=F("cites__withdrawn_at"))
        .order_by("edition_id", "cites__kind", "cites__sort_key", "cites_id")
        .values_list(
            "edition_id", "cites__kind", "cites__slug", "cites__number", "cites__title", "doi", "gone", "meaning"
        )
    )
    for edition, kind, slug, number, title, doi, gone, meaning in cited:
        shown = ("", "") if gone else (title, doi or "")
        found[edition].append(Pin(kind, slug, number, *shown, is_about=meaning == PinMeaning.ABOUT))
    return found


def pins_among(closure: Iterable[Edition]) -> list[Pin]:
    """The same for one edition, out of its closure (`list_evidence`). No query."""
    return [
        Pin(
            edition.kind,
            edition.slug,
            edition.number,
            "" if edition.withdrawn_at else edition.title,
            edition.content.get("DOI", "") if edition.kind == "reference" and not edition.withdrawn_at else "",
            is_about=getattr(edition, "told_of", False),
        )
        for edition in closure
        if getattr(edition, "direct", False) or getattr(edition, "told_of", False)
    ]


def with_pins(rows: Iterable[EditionRow], base: str) -> Iterator[tuple[EditionItem, list[Pin]]]:
    """Each edition with what it pins: a query for every two hundred."""
    source = iter(rows)
    while batch := list(islice(source, PIN_BATCH)):
        pins = pins_of(batch)
        yield from ((EditionItem(row, base), pins[row.pk]) for row in batch)
