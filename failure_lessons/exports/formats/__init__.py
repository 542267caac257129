"""Every format in which editions leave: one registry for pages, API and downloads.

A writer is a pure function from editions to bytes. It takes rows with the columns of `rows.COLUMNS` (model instances
or named rows), the site's address without a slash at its end, and the kind that all rows have (or nothing, when they
are of several kinds), and yields blocks of bytes. Every writer holds a few records at a time, so it may be given
`queryset.iterator()` over the whole library.

    from failure_lessons.exports.formats import FORMATS, EDITION_COLUMNS
    rows = Edition.objects.current().of_kind("lesson").values_list(*COLUMNS, named=True).iterator()
    blocks = FORMATS["csv"].write(rows, "https://lessons.example.org", "lesson")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from failure_lessons.exports.formats import bibtex, csl, datacite, jsonld, plain, rdf, ris, tables
from failure_lessons.exports.formats.rows import EDITION_COLUMNS, EditionItem
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.rows import EditionRow

__all__ = [
    "CITING",
    "EDITION_COLUMNS",
    "FORMATS",
    "SOURCE_FORMATS",
    "EditionItem",
    "EditionRow",
    "Format",
    "formats_of",
]


class Write(Protocol):
    """How editions become bytes."""

    def __call__(self, rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]: ...


Alone = Callable[[EditionRow, str], bytes]


@dataclass(frozen=True)
class Format:
    """One format: its name in `?format=`, its media type in `Accept`, its file extension, and what people call it.

    `alone` writes one edition by itself, where that is not a list of one. `kinds` are the kinds that the format can
    hold (None: every kind).
    """

    name: str
    media_type: str
    extension: str
    label: str
    write: Write
    alone: Alone | None = None
    kinds: frozenset[str] | None = None

    @property
    def content_type(self) -> str:
        """The value of `Content-Type`: text says that it is UTF-8, JSON needs not."""
        textual = self.media_type.startswith("text/") or self.name in ("ris", "bibtex")
        return f"{self.media_type}; charset=utf-8" if textual else self.media_type

    def holds(self, kind: str) -> bool:
        """Whether records of this kind can be written in it."""
        return self.kinds is None or kind in self.kinds

    def write_one(self, row: EditionRow, base: str) -> bytes:
        """One edition by itself."""
        return self.alone(row, base) if self.alone else b"".join(self.write([row], base, row.kind))


VOCABULARY_KINDS = frozenset(code for code, kind in KINDS.items() if kind.schema_type == "DefinedTerm")
FORMATS = {
    each.name: each
    for each in (
        Format("json", "application/json", "json", "JSON", plain.write_json, plain.splice_edition),
        Format("ndjson", "application/x-ndjson", "ndjson", "NDJSON, a record a line", plain.write_ndjson),
        Format("csv", "text/csv", "csv", "CSV table", tables.write_csv),
        Format(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
            "Excel workbook",
            tables.write_xlsx,
        ),
        Format("ris", "application/x-research-info-systems", "ris", "RIS", ris.write_ris),
        Format("bibtex", "application/x-bibtex", "bib", "BibTeX", bibtex.write_bibtex),
        Format("csl-json", "application/vnd.citationstyles.csl+json", "csl.json", "CSL-JSON", csl.csl_json),
        Format("jsonld", "application/ld+json", "jsonld", "JSON-LD", jsonld.write_jsonld, jsonld.write_jsonld_alone),
        Format(
            "datacite",
            "application/vnd.datacite.datacite+json",
            "datacite.json",
            "DataCite JSON",
            datacite.write_datacite,
            datacite.write_datacite_alone,
        ),
        Format("skos", "application/ld+json", "skos.jsonld", "SKOS", jsonld.write_skos, kinds=VOCABULARY_KINDS),
        Format("skos-turtle", "text/turtle", "skos.ttl", "SKOS in Turtle", rdf.write_turtle, kinds=VOCABULARY_KINDS),
        Format(
            "skos-rdfxml",
            "application/rdf+xml",
            "skos.rdf",
            "SKOS in RDF/XML",
            rdf.write_rdfxml,
            kinds=VOCABULARY_KINDS,
        ),
    )
}
CITING = ("ris", "bibtex", "csl-json", "datacite", "jsonld")  # what a record's page offers beside itself
SOURCE_FORMATS = (
    "ris",
    "bibtex",
    "csl-json",
)  # which hold works of others: what a record rests on, for a reference manager


def formats_of(kind: str) -> list[Format]:
    """The formats that can hold records of this kind."""
    return [each for each in FORMATS.values() if each.holds(kind)]
