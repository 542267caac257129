"""Records as rows of a table: the same columns, headings and cells for CSV and XLSX.

Codes stay codes (`provider-board`), because they never change; lists are joined by semicolons. Text is written so that
no spreadsheet takes it for a formula, and cut where Excel would refuse the file.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Protocol

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from failure_lessons.bibliography.inline import spell_citations
from failure_lessons.exports.formats.rows import BLOCK_BYTES, EditionItem, in_blocks, iterate_items
from failure_lessons.files.cells import CellValue, cell_text, open_csv
from failure_lessons.publishing.fields import LONG, Column, list_columns
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.rows import EditionRow

MOST_SHEET_ROWS = 1_048_576  # rows that Excel takes in a sheet, headings included


class AnyColumn(Protocol):
    """A column of a table: its heading, its width, and what stands in it for an item."""

    @property
    def heading(self) -> str: ...
    @property
    def width(self) -> int: ...
    def cell(self, item: EditionItem) -> CellValue: ...


@dataclass(frozen=True)
class TableColumn:
    """A heading and where its cells come from: a dotted path into the document, or a function of the item."""

    heading: str
    source: str | Callable[[EditionItem], object]
    width: int = 18

    def cell(self, item: EditionItem) -> CellValue:
        """What stands in this column for an item."""
        value: object = item.content if isinstance(self.source, str) else self.source(item)
        for name in self.source.split(".") if isinstance(self.source, str) else ():
            value = value.get(name) if isinstance(value, dict) else None
        return cell_value(value, item.content.get("derived", {}).get("cited", {}))


def cell_value(value: object, cited: Mapping[str, str]) -> CellValue:
    """A value as one cell: lists joined, numbers as they are, nothing as nothing.

    Where a text cites a reference by its key, the cell says author and year (`cited`, by key).
    """
    if isinstance(value, list | tuple):
        return cell_text("; ".join(str(cell_value(each, cited)) for each in value))
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return cell_text(spell_citations(str(value), cited) if cited else str(value))


TITLE_COLUMN = TableColumn("Title", lambda item: item.title, 50)
CODE_COLUMN = TableColumn("Code", "code", 10)
MIXED = (
    TableColumn("Kind", lambda item: item.kind.code),
    CODE_COLUMN,
    TITLE_COLUMN,
    TableColumn("Description", lambda item: item.description, LONG),
    TableColumn("Phase", "phase"),
    TableColumn("Themes", lambda item: item.content.get("themes") or item.content.get("derived", {}).get("themes"), 30),
)
EDITION_DETAILS = (
    TableColumn("Edition", lambda item: item.row.number, 8),
    TableColumn("Published", lambda item: item.published.isoformat(), 12),
    TableColumn("Evidence changed", lambda item: iso_day(item.row.evidence_changed_at), 12),
    TableColumn("Replaced", lambda item: iso_day(item.row.superseded_at), 12),
    TableColumn("Permanent address", lambda item: item.permanent, 50),
    TableColumn("SHA-256", lambda item: item.row.sha256, 20),
)


def iso_day(moment: dt.datetime | None) -> str | None:
    """The date of a moment, or nothing."""
    return moment.date().isoformat() if moment else None


def columns_of_kind(kind: str = "") -> tuple[TableColumn, ...]:
    """The columns of a table of one kind, or of any kinds together."""
    return (*(own_columns(kind) if kind in KINDS else MIXED), *EDITION_DETAILS)


@cache
def own_columns(kind: str) -> tuple[TableColumn, ...]:
    """The columns that the fields of a kind declare."""
    known = KINDS[kind]
    return tuple(
        TableColumn(each.heading, cell_source(each), each.width)
        for each in list_columns(known.fields, known.derived, known.columns)
    )


def cell_source(column: Column) -> str | Callable[[EditionItem], object]:
    """Where the cells of a declared column come from, for a function of the document as one of the item."""
    source = column.source
    return source if isinstance(source, str) else lambda item: source(item.content)


def write_csv(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """RFC 4180, UTF-8. Constant memory.

    It begins with a byte order mark: without one Excel reads our readers' dashes and quotation marks as noise, and R,
    pandas and LibreOffice skip it (in Python: `encoding="utf-8-sig"`).
    """
    return in_blocks(chain(["\ufeff".encode()], csv_lines(columns_of_kind(kind), iterate_items(rows, base))))


def csv_lines(chosen: Sequence[AnyColumn], items: Iterable[EditionItem]) -> Iterator[bytes]:
    """A heading and a line for each item."""
    buffer = io.StringIO()
    table = open_csv(buffer)

    def line(cells: Iterable[CellValue]) -> bytes:
        table.writerow(cells)
        written = buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
        return written

    yield line(column.heading for column in chosen)
    for item in items:
        yield line(column.cell(item) for column in chosen)


def write_xlsx(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """A workbook with one table, its headings frozen."""
    return write_table_workbook(sheet_name_of(kind), columns_of_kind(kind), iterate_items(rows, base))


def sheet_name_of(kind: str) -> str:
    """What the sheet of a kind is called, at most 28 characters: its records, in the plural."""
    return KINDS[kind].label_plural[:28] if kind in KINDS else "Records"


def write_table_workbook(name: str, chosen: Sequence[AnyColumn], items: Iterable[EditionItem]) -> Iterator[bytes]:
    """A workbook with one table. Written to a temporary file a row at a time: constant memory.

    Text is stored as text whatever it looks like: no formula, no link, no number that was none.
    """
    with tempfile.TemporaryFile() as file:
        settings = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(file, settings) as book:
            fill_workbook(book, name, chosen, items)
        file.seek(0)
        while block := file.read(BLOCK_BYTES):
            yield block


def fill_workbook(
    book: xlsxwriter.Workbook, name: str, chosen: Sequence[AnyColumn], items: Iterable[EditionItem]
) -> None:
    """Write the table, on as many sheets as it takes."""
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet, line, number = add_headed_sheet(book, name, chosen, heading), 1, 1
    for item in items:
        if line == MOST_SHEET_ROWS:
            number += 1
            sheet, line = add_headed_sheet(book, f"{name} {number}", chosen, heading), 1
        for place, column in enumerate(chosen):
            cell = column.cell(item)
            if isinstance(cell, str):
                sheet.write_string(line, place, cell_text(cell))
            elif cell is not None:
                sheet.write_number(line, place, cell)
        line += 1


def add_headed_sheet(book: xlsxwriter.Workbook, name: str, chosen: Sequence[AnyColumn], heading: Format) -> Worksheet:
    """A new sheet with its headings."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(chosen):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, heading)
    return sheet
