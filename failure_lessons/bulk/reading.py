"""From the bytes of a spreadsheet to its cells as text: XLSX, or CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, field

from python_calamine import CalamineError, CalamineWorkbook

from failure_lessons.bulk.workbooks import MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, SAVE_AGAIN, open_workbook
from failure_lessons.files.archives import CannotOpen
from failure_lessons.files.decoding import CannotReadFile, decode_text_file

MAX_SPREADSHEET_BYTES = 20_000_000  # bytes of a file
COPY_ROWS = "Copy the rows as values into a new workbook, leave pictures out, and save it as .xlsx without a password."


@dataclass(frozen=True)
class Table:
    """A sheet as text: its headings, and its rows that are not empty, each with its number in the file."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    read_as: str
    faults: dict[int, list[str]] = field(default_factory=dict)  # what is wrong with a row before it is understood


def read_table(data: bytes) -> Table:
    """The cells of a spreadsheet. Raises `CannotReadFile` with what to do."""
    if len(data) > MAX_SPREADSHEET_BYTES:
        raise CannotReadFile(
            f"The file has {len(data) / 1e6:.1f} MB. At most {MAX_SPREADSHEET_BYTES // 1_000_000} MB are read at once: "
            "hand it in in "
            "parts, each with the headings."
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise CannotReadFile(
            "This is an old Excel file (.xls), or one with a password. Save it as .xlsx without a password."
        )
    if data.startswith(b"PK"):
        return read_workbook(data)
    text, encoding = decode_text_file(data)
    return read_delimited(text, f"CSV, {encoding}")


def read_workbook(data: bytes) -> Table:
    """The first sheet of an Excel workbook."""
    try:
        packed, sheet = open_workbook(data)
    except CannotOpen as refusal:
        raise CannotReadFile(f"{refusal} {COPY_ROWS}") from None
    if sheet.merged:
        raise CannotReadFile(
            f"Cells are merged ({sheet.merged[0]}), so it is not clear to which row their text belongs. Select all, "
            "choose “Unmerge cells”, and save."
        )
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(packed)) as book:
            cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise CannotReadFile(f"The file cannot be read ({str(error)[:100]}). {SAVE_AGAIN}") from None
    faults: dict[int, list[str]] = {}
    for row, cell in sheet.formulas:
        faults.setdefault(row, []).append(f"Cell {cell} is a formula. Write its value: copy, then paste as values.")
    if 1 in faults:
        raise CannotReadFile("A heading is a formula: type the names of the columns as text.")
    return build_table([[cell_as_text(cell) for cell in row] for row in cells], "Excel workbook", faults)


def cell_as_text(cell: object) -> str:
    """A cell as a person would have typed it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return str(cell)


def read_delimited(text: str, read_as: str) -> Table:
    """A table with a character between its cells: the one its headings have most of."""
    first = text.split("\n", 1)[0]
    between = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=between, strict=True))
    except csv.Error as error:
        raise CannotReadFile(f"The table cannot be read: {error}. Save it again as CSV (UTF-8).") from None
    return build_table(rows, read_as, {})


def build_table(rows: list[list[str]], read_as: str, faults: dict[int, list[str]]) -> Table:
    """Headings and rows, the empty ones left out."""
    if len(rows) > MAX_SHEET_ROWS + 1:
        raise CannotReadFile(
            f"There are more than {MAX_SHEET_ROWS:,} rows. Hand in the list in parts, each with the headings."
        )
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise CannotReadFile(
            "The first row is empty. It has to hold the names of the columns, as in a downloaded list."
        )
    header = [" ".join(cell.split()) for cell in rows[0]]
    while header and not header[-1]:
        header.pop()
    if len(header) > MAX_SHEET_COLUMNS:
        raise CannotReadFile(f"There are {len(header)} columns. At most {MAX_SHEET_COLUMNS} are read.")
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
        raise CannotReadFile("There are headings, but no rows.")
    return Table(header, kept, read_as, faults)
