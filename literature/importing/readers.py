"""The forms in which references come in: how each is recognised, and what reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from failure_lessons.files.decoding import CannotReadFile
from literature.importing.bibtex import read_bibtex
from literature.importing.items import ImportedItem
from literature.importing.structured import read_csl, read_endnote
from literature.importing.tables import known_columns, read_csv
from literature.importing.tagged import read_nbib, read_ris
from literature.importing.two_letters import read_ciw, read_enw

MAX_IMPORT_RECORDS = 5_000  # records in a file


class ImportFormat(NamedTuple):
    """One form of file."""

    label: str
    recognises: Callable[[str], object]
    read: Callable[[str], Iterator[ImportedItem]]


IMPORT_FORMATS = {
    "ris": ImportFormat("RIS", re.compile(r"^\s*TY  ?-", re.MULTILINE).search, read_ris),
    "nbib": ImportFormat("PubMed (nbib)", re.compile(r"^(?:PMID ?|OWN +)- ", re.MULTILINE).search, read_nbib),
    "endnote": ImportFormat("EndNote XML", re.compile(r"\A\s*<").match, read_endnote),
    "csl-json": ImportFormat("CSL-JSON", re.compile(r"\A\s*[\[{]\s*(?:[{\"\]}]|\Z)").match, read_csl),
    "bibtex": ImportFormat("BibTeX", re.compile(r"^\s*@[A-Za-z]+\s*[{(]", re.MULTILINE).search, read_bibtex),
    "enw": ImportFormat("EndNote tagged (enw)", re.compile(r"^%0 \S", re.MULTILINE).search, read_enw),
    "ciw": ImportFormat("Web of Science plain text", re.compile(r"\A\s*FN .*\n+VR ").match, read_ciw),
    "csv": ImportFormat("CSV", lambda text: "title" in known_columns(text), read_csv),
}
# Forms that are not read: how each is recognised, and what to choose in the program that wrote it.
UNREAD_FORMATS = (
    (
        re.compile(
            r"\A\s*<1>\s*\n\s*Unique Identifier|^\s*VN\s+- Ovid Technologies|^Unique Identifier\s*$", re.MULTILINE
        ),
        "This is a text export of Ovid. Export again and choose the format “RIS” there.",
    ),
    (
        re.compile(r"<PubmedArticleSet|<PubmedBookArticleSet|<!DOCTYPE PubmedArticleSet"),
        "This is PubMed’s XML. In PubMed choose Send to › Citation manager, which gives a file .nbib.",
    ),
    (
        re.compile(r"<(?:mods:)?mods(?:Collection)?[\s>]"),
        "This is MODS (XML of libraries). In Zotero or your catalogue choose RIS or BibTeX.",
    ),
    (re.compile(r"<rdf:RDF|<bib:"), "This is Zotero RDF. In Zotero choose File › Export library › CSL JSON or RIS."),
    (re.compile(r"\A\s*(?:<!DOCTYPE html|<html)", re.IGNORECASE), "This is a web page, not a file of references."),
    (re.compile(r"\A\s*---\s*\n\s*references:", re.MULTILINE), "This is YAML of pandoc. Export CSL JSON instead."),
)
IMPORT_FORMAT_CHOICES = [(code, form.label) for code, form in IMPORT_FORMATS.items()]


def detect_import_format(text: str) -> str:
    """The code of the form that a text has. Raises `CannotReadFile` when it has none of them."""
    for pattern, advice in UNREAD_FORMATS:
        if pattern.search(text[:20_000]):
            raise CannotReadFile(advice)
    found = next((code for code, form in IMPORT_FORMATS.items() if form.recognises(text)), "")
    if not found:
        raise CannotReadFile(
            "This looks like none of the forms that can be read: RIS, BibTeX, CSL-JSON, PubMed (nbib), EndNote XML "
            "or CSV. Export it again in one of them, or choose the form yourself."
        )
    return found


def read_items(text: str, form: str) -> list[ImportedItem]:
    """Every record of a text. Raises `CannotReadFile` when there is none, too many, or the whole cannot be read."""
    items = list(islice(IMPORT_FORMATS[form].read(text), MAX_IMPORT_RECORDS + 1))
    if not items:
        raise CannotReadFile(
            f"There is no record in it that can be read as {IMPORT_FORMATS[form].label}. Is the form right?"
        )
    if len(items) > MAX_IMPORT_RECORDS:
        raise CannotReadFile(f"It holds more than {MAX_IMPORT_RECORDS:,} records: export it in parts.")
    return items
