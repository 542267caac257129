"""Records as rows of a table: the same columns, headings and cells for CSV and XLSX.

Codes stay codes (`provider-board`), because they never change; lists are joined by semicolons. Text is written so that
no spreadsheet takes it for a formula, and cut where Excel would refuse the file.
"""

from __future__ import annotations

import csv as writer
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from failure_lessons.exports.formats.csl import date_parts, names_in_role
from failure_lessons.exports.formats.rows import BLOCK_BYTES, EditionItem, EditionRow, in_blocks, iterate_items
from failure_lessons.files.cells import CellValue, cell_text, neutralise_formula

MOST_SHEET_ROWS = 1_048_576  # rows that Excel takes in a sheet, headings included


@dataclass(frozen=True)
class TableColumn:
    """A heading and where its cells come from: a dotted path into the document, or a function of the item."""

    heading: str
    source: str | Callable[[EditionItem], Any]
    width: int = 18

    def cell(self, item: EditionItem) -> CellValue:
        """What stands in this column for an item."""
        value: Any = item.content if isinstance(self.source, str) else self.source(item)
        for name in self.source.split(".") if isinstance(self.source, str) else ():
            value = value.get(name) if isinstance(value, dict) else None
        return cell_value(value)


def cell_value(value: Any) -> CellValue:
    """A value as one cell: lists joined, numbers as they are, nothing as nothing."""
    if isinstance(value, list | tuple):
        return cell_text("; ".join(str(cell_value(each)) for each in value))
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return cell_text(str(value))


def findings_relating(name: str) -> Callable[[EditionItem], list[str]]:
    """Codes of the findings that bear on a lesson in this way."""
    return lambda item: [each["finding"] for each in item.content.get("evidence", []) if each["relation"] == name]


def source_keys(item: EditionItem) -> list[str]:
    """Keys of the references cited, with page or paragraph."""
    cited = item.content.get("sources", [])
    return [f"{each['ref']} ({each['locator']})" if each.get("locator") else each["ref"] for each in cited]


def author_names(item: EditionItem) -> list[str]:
    """Authors of a reference as “Family, Given”, bodies as they are."""
    return [
        name.get("literal") or ", ".join(filter(None, [name["family"], name.get("given")]))
        for name in names_in_role(item.content)
    ]


def issued_date(item: EditionItem) -> str:
    """The date of a reference, as `2018-08-20`, `2018` or `2014/2015`; `~` marks an approximate one."""
    whole = "/".join("-".join(f"{number:02}" for number in part) for part in date_parts(item.content))
    return whole + ("~" if whole and item.content["issued"].get("circa") else "")


def member_of_each(path: str, name: str) -> Callable[[EditionItem], list[Any]]:
    """One member of every object in a list."""
    return lambda item: [each[name] for each in item.content.get(path, []) if each.get(name)]


