"""What people type into the cells of a spreadsheet, as what we keep: dates, figures, codes, sources."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO

from failure_lessons.dates import NotEdtf, parse_edtf
from failure_lessons.hints import format_hint, nearest_name

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
APPROXIMATE_PREFIX = re.compile(r"\A(?:about|around|circa|ca?\.?)\s+", re.IGNORECASE)
UNCERTAIN_PREFIX = re.compile(r"\A(?:possibly|perhaps|probably)\s+", re.IGNORECASE)
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
DATE_SPAN = re.compile(r"\s+(?:to|until|–|—|-)\s+|(?<=\d)\s*[–—]\s*(?=\d)", re.IGNORECASE)
GROUPED = re.compile(r"\A\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z|\A\d*\.?\d+\Z|\A\d+\.\Z")
MOST_DIGITS = 40  # of a figure: more is no figure


class CannotReadCell(ValueError):
    """A cell that says nothing we can keep. The message says what to write."""


def split_table(text: str) -> list[list[str]]:
    """The rows of what was copied: cells divided by tabs, with quotation marks around those that hold a line break.

    Blank rows are left out, blanks around a cell too.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    balanced = all(cell.count('"') % 2 == 0 for cell in lines.split("\t"))
    quoted = balanced and re.search(r'(?:^|\t)"', lines, re.MULTILINE)
    csv.field_size_limit(max(len(lines) + 1, 131_072))
    rows = csv.reader(StringIO(lines), delimiter="\t", quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    cells = [[cell.strip().replace("\xa0", " ") for cell in row] for row in rows]
    return [row for row in cells if any(row)]


def parse_date_cell(words: str) -> str:
    """An EDTF date from EDTF or from English: `20 August 2018`, `20/08/2018`, `Aug 2018`, `c. 2001`, `2016 to 2019`."""
    text = " ".join(words.split())
    for attempt in (text, parse_english_date(text)):
        if attempt and len(attempt) <= 40:
            try:
                return parse_edtf(attempt).text
            except NotEdtf:
                continue
    raise CannotReadCell(
        f"“{words[:60]}” is not a date we can read. Write 20 August 2018, 20/08/2018, August 2018, 2018, about 2018, "
        "2016 to 2019, or EDTF such as 2018-08-20."
    )


def parse_english_date(text: str) -> str:
    """The EDTF of an English date, unchecked, or nothing."""
    for pattern, mark in ((APPROXIMATE_PREFIX, "~"), (UNCERTAIN_PREFIX, "?")):
        if pattern.match(text):
            inner = parse_english_date(pattern.sub("", text)) or pattern.sub("", text)
            return f"{inner}{mark}" if "/" not in inner else ""
    if match := re.fullmatch(r"(?:from|since)\s+(.+)|(.+?)\s+onwards", text, re.IGNORECASE):
        return open_ended_date(match[1] or match[2], "{}/..")
    if match := re.fullmatch(r"(?:until|before|by)\s+(.+)", text, re.IGNORECASE):
        return open_ended_date(match[1], "../{}")
    if match := re.fullmatch(r"(\d{2})(\d{2})[-/–](\d{2})", text):
        return f"{match[1]}{match[2]}/{match[1]}{match[3]}" if match[3] > match[2] else ""
    parts = DATE_SPAN.split(text)
    if len(parts) == 2:
        first, last = (parse_english_date(part) or part for part in parts)
        return f"{first}/{last}"
    return parse_english_day(ORDINAL.sub("", text).replace(",", " "))


def open_ended_date(words: str, pattern: str) -> str:
    inner = parse_english_date(words) or words
    return pattern.format(inner) if "/" not in inner else ""


def parse_english_day(text: str) -> str:
    """A day, month, year or decade in English, unchecked, or nothing."""
    if match := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", text):
        return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
    if match := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text):
        return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"
    if match := re.fullmatch(r"(?:the\s+)?(\d{3})0s", text):
        return f"{match[1]}X"
    words = text.casefold().replace(".", " ").split()
    year = next((word for word in words if re.fullmatch(r"\d{4}", word)), "")
    if not year:
        return ""
    others = [word for word in words if word != year]
    names = [word for word in others if word.isalpha()]
    numbers = [word for word in others if re.fullmatch(r"\d{1,2}", word)]
    if len(names) != 1 or len(names) + len(numbers) != len(others) or len(numbers) > 1:
        return ""
    month = next((place for place, short in enumerate(MONTHS, 1) if names[0].startswith(short)), 0)
    if not month:
        return ""
    return f"{year}-{month:02}" + (f"-{int(numbers[0]):02}" if numbers else "")


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
