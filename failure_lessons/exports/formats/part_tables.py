"""Parts of documents (events, figures, scores) as tables: a row for each part, with the edition it stands in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import xlsxwriter  # type: ignore[import-untyped]

from failure_lessons.exports.formats.rows import iterate_items
from failure_lessons.exports.formats.tables import cell_value
from failure_lessons.files.cells import CellValue, open_csv
from failure_lessons.publishing.registry import Kind, PartTable
from failure_lessons.publishing.rows import EditionRow

CELL_WIDTH = 24  # of a column, in characters


def write_parts(kind: Kind, table: PartTable, rows: Iterable[EditionRow], base: str, form: str) -> bytes:
    """The table of these editions' parts as `csv` or `xlsx`; no cell of it is a formula."""
    head = [kind.label, "Slug", *table.columns, "Edition", "Permanent address"]
    lines = list_part_rows(table, rows, base)
    return write_part_workbook(table.label, head, lines) if form == "xlsx" else write_lines(head, lines)


def list_part_rows(table: PartTable, rows: Iterable[EditionRow], base: str) -> Iterator[list[CellValue]]:
    """The parts, with whose they are before and the edition after them."""
    for item in iterate_items(rows, base):
        cited = item.content.get("derived", {}).get("cited", {})
        for part in table.rows(item.content):
            cells = [item.title, item.row.slug, *part, item.row.number, item.permanent]
            yield [cell_value(cell, cited) for cell in cells]


def write_lines(head: list[str], lines: Iterable[list[CellValue]]) -> bytes:
    """CSV with a byte order mark, so that Excel reads dashes and quotation marks."""
    out = io.StringIO()
    written = open_csv(out)
    written.writerow(head)
    for line in lines:
        written.writerow(line)
    return out.getvalue().encode("utf-8-sig")


def write_part_workbook(name: str, head: Iterable[CellValue], lines: Iterable[list[CellValue]]) -> bytes:
    """A workbook of one sheet, its headings frozen; text stays text whatever it looks like."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet(name)
        sheet.set_column("A:Z", CELL_WIDTH)
        sheet.freeze_panes(1, 0)
        for place, line in enumerate([list(head), *lines]):
            for column, cell in enumerate(line):
                if isinstance(cell, str):
                    sheet.write_string(place, column, cell)
                elif cell is not None:
                    sheet.write_number(place, column, cell)
    return file.getvalue()
