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

from failure_lessons.exports.formats.csl import date, people
from failure_lessons.exports.formats.rows import BLOCK, Item, Row, in_blocks, items
from failure_lessons.files.cells import Cell, neutral, text

ROWS = 1_048_576  # rows that Excel takes in a sheet, headings included


@dataclass(frozen=True)
class Column:
    """A heading and where its cells come from: a dotted path into the document, or a function of the item."""

    heading: str
    source: str | Callable[[Item], Any]
    width: int = 18

    def cell(self, item: Item) -> Cell:
        """What stands in this column for an item."""
        value: Any = item.content if isinstance(self.source, str) else self.source(item)
        for name in self.source.split(".") if isinstance(self.source, str) else ():
            value = value.get(name) if isinstance(value, dict) else None
        return plain(value)


def plain(value: Any) -> Cell:
    """A value as one cell: lists joined, numbers as they are, nothing as nothing."""
    if isinstance(value, list | tuple):
        return text("; ".join(str(plain(each)) for each in value))
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return text(str(value))


def related(name: str) -> Callable[[Item], list[str]]:
    """Codes of the findings that bear on a lesson in this way."""
    return lambda item: [each["finding"] for each in item.content.get("evidence", []) if each["relation"] == name]


def sources(item: Item) -> list[str]:
    """Keys of the references cited, with page or paragraph."""
    cited = item.content.get("sources", [])
    return [f"{each['ref']} ({each['locator']})" if each.get("locator") else each["ref"] for each in cited]


def authors(item: Item) -> list[str]:
    """Authors of a reference as “Family, Given”, bodies as they are."""
    return [
        name.get("literal") or ", ".join(filter(None, [name["family"], name.get("given")]))
        for name in people(item.content)
    ]


def issued(item: Item) -> str:
    """The date of a reference, as `2018-08-20`, `2018` or `2014/2015`; `~` marks an approximate one."""
    whole = "/".join("-".join(f"{number:02}" for number in part) for part in date(item.content))
    return whole + ("~" if whole and item.content["issued"].get("circa") else "")


def named(path: str, name: str) -> Callable[[Item], list[Any]]:
    """One member of every object in a list."""
    return lambda item: [each[name] for each in item.content.get(path, []) if each.get(name)]


