"""The forms in which references come in: how each is recognised, and what reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from failure_lessons.files.decoding import CannotRead
from literature.importing.bibtex import read_bibtex
from literature.importing.items import Item
from literature.importing.structured import read_csl, read_endnote
from literature.importing.tables import known_columns, read_csv
from literature.importing.tagged import read_nbib, read_ris

MOST = 5_000  # records in a file


class Form(NamedTuple):
    """One form of file."""

    label: str
    recognises: Callable[[str], object]
    read: Callable[[str], Iterator[Item]]


FORMS = {
    "ris": Form("RIS", re.compile(r"^\s*TY  ?-", re.MULTILINE).search, read_ris),
    "nbib": Form("PubMed (nbib)", re.compile(r"^PMID ?- ", re.MULTILINE).search, read_nbib),
    "endnote": Form("EndNote XML", re.compile(r"\A\s*<").match, read_endnote),
    "csl-json": Form("CSL-JSON", re.compile(r"\A\s*[\[{]\s*(?:[{\"\]}]|\Z)").match, read_csl),
    "bibtex": Form("BibTeX", re.compile(r"^\s*@[A-Za-z]+\s*[{(]", re.MULTILINE).search, read_bibtex),
    "csv": Form("CSV", lambda text: "title" in known_columns(text.lstrip("\n").split("\n", 1)[0][:10_000]), read_csv),
}
CHOICES = [(code, form.label) for code, form in FORMS.items()]


def detected(text: str) -> str:
    """The code of the form that a text has. Raises `CannotRead` when it has none of them."""
    found = next((code for code, form in FORMS.items() if form.recognises(text)), "")
    if not found:
        raise CannotRead(
            "This looks like none of the forms that can be read: RIS, BibTeX, CSL-JSON, PubMed (nbib), EndNote XML "
            "or CSV. Export it again in one of them, or choose the form yourself."
        )
    return found


def read(text: str, form: str) -> list[Item]:
    """Every record of a text. Raises `CannotRead` when there is none, too many, or the whole cannot be read."""
    items = list(islice(FORMS[form].read(text), MOST + 1))
    if not items:
        raise CannotRead(f"There is no record in it that can be read as {FORMS[form].label}. Is the form right?")
    if len(items) > MOST:
        raise CannotRead(f"It holds more than {MOST:,} records: export it in parts.")
    return items
