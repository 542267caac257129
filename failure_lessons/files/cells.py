"""Cells that no spreadsheet takes for a formula, and no file is refused for."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import Protocol

CellValue = str | int | float | None


LONGEST_CELL = 32_767  # characters that Excel takes in a cell


CUT = " … [cut: the whole text is at the permanent address]"


NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


# whatever a spreadsheet may skip before it looks for a formula: white space, joiners, marks of direction, a BOM
FORMULA_START = re.compile("[\\s\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*[=+\\-@＝＋－＠]|[\t\r\n]")


def cell_text(value: str) -> str:
    """Text without the characters that no spreadsheet file may hold, and no longer than a cell."""
    clean = value if value.isprintable() else NO_XML.sub("", value)  # most texts need no second look
    # Excel counts UTF-16 units: a character beyond the basic plane is two
    if len(clean) > LONGEST_CELL // 2 and len(clean.encode("utf-16-le")) // 2 > LONGEST_CELL:
        room = (LONGEST_CELL - len(CUT)) * 2
        return clean.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT
    return clean


class TextSink(Protocol):
    """What text can be written to: a file, a buffer or an HTTP answer."""

    def write(self, text: str, /) -> object: ...


class GuardedCsv:
    """A table in CSV of which no cell is a formula: the only way in which CSV is written here."""

    def __init__(self, out: TextSink) -> None:
        self.rows = csv.writer(out)

    def writerow(self, cells: Iterable[object]) -> None:
        """Write one row, every cell guarded."""
        self.rows.writerow([neutralise_formula(cell) if isinstance(cell, str) else cell for cell in cells])


def open_csv(out: TextSink) -> GuardedCsv:
    """A table of RFC 4180 that is written to `out`, row by row."""
    return GuardedCsv(out)


def neutralise_formula(cell: CellValue) -> CellValue:
    """A cell that no program takes for a formula when it opens a CSV: an apostrophe before what looks like one."""
    if isinstance(cell, str) and FORMULA_START.match(cell) and not PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