TITLE = Column("Title", lambda item: item.title, 50)
CODE = Column("Code", "code", 10)
LONG = 60
COLUMNS: dict[str, tuple[Column, ...]] = {
    "theme": (Column("Theme", "label", 40), Column("Scope note", "scope_note", LONG)),
    "organisation": (
        Column("Name", "name", 50),
        Column("Type", "type"),
        Column("Place", "place"),
        Column("Identifiers", lambda item: [f"{k}:{v}" for k, v in item.content.get("identifiers", {}).items()], 30),
    ),
    "reference": (
        Column("Key", "id", 24),
        Column("Type", "type"),
        Column("Authors", authors, 40),
        Column("Issued", issued, 12),
        Column("Title", "title", 50),
        Column("Published in", "container-title", 30),
        Column("Volume", "volume", 8),
        Column("Issue", "issue", 8),
        Column("Pages", "page", 10),
        Column("Number", "number", 12),
        Column("Publisher", "publisher", 30),
        Column("DOI", "DOI", 28),
        Column("ISBN", "ISBN"),
        Column("Web address", "URL", 40),
        Column("Licence", "licence"),
        Column("Abstract", "abstract", LONG),
        Column("Note", "note", 30),
    ),
    "glossary-term": (
        Column("Term", "term", 30),
        Column("Definition", "definition", LONG),
        Column("Source", "ref", 24),
        Column("Note on the source", "source_note", 30),
    ),
    "finding": (
        CODE,
        Column("Statement", "statement", LONG),
        Column("Phase", "phase"),
        Column("Themes", "themes", 30),
        Column("Sector", "derived.sector"),
        Column("Part of", "derived.part_of.title", 40),
        Column("Explanation", "explanation", LONG),
        Column("Relevance to the NHS", "relevance_to_nhs", LONG),
        Column("Confidence", "cerqual.overall.level"),
        Column("Sources", sources, 30),
    ),
    "literature-review": (
        TITLE,
        Column("Question", "question", LONG),
        Column("Type of review", "review_type"),
        Column("Framework", "framework", 10),
        Column("Sector", "sector"),
        Column("Records identified", "derived.prisma.records_identified"),
        Column("Records screened", "derived.prisma.records_screened"),
        Column("Studies included", "derived.prisma.studies_included"),
        Column("Findings", "findings", 30),
        Column("Synthesis", "synthesis", LONG),
    ),
    "case-study": (
        TITLE,
        Column("Sector", "sector"),
        Column("Start", "period.start", 12),
        Column("End", "period.end", 12),
        Column("Types of failure", "failure_types", 30),
        Column("Organisations", named("organisations", "name"), 40),
        Column("Summary", "summary", LONG),
        Column("Interventions", named("interventions", "title"), LONG),
        Column("Findings", "findings", 30),
        Column("Why this case", "selection_rationale", LONG),
    ),
    "comparison": (
        TITLE,
        Column("Conditions", named("conditions", "label"), LONG),
        Column("Outcome", "outcome.label", 30),
        Column("Cases", named("cases", "case"), LONG),
        Column("Notes", "notes", LONG),
    ),
    "lesson": (
        CODE,
        TITLE,
        Column("Statement", "statement", LONG),
        Column("Phase", "phase"),
        Column("Themes", "themes", 30),
        Column("Confidence", "cerqual.overall.level"),
        Column("Why this confidence", "cerqual.overall.reason", 40),
        Column("Evidence from", "derived.sectors", 24),
        Column("Cases", "derived.cases", 30),
        Column("Findings that support it", related("supports"), 30),
        Column("Findings that qualify it", related("qualifies"), 24),
        Column("Findings that contradict it", related("contradicts"), 24),
        Column("Explanation", "explanation", LONG),
        Column("How the NHS is alike", "transfer.alike", LONG),
        Column("How the NHS differs", "transfer.differs", LONG),
        Column("What would change our view", "transfer.would_change_our_view", LONG),
    ),
    "recommendation": (
        CODE,
        TITLE,
        Column("Statement", "statement", LONG),
        Column("Wording", "wording", 10),
        Column("Strength", "strength", 12),
        Column("Confidence", "confidence", 12),
        Column("Phase", "phase"),
        Column("Level", "level", 10),
        Column("Audience", "audiences", 30),
        Column("Owner", "owner", 30),
        Column("Timescale", "timescale.label"),
        Column("Timescale in months", "timescale.months", 10),
        Column("Kind of action", "action_kind"),
        Column("Types of failure", "failure_types", 24),
        Column("Themes", "derived.themes", 30),
        Column("Evidence from", "derived.sectors", 24),
        Column("Lessons", "lessons", 12),
        Column("Rationale", "rationale", LONG),
        Column("Actions", "actions", LONG),
        Column("Measures", "measures", LONG),
        Column("Resources", "resources", 40),
        Column("Conditions", "conditions", 40),
        Column("Risks", "risks", 40),
        Column("What speaks against it", "counter_evidence", LONG),
        Column("Related", lambda item: [f"{e['type']} {e['to']}" for e in item.content.get("relations", [])], 24),
    ),
    "consultation-template": (
        TITLE,
        Column("Status", "status", 30),
        Column("Purpose", "purpose", LONG),
        Column("Questions", "questions", LONG),
        Column("Rating scale", "rating_scale", 30),
    ),
}
MIXED = (
    Column("Kind", lambda item: item.kind.code),
    CODE,
    TITLE,
    Column("Description", lambda item: item.description, LONG),
    Column("Phase", "phase"),
    Column("Themes", lambda item: item.content.get("themes") or item.content.get("derived", {}).get("themes"), 30),
)
ABOUT = (
    Column("Edition", lambda item: item.row.number, 8),
    Column("Published", lambda item: item.published.isoformat(), 12),
    Column("Evidence changed", lambda item: day(item.row.evidence_changed_at), 12),
    Column("Replaced", lambda item: day(item.row.superseded_at), 12),
    Column("Permanent address", lambda item: item.permanent, 50),
    Column("SHA-256", lambda item: item.row.sha256, 20),
)


def day(moment: Any) -> str | None:
    """The date of a moment, or nothing."""
    return moment.date().isoformat() if moment else None


def columns(kind: str = "") -> tuple[Column, ...]:
    """The columns of a table of one kind, or of any kinds together."""
    return (*COLUMNS.get(kind, MIXED), *ABOUT)


def csv(rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]:
    """RFC 4180, UTF-8. Constant memory.

    It begins with a byte order mark: without one Excel reads our readers' dashes and quotation marks as noise, and R,
    pandas and LibreOffice skip it (in Python: `encoding="utf-8-sig"`).
    """
    chosen = columns(kind)
    buffer = io.StringIO()
    table = writer.writer(buffer)

    def line(cells: Iterable[Cell]) -> bytes:
        table.writerow([neutral(cell) for cell in cells])
        written = buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
        return written

    def lines() -> Iterator[bytes]:
        yield "\ufeff".encode() + line(column.heading for column in chosen)
        for item in items(rows, base):
            yield line(column.cell(item) for column in chosen)

    return in_blocks(lines())


def xlsx(rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]:
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
            fill(book, rows, base, kind)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def fill(book: Any, rows: Iterable[Row], base: str, kind: str) -> None:
    """Write the table, on as many sheets as it takes."""
    chosen = columns(kind)
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet, line = headed(book, chosen, heading), 1
    for item in items(rows, base):
        if line == ROWS:
            sheet, line = headed(book, chosen, heading), 1
        for place, column in enumerate(chosen):
            cell = column.cell(item)
            if isinstance(cell, str):
                sheet.write_string(line, place, cell)
            elif cell is not None:
                sheet.write_number(line, place, cell)
        line += 1


def headed(book: Any, chosen: tuple[Column, ...], heading: Any) -> Any:
    """A new sheet with its headings."""
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(chosen):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, heading)
    return sheet
