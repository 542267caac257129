"""Every format in which editions leave: one registry for pages, API and downloads.

A writer is a pure function from editions to bytes. It takes rows with the columns of `rows.COLUMNS` (model instances
or named rows), the site's address without a slash at its end, and the kind that all rows have (or nothing, when they
are of several kinds), and yields blocks of bytes. `streamed` writers hold one record at a time, so they may be given
`queryset.iterator()` over the whole library.

    from failure_lessons.formats import FORMATS, COLUMNS
    rows = Edition.objects.current().of_kind("lesson").values_list(*COLUMNS, named=True).iterator()
    blocks = FORMATS["csv"].write(rows, "https://lessons.example.org", "lesson")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from failure_lessons.formats import bibtex, csl, datacite, jsonld, plain, ris, tables
from failure_lessons.formats.rows import COLUMNS, Item, Row

__all__ = ["COLUMNS", "FORMATS", "Format", "Item", "Row", "formats_of"]


class Write(Protocol):
    """How editions become bytes."""

    def __call__(self, rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]: ...


@dataclass(frozen=True)
class Format:
    """One format: its name in `?format=`, its media type in `Accept`, its file extension, and what people call it.

    `kinds` are the kinds it can hold (None: every kind).
    """

    name: str
    media_type: str
    extension: str
    label: str
    write: Write
    kinds: frozenset[str] | None = None
    streamed: bool = False

    @property
    def content_type(self) -> str:
        """The value of `Content-Type`: text says that it is UTF-8, JSON needs not."""
        textual = self.media_type.startswith("text/") or self.name in ("ris", "bibtex")
        return f"{self.media_type}; charset=utf-8" if textual else self.media_type

    def holds(self, kind: str) -> bool:
        """Whether records of this kind can be written in it."""
        return self.kinds is None or kind in self.kinds


FORMATS = {
    each.name: each
    for each in (
        Format("json", "application/json", "json", "JSON", plain.json, streamed=True),
        Format("ndjson", "application/x-ndjson", "ndjson", "NDJSON, a record a line", plain.ndjson, streamed=True),
        Format("csv", "text/csv", "csv", "CSV table", tables.csv, streamed=True),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx",
               "Excel workbook", tables.xlsx, streamed=True),
        Format("ris", "application/x-research-info-systems", "ris", "RIS", ris.ris, streamed=True),
        Format("bibtex", "application/x-bibtex", "bib", "BibTeX", bibtex.bibtex, streamed=True),
        Format("csl-json", "application/vnd.citationstyles.csl+json", "csl.json", "CSL-JSON", csl.csl_json,
               streamed=True),
        Format("jsonld", "application/ld+json", "jsonld", "JSON-LD, schema.org", jsonld.jsonld, streamed=True),
        Format("datacite", "application/vnd.datacite.datacite+json", "datacite.json", "DataCite JSON",
               datacite.datacite, streamed=True),
        Format("skos", "application/ld+json", "skos.jsonld", "SKOS", jsonld.skos,
               frozenset({"theme", "glossary-term"}), streamed=True),
    )
}  # fmt: skip


def formats_of(kind: str) -> list[Format]:
    """The formats that can hold records of this kind."""
    return [each for each in FORMATS.values() if each.holds(kind)]
