"""An edition as every format reads it, whether it comes as a model instance or as a named row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import cached_property

import orjson
from django.conf import settings

from failure_lessons.bibliography.inline import spell_citations, without_citations
from failure_lessons.publishing.addresses import api_edition_path, edition_path, record_path
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.types import JSONObject

# What a query has to fetch for any format: `.only(*COLUMNS)` or `.values_list(*COLUMNS, named=True)`.
EDITION_COLUMNS = (
    "pk",
    "kind",
    "slug",
    "number",
    "revision",
    "sha256",
    "document",
    "change",
    "note",
    "published_at",
    "superseded_at",
    "withdrawn_at",
    "evidence_changed_at",
)
TITLE_MEMBERS = ("title", "label", "name", "term", "statement")  # a document has one of these
DESCRIPTIONS = ("statement", "summary", "question", "definition", "scope_note", "purpose", "explanation", "abstract")
PUBLISHER: str = settings.SITE.name
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LICENCE_NAME = "Creative Commons Attribution 4.0 International"
BLOCK_BYTES = 65_536  # bytes handed on at once: a chunk for each small record would cost more than the record


class EditionItem:
    """One edition, its document parsed once, and its addresses below `base` (the site's own, no slash at its end)."""

    def __init__(self, row: EditionRow, base: str) -> None:
        self.row = row
        self.base = base

    @cached_property
    def content(self) -> JSONObject:
        """The document."""
        parsed: JSONObject = orjson.loads(self.row.document)
        return parsed

    @property
    def kind(self) -> Kind:
        return KINDS[self.row.kind]

    @property
    def code(self) -> str:
        return str(self.content.get("code", ""))

    @property
    def title(self) -> str:
        """What the record is called; a finding is called by its statement."""
        told = next((str(self.content[name]) for name in TITLE_MEMBERS if self.content.get(name)), "")
        return told or str(self.content.get("derived", {}).get("title") or self.row.slug)

    @property
    def name(self) -> str:
        """The title, with the code before it where there is one."""
        return f"{self.code}: {self.title}" if self.code else self.title

    @property
    def description(self) -> str:
        """What the record says, in a paragraph that cites by author and year; empty where the title says it all."""
        cited = self.content.get("derived", {}).get("cited", {})
        written = (str(self.content.get(name, "")) for name in DESCRIPTIONS)
        texts = (spell_citations(text, cited) if cited else without_citations(text) for text in written)
        return next((text for text in texts if text and text != self.title), "")

    @property
    def page(self) -> str:
        """The record's page, which shows its current edition."""
        return self.base + record_path(self.row.kind, self.row.slug)

    @property
    def permanent(self) -> str:
        """The page of this very edition, which never changes: what to cite."""
        return self.base + edition_path(self.row.kind, self.row.slug, self.row.number)

    @property
    def data(self) -> str:
        """This very edition in the API."""
        return self.base + api_edition_path(self.row.kind, self.row.slug, self.row.number)

    @property
    def published(self) -> dt.date:
        """The day on which the edition was published (UTC)."""
        return self.row.published_at.astimezone(dt.UTC).date()


def iterate_items(rows: Iterable[EditionRow], base: str) -> Iterator[EditionItem]:
    """The rows as items, one at a time."""
    return (EditionItem(row, base) for row in rows)


def in_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of a size that is worth sending."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= BLOCK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