TITLE_COLUMN = TableColumn("Title", lambda item: item.title, 50)
CODE_COLUMN = TableColumn("Code", "code", 10)
LONG = 60
TABLE_COLUMNS: dict[str, tuple[TableColumn, ...]] = {
    "theme": (TableColumn("Theme", "label", 40), TableColumn("Scope note", "scope_note", LONG)),
    "organisation": (
        TableColumn("Name", "name", 50),
        TableColumn("Type", "type"),
        TableColumn("Place", "place"),
        TableColumn(
            "Identifiers", lambda item: [f"{k}:{v}" for k, v in item.content.get("identifiers", {}).items()], 30
        ),
    ),
    "reference": (
        TableColumn("Key", "id", 24),
        TableColumn("Type", "type"),
        TableColumn("Authors", author_names, 40),
        TableColumn("Issued", issued_date, 12),
        TableColumn("Title", "title", 50),
        TableColumn("Published in", "container-title", 30),
        TableColumn("Volume", "volume", 8),
        TableColumn("Issue", "issue", 8),
        TableColumn("Pages", "page", 10),
        TableColumn("Number", "number", 12),
        TableColumn("Publisher", "publisher", 30),
        TableColumn("DOI", "DOI", 28),
        TableColumn("ISBN", "ISBN"),
        TableColumn("Web address", "URL", 40),
        TableColumn("Licence", "licence"),
        TableColumn("Abstract", "abstract", LONG),
        TableColumn("Note", "note", 30),
    ),
    "glossary-term": (
        TableColumn("Term", "term", 30),
        TableColumn("Definition", "definition", LONG),
        TableColumn("Source", "ref", 24),
        TableColumn("Note on the source", "source_note", 30),
    ),
    "finding": (
        CODE_COLUMN,
        TableColumn("Statement", "statement", LONG),
        TableColumn("Phase", "phase"),
        TableColumn("Themes", "themes", 30),
        TableColumn("Sector", "derived.sector"),
        TableColumn("Part of", "derived.part_of.title", 40),
        TableColumn("Explanation", "explanation", LONG),
        TableColumn("Relevance to the NHS", "relevance_to_nhs", LONG),
        TableColumn("Confidence", "cerqual.overall.level"),
        TableColumn("Sources", source_keys, 30),
    ),
    "literature-review": (
        TITLE_COLUMN,
        TableColumn("Question", "question", LONG),
        TableColumn("Type of review", "review_type"),
        TableColumn("Framework", "framework", 10),
        TableColumn("Sector", "sector"),
        TableColumn("Records identified", "derived.prisma.records_identified"),
        TableColumn("Records screened", "derived.prisma.records_screened"),
        TableColumn("Studies included", "derived.prisma.studies_included"),
        TableColumn("Findings", "findings", 30),
        TableColumn("Synthesis", "synthesis", LONG),
    ),
    "case-study": (
        TITLE_COLUMN,
        TableColumn("Sector", "sector"),
        TableColumn("Start", "period.start", 12),
        TableColumn("End", "period.end", 12),
        TableColumn("Types of failure", "failure_types", 30),
        TableColumn("Organisations", member_of_each("organisations", "name"), 40),
        TableColumn("Summary", "summary", LONG),
        TableColumn("Interventions", member_of_each("interventions", "title"), LONG),
        TableColumn("Findings", "findings", 30),
        TableColumn("Why this case", "selection_rationale", LONG),
    ),
    "comparison": (
        TITLE_COLUMN,
        TableColumn("Conditions", member_of_each("conditions", "label"), LONG),
        TableColumn("Outcome", "outcome.label", 30),
        TableColumn("Cases", member_of_each("cases", "case"), LONG),
        TableColumn("Notes", "notes", LONG),
    ),
    "lesson": (
        CODE_COLUMN,
        TITLE_COLUMN,
        TableColumn("Statement", "statement", LONG),
        TableColumn("Phase", "phase"),
        TableColumn("Themes", "themes", 30),
        TableColumn("Confidence", "cerqual.overall.level"),
        TableColumn("Why this confidence", "cerqual.overall.reason", 40),
        TableColumn("Evidence from", "derived.sectors", 24),
        TableColumn("Cases", "derived.cases", 30),
        TableColumn("Findings that support it", findings_relating("supports"), 30),
        TableColumn("Findings that qualify it", findings_relating("qualifies"), 24),
        TableColumn("Findings that contradict it", findings_relating("contradicts"), 24),
        TableColumn("Explanation", "explanation", LONG),
        TableColumn("How the NHS is alike", "transfer.alike", LONG),
        TableColumn("How the NHS differs", "transfer.differs", LONG),
        TableColumn("What would change our view", "transfer.would_change_our_view", LONG),
    ),
    "recommendation": (
        CODE_COLUMN,
        TITLE_COLUMN,
        TableColumn("Statement", "statement", LONG),
        TableColumn("Wording", "wording", 10),
        TableColumn("Strength", "strength", 12),
        TableColumn("Confidence", "confidence", 12),
        TableColumn("Phase", "phase"),
        TableColumn("Level", "level", 10),
        TableColumn("Audience", "audiences", 30),
        TableColumn("Owner", "owner", 30),
        TableColumn("Timescale", "timescale.label"),
        TableColumn("Timescale in months", "timescale.months", 10),
        TableColumn("Kind of action", "action_kind"),
        TableColumn("Types of failure", "failure_types", 24),
        TableColumn("Themes", "derived.themes", 30),
        TableColumn("Evidence from", "derived.sectors", 24),
        TableColumn("Lessons", "lessons", 12),
        TableColumn("Rationale", "rationale", LONG),
        TableColumn("Actions", "actions", LONG),
        TableColumn("Measures", "measures", LONG),
        TableColumn("Resources", "resources", 40),
        TableColumn("Conditions", "conditions", 40),
        TableColumn("Risks", "risks", 40),
        TableColumn("What speaks against it", "counter_evidence", LONG),
        TableColumn("Related", lambda item: [f"{e['type']} {e['to']}" for e in item.content.get("relations", [])], 24),
    ),
    "consultation-template": (
        TITLE_COLUMN,
        TableColumn("Status", "status", 30),
        TableColumn("Purpose", "purpose", LONG),
        TableColumn("Questions", "questions", LONG),
        TableColumn("Rating scale", "rating_scale", 30),
    ),
}
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


def iso_day(moment: Any) -> str | None:
    """The date of a moment, or nothing."""
    return moment.date().isoformat() if moment else None


def columns_of_kind(kind: str = "") -> tuple[TableColumn, ...]:
    """The columns of a table of one kind, or of any kinds together."""
    return (*TABLE_COLUMNS.get(kind, MIXED), *EDITION_DETAILS)


def write_csv(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """RFC 4180, UTF-8. Constant memory.

    It begins with a byte order mark: without one Excel reads our readers' dashes and quotation marks as noise, and R,
    pandas and LibreOffice skip it (in Python: `encoding="utf-8-sig"`).
    """
    chosen = columns_of_kind(kind)
    buffer = io.StringIO()
    table = writer.writer(buffer)

    def line(cells: Iterable[CellValue]) -> bytes:
        table.writerow([neutralise_formula(cell) for cell in cells])
        written = buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
        return written

    def lines() -> Iterator[bytes]:
        yield "\ufeff".encode() + line(column.heading for column in chosen)
        for item in iterate_items(rows, base):
            yield line(column.cell(item) for column in chosen)

    return in_blocks(lines())


def write_xlsx(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """A workbook with one table, its headings frozen. Written to a temporary file a row at a time: constant memory.

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
            fill_workbook(book, rows, base, kind)
        file.seek(0)
        while block := file.read(BLOCK_BYTES):
            yield block


def fill_workbook(book: Any, rows: Iterable[EditionRow], base: str, kind: str) -> None:
    """Write the table, on as many sheets as it takes."""
    chosen = columns_of_kind(kind)
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet, line = add_headed_sheet(book, chosen, heading), 1
    for item in iterate_items(rows, base):
        if line == MOST_SHEET_ROWS:
            sheet, line = add_headed_sheet(book, chosen, heading), 1
        for place, column in enumerate(chosen):
            cell = column.cell(item)
            if isinstance(cell, str):
                sheet.write_string(line, place, cell)
            elif cell is not None:
                sheet.write_number(line, place, cell)
        line += 1


def add_headed_sheet(book: Any, chosen: tuple[TableColumn, ...], heading: Any) -> Any:
    """A new sheet with its headings."""
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(chosen):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, heading)
    return sheet
