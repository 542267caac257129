"""Spreadsheets as people make them, for the tests."""

import io

import openpyxl
import xlsxwriter

from failure_lessons.bulk.columns import columns_of
from failure_lessons.bulk.comparing import Rights
from failure_lessons.bulk.services import refresh_preview, stage_upload, take_in
from failure_lessons.bulk.writing import write_workbook


def everything(model):
    """The rights of somebody who may do anything with a list."""
    return Rights(model._default_manager.all(), columns_of(model))


def downloaded(rows):
    """The bytes of a list."""
    file = io.BytesIO()
    write_workbook(rows, file)
    return file.getvalue()


class Sheet:
    """A downloaded list in the hands of a person with a spreadsheet program that is not the one it was written by."""

    def __init__(self, rows):
        self.book = openpyxl.load_workbook(io.BytesIO(downloaded(rows)))
        self.sheet = self.book.worksheets[0]
        self.headings = [cell.value for cell in self.sheet[1]]

    def row_of(self, record):
        """The number of the row of a record."""
        start = f"{record._meta.model_name}:{record.pk}@"
        return next(row for row in range(2, self.sheet.max_row + 1) if str(self.at(row, 0).value).startswith(start))

    def at(self, row, heading):
        place = heading if isinstance(heading, int) else self.headings.index(heading)
        return self.sheet.cell(row, place + 1)

    def write(self, record, **cells):
        """Change cells of a record; names of columns with `_` for spaces."""
        for heading, text in cells.items():
            self.at(self.row_of(record), heading.replace("_", " ")).value = text
        return self

    def add(self, **cells):
        """A new row below."""
        row = self.sheet.max_row + 1
        for heading, text in cells.items():
            self.at(row, heading.replace("_", " ")).value = text
        return self

    def bytes(self):
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()


def made(*rows):
    """A workbook with these rows, all text."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Sheet")
        for number, row in enumerate(rows):
            for place, text in enumerate(row):
                if text:
                    sheet.write_string(number, place, text)
    return file.getvalue()


def staged(data, model, by, name="sheet.xlsx"):
    """A sheet handed in."""
    return stage_upload(name=name, data=data, rights=everything(model), by=by)


def taken_in(data, model, by, reason="A test."):
    """A sheet handed in, looked at and confirmed."""
    upload = staged(data, model, by)
    take_in(upload=upload, rights=everything(model), by=by, digest=upload.plan["digest"], reason=reason)
    upload.refresh_from_db()
    return upload


def faults_of(upload):
    """What is wrong, by row: column and advice."""
    return {row["number"]: [tuple(fault) for fault in row["faults"]] for row in upload.plan["rows"] if row["faults"]}


def changes_of(upload):
    """What would change: row, field, old, new."""
    return {
        (row["number"], cell["field"]): (cell["old"], cell["new"])
        for row in upload.plan["rows"]
        for cell in row["cells"]
    }


__all__ = ["refresh_preview"]
