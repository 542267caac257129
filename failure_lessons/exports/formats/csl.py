"""Editions as CSL-JSON items: what every citation style, RIS and BibTeX are made from.

A reference is the source itself, as its document has it. Any other record is cited as a numbered edition published by
Failure Lessons, at the permanent address of that edition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from failure_lessons.exports.formats.rows import PUBLISHER, EditionItem, EditionRow, in_blocks, iterate_items

OURS = {"schema", "kind", "slug", "licence", "derived"}  # members of a reference's document that CSL does not know
UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def csl_item(item: EditionItem) -> dict[str, Any]:
    """The CSL-JSON item of an edition."""
    if item.row.kind == "reference":
        own = {name: value for name, value in item.content.items() if name not in OURS}
        licence = item.content.get("licence")
        return {**own, "custom": {"licence": licence}} if licence else own
    day = item.published
    return {
        "id": citation_key(item),
        "type": "report",
        "title": item.title.removesuffix("."),  # a finding's title is a sentence; styles end titles themselves
        "author": [{"literal": PUBLISHER}],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "publisher": PUBLISHER,
        "genre": item.kind.label,
        "number": f"{item.code}, edition {item.row.number}" if item.code else f"edition {item.row.number}",
        "URL": item.permanent,
        **({"abstract": item.description} if item.description else {}),
        "language": "en-GB",
    }


def citation_key(item: EditionItem) -> str:
    """The key of an item in a bibliography: ASCII, and unlike any other item's (a slug has no colon)."""
    if item.row.kind == "reference":
        return item.row.slug
    return f"failure-lessons:{item.row.kind}-{item.row.slug}-v{item.row.number}"


def flatten_text(value: Any) -> str:
    """Text on one line, without control characters: RIS, BibTeX and printed references are made of lines."""
    return " ".join(UNPRINTABLE.sub("", str(value)).split())


def names_in_role(csl: dict[str, Any], role: str = "author") -> list[dict[str, str]]:
    """The names in a role, each with text in `literal` or in `family`, on one line, and nothing that is no name."""
    found = []
    names = csl.get(role)
    for name in names if isinstance(names, list) else []:
        if isinstance(name, dict):
            clean = {part: flatten_text(text) for part, text in name.items() if isinstance(text, str)}
            if clean.get("literal") or clean.get("family"):
                found.append(clean)
    return found


def date_parts(csl: dict[str, Any], name: str = "issued") -> list[list[int]]:
    """The date as lists of year, month and day as far as they are known; two for a span, none for no date."""
    value = csl.get(name)
    parts = value.get("date-parts") if isinstance(value, dict) else None
    found = []
    for part in parts if isinstance(parts, list) else []:
        numbers: list[int] = []
        for number, largest in zip(part if isinstance(part, list) else [], (9999, 12, 31), strict=False):
            if not str(number).strip().isdecimal() or not 1 <= int(number) <= largest:
                break
            numbers.append(int(number))
        if numbers:
            found.append(numbers)
    return found[:2]


def csl_json(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """One JSON array of CSL items, as Zotero, pandoc and citeproc read it."""

    def pieces() -> Iterator[bytes]:
        yield b"["
        for place, item in enumerate(iterate_items(rows, base)):
            yield b",\n" if place else b"\n"
            yield orjson.dumps(csl_item(item))
        yield b"\n]\n"

    return in_blocks(pieces())
