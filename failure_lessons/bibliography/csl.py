"""Reading CSL-JSON items: names, dates and texts, whatever somebody has put there."""

from __future__ import annotations

import re

from failure_lessons.types import Document

UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def flatten_text(value: object) -> str:
    """Text on one line, without control characters: RIS, BibTeX and printed references are made of lines."""
    return " ".join(UNPRINTABLE.sub("", str(value)).split())


def names_in_role(csl: Document, role: str = "author") -> list[dict[str, str]]:
    """The names in a role, each with text in `literal` or in `family`, on one line, and nothing that is no name."""
    found = []
    names = csl.get(role)
    for name in names if isinstance(names, list) else []:
        if isinstance(name, dict):
            clean = {part: flatten_text(text) for part, text in name.items() if isinstance(text, str)}
            if clean.get("literal") or clean.get("family"):
                found.append(clean)
    return found


def date_parts(csl: Document, name: str = "issued") -> list[list[int]]:
    """The date as lists of year, month and day as far as they are known; two for a span, none for no date."""
    value = csl.get(name)
    parts = value.get("date-parts") if isinstance(value, dict) else None
    found = []
    for part in parts if isinstance(parts, list) else []:
        numbers: list[int] = []
        for number, largest in zip(part if isinstance(part, list) else [], (9999, 12, 31), strict=False):
            digits = str(number).strip()[:9]  # Python takes no number of thousands of digits
            if not digits.isdecimal() or not 1 <= int(digits) <= largest:
                break
            numbers.append(int(digits))
        if numbers:
            found.append(numbers)
    return found[:2]
