"""What people type into the cells of a spreadsheet, as what we keep: dates, figures, codes, sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from failure_lessons.dates import ADVICE, NotEdtf, edtf_of_words
from failure_lessons.hints import format_hint, nearest_name

CELL = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"(?=[\t\n]|\Z)|([^\t\n]*))(\t|\n|\Z)')
GROUPED = re.compile(r"\A\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z|\A\d*\.?\d+\Z|\A\d+\.\Z")
MOST_DIGITS = 40  # of a figure: more is no figure


class CannotReadCell(ValueError):
    """A cell that says nothing we can keep. The message says what to write."""


def split_table(text: str) -> list[list[str]]:
    """The rows of what was copied: cells divided by tabs, with quotation marks around those that hold a line break.

    A spreadsheet puts marks only around what needs them, and doubles those within: all others are somebody's words.
    Blank rows are left out, blanks around a cell too.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    rows: list[list[str]] = [[]]
    for match in CELL.finditer(lines):
        enclosed, plain, end = match.groups()
        needed = enclosed is not None and re.search(r'[\n\t]|""', enclosed)
        words = enclosed.replace('""', '"') if needed else plain if enclosed is None else f'"{enclosed}"'
        rows[-1].append(words.strip().replace("\xa0", " "))
        if end == "\n":
            rows.append([])
        elif not end:
            break
    return [row for row in rows if any(row)]


def parse_date_cell(words: str) -> str:
    """An EDTF date from EDTF or from English. A question where it may be one of two."""
    try:
        return edtf_of_words(words)
    except NotEdtf as error:
        if str(error).endswith(f"{ADVICE}."):
            raise CannotReadCell(
                f"“{words[:60]}” is not a date we can read. Write 20 August 2018, 20/08/2018, August 2018, 2018, about "
                "2018, 2016 to 2019, or EDTF such as 2018-08-20."
            ) from None
        raise CannotReadCell(str(error)) from None


def parse_figure_cell(words: str) -> Decimal:
    """A number as people write it: `1,434.5`, `1 434`, `£12,000`, `45%`, `(300)`, `−5`."""
    text = re.sub(r"[\s\u2009\u202f'’]", "", words)
    negative = text.startswith(("-", "−", "–")) or (text.startswith("(") and text.endswith(")"))
    bare = text.strip("()").lstrip("-−–+").strip("£$€%").lstrip("-−–")
    if len(bare) > MOST_DIGITS or not bare.isascii() or not GROUPED.match(bare):
        raise CannotReadCell(
            f"“{words[:40]}” is not a figure we can read. Write digits, with a point for decimals and, if you "
            "like, commas between thousands: 1,434.5."
        )
    value = Decimal(bare.replace(",", ""))
    return -value if negative else value


def parse_code_cell(words: str, choices: Sequence[tuple[str, str]]) -> str:
    """A code of a vocabulary, given as codes and labels, from its code or label, whatever the capitals."""
    wanted = words.casefold().replace("_", "-").strip(" .")
    labels = {str(code): str(label) for code, label in choices}
    known = {code: code for code in labels}
    known |= {label.casefold(): code for code, label in labels.items()}
    known |= {key.replace(" ", "-"): value for key, value in known.items()}
    if found := known.get(wanted) or known.get(wanted.replace(" ", "-")):
        return found
    starts = {value for key, value in known.items() if key.startswith(wanted)}
    if len(starts) == 1 and len(wanted) > 2:
        return starts.pop()
    near = nearest_name(wanted, known, likeness=0.7)
    hint = format_hint(labels[known[near]] if near else "")
    raise CannotReadCell(f"“{words[:40]}” is none of: {', '.join(labels.values())}.{hint}")


def parse_sources_cell(words: str) -> list[dict[str, str]]:
    """Citations of a cell, divided by semicolons or lines: `key`, `key, p. 4` or `key | p. 4 | very words`."""
    found = []
    for part in re.split(r"[;\n]", words):
        if not part.strip():
            continue
        pieces = [piece.strip() for piece in (part.split("|") if "|" in part else part.split(",", 1))]
        if len(pieces) > 3:
            raise CannotReadCell(f"“{part.strip()[:60]}” has more than three parts: write key | page | very words.")
        key, locator, quotation = (*pieces, "", "")[:3]
        locator = "" if locator == "-" else locator
        if len(locator) > 200:
            raise CannotReadCell("A page or paragraph has at most 200 characters.")
        found.append({"key": key.strip("[]@ "), "locator": locator, "quotation": quotation})
    return found
