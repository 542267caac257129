"""The kinds of rows that can be pasted: their columns, what each is called in a spreadsheet, and how a cell is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from casestudies.paste_import import cells
from failure_lessons.vocabularies.choices import Better, EventPhase, Phase, TeamVocabulary
from failure_lessons.vocabularies.terms import offered_terms


def keep_cell_text(text: str) -> str:
    """A cell as it stands."""
    return text


@dataclass(frozen=True)
class PasteColumn:
    """A column: the name we use, what it may be called, how a cell is read, whether it must be filled.

    `repeats`: an empty cell means what the row above says, as under a merged cell.
    """

    name: str
    label: str
    read: Callable[[str], object] = keep_cell_text
    needed: bool = False
    repeats: bool = False
    also: tuple[str, ...] = ()

    def answers_to(self, heading: str) -> bool:
        """Whether a heading of the spreadsheet means this column."""
        return normalise_heading(heading) in {normalise_heading(each) for each in (self.name, self.label, *self.also)}


def normalise_heading(heading: str) -> str:
    """A heading without capitals, marks and what stands in brackets."""
    return re.sub(r"[^a-z]+", " ", re.sub(r"\(.*?\)", "", heading.casefold())).strip()


SOURCES_COLUMN = PasteColumn(
    "sources", "Sources", cells.parse_sources_cell, also=("source", "references", "reference", "citations", "cites")
)


@dataclass(frozen=True)
class PasteKind:
    """A kind of row. `columns` stand in the order in which cells are taken when there is no heading."""

    code: str
    label: str
    noun: str
    columns: tuple[PasteColumn, ...]
    example: str

    def get_column(self, name: str) -> PasteColumn:
        return next(each for each in self.columns if each.name == name)


PASTE_KINDS = {
    kind.code: kind
    for kind in (
        PasteKind(
            "events",
            "Timeline",
            "event",
            (
                PasteColumn("date", "Date", cells.parse_date_cell, needed=True, also=("when", "day", "year")),
                PasteColumn(
                    "phase", "Phase", lambda cell: cells.parse_code_cell(cell, EventPhase.choices), needed=True
                ),
                PasteColumn("title", "Title", needed=True, also=("event", "what", "what happened", "headline")),
                PasteColumn("description", "Description", also=("details", "detail", "text", "notes")),
                SOURCES_COLUMN,
            ),
            "20 August 2018\tManagement\tMinistry steps in\tA new governor and 30 more staff.\tmoj-2018, para. 3",
        ),
        PasteKind(
            "interventions",
            "Interventions",
            "intervention",
            (
                PasteColumn(
                    "kind",
                    "Kind",
                    lambda cell: cells.parse_code_cell(cell, offered_terms(TeamVocabulary.INTERVENTION)),
                    needed=True,
                    also=("type",),
                ),
                PasteColumn("title", "Title", needed=True, also=("intervention", "what", "what was done")),
                PasteColumn("start_edtf", "From", cells.parse_date_cell, also=("start", "began", "date", "start date")),
                PasteColumn("end_edtf", "To", cells.parse_date_cell, also=("end", "ended", "until", "end date")),
                PasteColumn("led_by", "Led by", also=("lead", "leader", "by", "who")),
                PasteColumn("description", "Description", also=("details", "detail")),
                PasteColumn("effect", "Effect", also=("outcome", "result", "what followed")),
                SOURCES_COLUMN,
            ),
            "Leadership change\tA new head\tSept 2019\tJuly 2021\tThe council\tAppointed for two years."
            "\tAttendance rose.\tcouncil-2021, p. 4",
        ),
        PasteKind(
            "indicators",
            "Indicators with their series",
            "figure",
            (
                PasteColumn("indicator", "Indicator", needed=True, repeats=True, also=("name", "measure")),
                PasteColumn("unit", "Unit", repeats=True),
                PasteColumn(
                    "better",
                    "Better",
                    lambda cell: cells.parse_code_cell(cell, Better.choices),
                    repeats=True,
                    also=("direction", "better when", "which is better"),
                ),
                PasteColumn("period", "Period", needed=True, also=("year", "date", "when", "school year")),
                PasteColumn(
                    "value", "Value", cells.parse_figure_cell, needed=True, also=("figure", "number", "amount")
                ),
                PasteColumn("note", "Note", also=("notes", "remark", "comment")),
                PasteColumn("definition", "Definition", also=("meaning", "what it counts")),
                SOURCES_COLUMN,
            ),
            "Pupils on roll\tpupils\tHigher\t2018-19\t1,104\tJanuary census\t\tdfe-2019, table 2",
        ),
        PasteKind(
            "findings",
            "Findings",
            "finding",
            (
                PasteColumn("code", "Code", also=("id", "number")),
                PasteColumn("phase", "Phase", lambda cell: cells.parse_code_cell(cell, Phase.choices), needed=True),
                PasteColumn("statement", "Statement", needed=True, also=("finding", "sentence")),
                PasteColumn("explanation", "Explanation", also=("why", "details", "detail")),
                PasteColumn(
                    "relevance_to_nhs",
                    "Relevance to the NHS",
                    also=("relevance", "relevance to nhs", "for the nhs", "nhs"),
                ),
                PasteColumn("themes", "Themes", also=("theme",)),
                SOURCES_COLUMN,
            ),
            "E9-F1\tIdentification\tThe board saw averages only.\tThe reports gave no names.\tBoards of trusts…"
            "\tboard-oversight\tofsted-2019, p. 5",
        ),
        PasteKind(
            "citations",
            "Citations by reference key",
            "citation",
            (
                PasteColumn(
                    "statement",
                    "Statement",
                    needed=True,
                    repeats=True,
                    also=("for", "cited by", "title", "code", "event", "finding", "section", "indicator"),
                ),
                PasteColumn(
                    "key",
                    "Reference",
                    lambda cell: cell.strip("[]@ "),
                    needed=True,
                    also=("key", "reference key", "source", "ref"),
                ),
                PasteColumn("locator", "Page", also=("locator", "pages", "paragraph", "where")),
                PasteColumn("quotation", "Very words", also=("quotation", "quote", "words")),
            ),
            "Ministry steps in\tmoj-2018\tpara. 3\t",
        ),
    )
}
