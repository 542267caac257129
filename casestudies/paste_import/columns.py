"""The kinds of rows that can be pasted: their columns, what each is called in a spreadsheet, and how a cell is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from casestudies.paste_import import cells
from failure_lessons.vocabularies.choices import Better, EventPhase, InterventionKind, Phase


def words(text: str) -> str:
    """A cell as it stands."""
    return text


@dataclass(frozen=True)
class Column:
    """A column: the name we use, what it may be called, how a cell is read, whether it must be filled.

    `repeats`: an empty cell means what the row above says, as under a merged cell.
    """

    name: str
    label: str
    read: Callable[[str], Any] = words
    needed: bool = False
    repeats: bool = False
    also: tuple[str, ...] = ()

    def answers_to(self, heading: str) -> bool:
        """Whether a heading of the spreadsheet means this column."""
        return plain(heading) in {plain(each) for each in (self.name, self.label, *self.also)}


def plain(heading: str) -> str:
    """A heading without capitals, marks and what stands in brackets."""
    return re.sub(r"[^a-z]+", " ", re.sub(r"\(.*?\)", "", heading.casefold())).strip()


SOURCES = Column("sources", "Sources", cells.sources, also=("source", "references", "reference", "citations", "cites"))


@dataclass(frozen=True)
class Kind:
    """A kind of row. `columns` stand in the order in which cells are taken when there is no heading."""

    code: str
    label: str
    noun: str
    columns: tuple[Column, ...]
    example: str

    def column(self, name: str) -> Column:
        return next(each for each in self.columns if each.name == name)


KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            "events",
            "Timeline",
            "event",
            (
                Column("date", "Date", cells.date, needed=True, also=("when", "day", "year")),
                Column("phase", "Phase", lambda cell: cells.code(cell, EventPhase), needed=True),
                Column("title", "Title", needed=True, also=("event", "what", "what happened", "headline")),
                Column("description", "Description", also=("details", "detail", "text", "notes")),
                SOURCES,
            ),
            "20 August 2018\tManagement\tMinistry steps in\tA new governor and 30 more staff.\tmoj-2018, para. 3",
        ),
        Kind(
            "interventions",
            "Interventions",
            "intervention",
            (
                Column("kind", "Kind", lambda cell: cells.code(cell, InterventionKind), needed=True, also=("type",)),
                Column("title", "Title", needed=True, also=("intervention", "what", "what was done")),
                Column("start_edtf", "From", cells.date, also=("start", "began", "date", "start date")),
                Column("end_edtf", "To", cells.date, also=("end", "ended", "until", "end date")),
                Column("led_by", "Led by", also=("lead", "leader", "by", "who")),
                Column("description", "Description", also=("details", "detail")),
                Column("effect", "Effect", also=("outcome", "result", "what followed")),
                SOURCES,
            ),
            "Leadership change\tA new head\tSept 2019\tJuly 2021\tThe council\tAppointed for two years."
            "\tAttendance rose.\tcouncil-2021, p. 4",
        ),
        Kind(
            "indicators",
            "Indicators with their series",
            "figure",
            (
                Column("indicator", "Indicator", needed=True, repeats=True, also=("name", "measure")),
                Column("unit", "Unit", repeats=True),
                Column(
                    "better",
                    "Better",
                    lambda cell: cells.code(cell, Better),
                    repeats=True,
                    also=("direction", "better when", "which is better"),
                ),
                Column("period", "Period", needed=True, also=("year", "date", "when", "school year")),
                Column("value", "Value", cells.figure, needed=True, also=("figure", "number", "amount")),
                Column("note", "Note", also=("notes", "remark", "comment")),
                Column("definition", "Definition", also=("meaning", "what it counts")),
                SOURCES,
            ),
            "Pupils on roll\tpupils\tHigher\t2018-19\t1,104\tJanuary census\t\tdfe-2019, table 2",
        ),
        Kind(
            "findings",
            "Findings",
            "finding",
            (
                Column("code", "Code", also=("id", "number")),
                Column("phase", "Phase", lambda cell: cells.code(cell, Phase), needed=True),
                Column("statement", "Statement", needed=True, also=("finding", "sentence")),
                Column("explanation", "Explanation", also=("why", "details", "detail")),
                Column(
                    "relevance_to_nhs",
                    "Relevance to the NHS",
                    also=("relevance", "relevance to nhs", "for the nhs", "nhs"),
                ),
                Column("themes", "Themes", also=("theme",)),
                SOURCES,
            ),
            "E9-F1\tIdentification\tThe board saw averages only.\tThe reports gave no names.\tBoards of trusts…"
            "\tboard-oversight\tofsted-2019, p. 5",
        ),
        Kind(
            "citations",
            "Citations by reference key",
            "citation",
            (
                Column(
                    "statement",
                    "Statement",
                    needed=True,
                    repeats=True,
                    also=("for", "cited by", "title", "code", "event", "finding", "section", "indicator"),
                ),
                Column(
                    "key",
                    "Reference",
                    lambda cell: cell.strip("[]@ "),
                    needed=True,
                    also=("key", "reference key", "source", "ref"),
                ),
                Column("locator", "Page", also=("locator", "pages", "paragraph", "where")),
                Column("quotation", "Very words", also=("quotation", "quote", "words")),
            ),
            "Ministry steps in\tmoj-2018\tpara. 3\t",
        ),
    )
}
