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

MAX_IMPORT_RECORDS = 5_000  # records in a file


class ImportFormat(NamedTuple):
    """One form of file."""

    label: str
    recognises: Callable[[str], object]
    read: Callable[[str], Iterator[ImportedItem]]


IMPORT_FORMATS = {
    "ris": ImportFormat("RIS", re.compile(r"^\s*TY  ?-", re.MULTILINE).search, read_ris),
    "nbib": ImportFormat("PubMed (nbib)", re.compile(r"^PMID ?- ", re.MULTILINE).search, read_nbib),
    "endnote": ImportFormat("EndNote XML", re.compile(r"\A\s*<").match, read_endnote),
    "csl-json": ImportFormat("CSL-JSON", re.compile(r"\A\s*[\[{]\s*(?:[{\"\]}]|\Z)").match, read_csl),
    "bibtex": ImportFormat("BibTeX", re.compile(r"^\s*@[A-Za-z]+\s*[{(]", re.MULTILINE).search, read_bibtex),
    "csv": ImportFormat(
        "CSV", lambda text: "title" in known_columns(text.lstrip("\n").split("\n", 1)[0][:10_000]), read_csv
    ),
}
IMPORT_FORMAT_CHOICES = [(code, form.label) for code, form in IMPORT_FORMATS.items()]


def detect_import_format(text: str) -> str:
    """The code of the form that a text has. Raises `CannotReadFile` when it has none of them."""
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
