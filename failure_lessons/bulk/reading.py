"""From the bytes of a spreadsheet to its cells as text: XLSX, or CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from failure_lessons.bulk.archives import MOST, SAVE_AGAIN, WIDEST, opened
from failure_lessons.files.decoding import CannotRead, decoded

LARGEST = 20_000_000  # bytes of a file


@dataclass(frozen=True)
class Table:
    """A sheet as text: its headings, and its rows that are not empty, each with its number in the file."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    read_as: str
    faults: dict[int, list[str]] = field(default_factory=dict)  # what is wrong with a row before it is understood


def read_table(data: bytes) -> Table:
    """The cells of a spreadsheet. Raises `CannotRead` with what to do."""
    if len(data) > LARGEST:
        raise CannotRead(
            f"The file has {len(data) / 1e6:.1f} MB. At most {LARGEST // 1_000_000} MB are read at once: hand it in in "
            "parts, each with the headings."
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise CannotRead(
            "This is an old Excel file (.xls), or one with a password. Save it as .xlsx without a password."
        )
    if data.startswith(b"PK"):
        return workbook(data)
    text, encoding = decoded(data)
    return separated(text, f"CSV, {encoding}")


def workbook(data: bytes) -> Table:
    """The first sheet of an Excel workbook."""
    packed, sheet = opened(data)
    if sheet.merged:
        raise CannotRead(
            f"Cells are merged ({sheet.merged[0]}), so it is not clear to which row their text belongs. Select all, "
            "choose “Unmerge cells”, and save."
        )
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(packed)) as book:
            cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise CannotRead(f"The file cannot be read ({str(error)[:100]}). {SAVE_AGAIN}") from None
    faults: dict[int, list[str]] = {}
    for row, cell in sheet.formulas:
        faults.setdefault(row, []).append(f"Cell {cell} is a formula. Write its value: copy, then paste as values.")
    if 1 in faults:
        raise CannotRead("A heading is a formula: type the names of the columns as text.")
    return tabled([[as_text(cell) for cell in row] for row in cells], "Excel workbook", faults)


def as_text(cell: Any) -> str:
    """A cell as a person would have typed it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return str(cell)


def separated(text: str, read_as: str) -> Table:
    """A table with a character between its cells: the one its headings have most of."""
    first = text.split("\n", 1)[0]
    between = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=between, strict=True))
    except csv.Error as error:
        raise CannotRead(f"The table cannot be read: {error}. Save it again as CSV (UTF-8).") from None
    return tabled(rows, read_as, {})


def tabled(rows: list[list[str]], read_as: str, faults: dict[int, list[str]]) -> Table:
    """Headings and rows, the empty ones left out."""
    if len(rows) > MOST + 1:
        raise CannotRead(f"There are more than {MOST:,} rows. Hand in the list in parts, each with the headings.")
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise CannotRead("The first row is empty. It has to hold the names of the columns, as in a downloaded list.")
    header = [" ".join(cell.split()) for cell in rows[0]]
    while header and not header[-1]:
        header.pop()
    if len(header) > WIDEST:
        raise CannotRead(f"There are {len(header)} columns. At most {WIDEST} are read.")
    kept = []
    for number, cells in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in cells):
            kept.append((number, [*cells[: len(header)], *[""] * (len(header) - len(cells))]))
            if any(cell.strip() for cell in cells[len(header) :]):
                faults.setdefault(number, []).append(
                    "There is text beyond the last heading: remove it, or name its column."
                )
            if any("\0" in cell for cell in cells):
                faults.setdefault(number, []).append("A cell holds a NUL character: type its text anew.")
    if not kept:
        raise CannotRead("There are headings, but no rows.")
    return Table(header, kept, read_as, faults)
