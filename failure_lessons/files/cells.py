"""Cells that no spreadsheet takes for a formula, and no file is refused for."""

from __future__ import annotations

import re

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


def neutralise_formula(cell: CellValue) -> CellValue:
    """A cell that no program takes for a formula when it opens a CSV: an apostrophe before what looks like one."""
    if isinstance(cell, str) and FORMULA_START.match(cell) and not PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
