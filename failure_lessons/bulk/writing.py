"""A list as an Excel workbook: the rows, a sheet of help, and the choices that cells offer.

Rows are written as they are read, so that memory does not grow with the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

import xlsxwriter  # type: ignore[import-untyped]
from django.db import models
from django.db.models import QuerySet
from xlsxwriter.format import Format  # type: ignore[import-untyped]

from failure_lessons.bulk.columns import KEY_HEADER, Loaded, SheetColumn, columns_of, key_text, newest_versions
from failure_lessons.bulk.lists import every_name

ROWS_PER_BATCH = 500  # rows for which everything is asked at once
MAX_CELL_LENGTH = 32_000  # characters; a cell of Excel holds 32,767
TOO_LONG = "[too long for a cell: this text stays as it is]"
SPARE = 2_000  # empty rows below, in which new rows find the same lists of choices
OFFERED = 500  # names that a list of choices holds at most
WIDTHS = {models.TextField: 50, models.JSONField: 40, models.CharField: 24}


def iterate_batches(rows: QuerySet[models.Model]) -> Iterator[list[models.Model]]:
    """The rows of a list in its order, some at a time."""
    every = rows.iterator(chunk_size=ROWS_PER_BATCH)
    while batch := list(islice(every, ROWS_PER_BATCH)):
        yield batch


def iterate_cells(rows: QuerySet[models.Model], columns: Sequence[SheetColumn]) -> Iterator[list[str]]:
    """The cells of each row, its key first. Queries: a fixed number for every `ROWS_PER_BATCH` rows."""
    model = rows.model
    for batch in iterate_batches(rows):
        loaded = Loaded(batch, columns)
        newest = newest_versions(model, [row.pk for row in batch])
        for row in batch:
            yield [
                key_text(model, row.pk, newest[row.pk]),
                *(fit_cell(loaded.text(row, column)) for column in columns),
            ]


def fit_cell(text: str) -> str:
    """What a cell can hold: Excel counts in UTF-16."""
    return (
        text if len(text) <= MAX_CELL_LENGTH // 2 or len(text.encode("utf-16-le")) // 2 <= MAX_CELL_LENGTH else TOO_LONG
    )


def write_workbook(rows: QuerySet[models.Model], file: IO[bytes], columns: Sequence[SheetColumn] | None = None) -> int:
    """Write a list into `file` as XLSX; says how many rows it has."""
    columns = columns_of(rows.model) if columns is None else columns
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        looks = {
            "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "locked": False}),
            "key": book.add_format({"num_format": "@", "font_color": "#595959", "valign": "top", "locked": True}),
            "head": book.add_format(
                {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#dce6f0", "bottom": 1, "locked": True}
            ),
        }
        count = write_record_rows(book, rows, columns, looks)
        write_help(book, rows.model, columns, looks)
        write_choices(book, columns)
    return count


def sheet_name(model: type[models.Model]) -> str:
    """What the first sheet is called; Excel takes 31 characters."""
    name = str(model._meta.verbose_name_plural)
    return (name[:1].upper() + name[1:])[:31]


def write_record_rows(
    book: xlsxwriter.Workbook,
    rows: QuerySet[models.Model],
    columns: Sequence[SheetColumn],
    looks: dict[str, Format],
) -> int:
    """The sheet that comes back."""
    sheet = book.add_worksheet(sheet_name(rows.model))
    sheet.set_column(0, 0, 24, looks["key"])
    for place, column in enumerate(columns, start=1):
        width = next((wide for kind, wide in WIDTHS.items() if isinstance(column.field, kind)), 18)
        sheet.set_column(place, place, width, looks["text"])
    sheet.freeze_panes(1, 1)
    for place, header in enumerate([KEY_HEADER, *(column.header for column in columns)]):
        sheet.write_string(0, place, header, looks["head"])
    count = 0
    for count, cells in enumerate(iterate_cells(rows, columns), start=1):
        sheet.write_string(count, 0, cells[0], looks["key"])
        for place, text in enumerate(cells[1:], start=1):
            if text:
                sheet.write_string(count, place, text, looks["text"])
            else:
                sheet.write_blank(count, place, None, looks["text"])
    last = count + SPARE
    for place, (column, source) in enumerate(zip(columns, choice_ranges(columns), strict=True), start=1):
        rule = {"validate": "list", "source": source} if source else {"validate": "any"}
        sheet.data_validation(
            1,
            place,
            last,
            place,
            {
                **rule,
                "input_title": column.header[:32],
                "input_message": shorten_text(column.help, 255),
                "error_title": "Not a choice",
                "error_message": "Choose from the list, or leave the cell empty.",
            },
        )
    sheet.autofilter(0, 0, max(count, 1), len(columns))
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last}"})
    allowed = ("format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter")
    sheet.protect("", dict.fromkeys(allowed, True))
    return count


def shorten_text(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def column_choices(columns: Sequence[SheetColumn]) -> list[tuple[str, ...]]:
    """What the list of each column offers: its choices, or the names of what there is when they are few."""
    return [
        tuple(every_name(column.target, OFFERED)) if column.target and not column.several else column.choices
        for column in columns
    ]


def choice_ranges(columns: Sequence[SheetColumn]) -> list[str]:
    """Where the sheet of choices holds those of each column; empty where there are none."""
    return [
        f"=Choices!{letter}$2:{letter}${len(names) + 1}" if names else ""
        for letter, names in zip(map(absolute_column, range(len(columns))), column_choices(columns), strict=True)
    ]


def absolute_column(place: int) -> str:
    return str(xlsxwriter.utility.xl_col_to_name(place, col_abs=True))


def write_choices(book: xlsxwriter.Workbook, columns: Sequence[SheetColumn]) -> None:
    """A hidden sheet with what the lists of cells offer."""
    sheet = book.add_worksheet("Choices")
    lists = [(column.header, *names) for column, names in zip(columns, column_choices(columns), strict=True)]
    for row in range(max(map(len, lists), default=0)):
        for place, names in enumerate(lists):
            if row < len(names):
                sheet.write_string(row, place, names[row])
    sheet.hide()


HOW = (
    "How to use this file",
    "Change cells in the first sheet, save, and hand the file in where you downloaded it. You see every change before "
    "anything is written.",
    "New rows: write below the last row and leave the first column empty.",
    "Rows that you remove are not removed from the workbench. Columns that you remove stay as they are there.",
    "An emptied cell empties the field. Write text only: a formula is refused.",
)


def write_help(
    book: xlsxwriter.Workbook,
    model: type[models.Model],
    columns: Sequence[SheetColumn],
    looks: dict[str, Format],
) -> None:
    """A sheet that explains every column."""
    sheet = book.add_worksheet("Help")
    sheet.set_column(0, 0, 32, looks["text"])
    sheet.set_column(1, 1, 14, looks["text"])
    sheet.set_column(2, 2, 90, looks["text"])
    for row, line in enumerate(HOW):
        sheet.write_string(row, 0 if row == 0 else 2, line, looks["head"] if row == 0 else looks["text"])
    start = len(HOW) + 1
    lines = [("Column", "Needed", "What it holds")]
    lines.append(
        (
            KEY_HEADER,
            "",
            "Which row of the workbench this is, and how it stood when it was written out. Empty: a new row.",
        )
    )
    lines += [(column.header, "yes" if column.needed else "", column.help) for column in columns]
    for row, parts in enumerate(lines, start=start):
        for place, text in enumerate(parts):
            sheet.write_string(row, place, text, looks["head"] if row == start else looks["text"])
