"""Responses and actions pasted from a spreadsheet: what was understood, row by row, before anything is added."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models

from casestudies.models import Organisation
from failure_lessons.dates import NotEdtf, parse_edtf
from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.vocabularies.choices import ClaimedState, Position
from literature.models import Reference

MOST_PASTED_LINES = 500
LONGEST_PASTED_TEXT = 1_000_000  # characters
DOSSIER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "response": ("code", "body", "role", "date", "position", "says", "source", "locator", "quotation"),
    "action": ("code", "body", "role", "date", "claimed", "what", "source", "locator", "quotation"),
}
CODED_COLUMNS: Mapping[str, tuple[str, type[models.TextChoices]]] = {
    "position": ("stance", Position),
    "claimed": ("claimed", ClaimedState),
}
OPTIONAL = ("role", "locator", "quotation")
LONGEST_PASTED_QUOTATION = 40  # words


@dataclass
class PastedLine:
    """A row: its cells as typed, the values for the model, its source, and what has to be mended."""

    number: int
    cells: list[str]
    values: dict[str, object] = field(default_factory=dict)
    source: dict[str, object] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PastedTable:
    """What was understood."""

    columns: tuple[str, ...]
    lines: list[PastedLine]
    problems: list[str]

    @property
    def is_ready(self) -> bool:
        return bool(self.lines) and not self.problems and not any(line.problems for line in self.lines)


def parse_table(text: str, target: str, known_codes: set[str]) -> PastedTable:
    """The rows of a text copied from a spreadsheet. Two queries. A first row with headings may order the columns."""
    columns = DOSSIER_COLUMNS[target]
    if len(text) > LONGEST_PASTED_TEXT:
        return PastedTable(columns, [], [f"That is {len(text):,} characters; at most {LONGEST_PASTED_TEXT:,} fit."])
    if "\0" in text:
        return PastedTable(columns, [], ["The text holds a NUL character, which no text needs. Remove it."])
    rows = [row for row in csv.reader(io.StringIO(text), delimiter="\t") if any(cell.strip() for cell in row)]
    if rows and {cell.strip().lower() for cell in rows[0]} <= set(columns) and "body" in map(str.lower, rows[0]):
        columns = tuple(cell.strip().lower() for cell in rows.pop(0))
    problems = [] if rows else ["There is no row."]
    if len(rows) > MOST_PASTED_LINES:
        problems.append(f"There are {len(rows):,} rows; at most {MOST_PASTED_LINES} fit at once.")
        rows = []
    lines = [PastedLine(number, [cell.strip() for cell in row]) for number, row in enumerate(rows, start=1)]
    bodies = dict(Organisation.objects.values_list("slug", "pk"))
    references = dict(Reference.objects.values_list("slug", "pk"))
    seen = set(known_codes)
    for line in lines:
        read_line(line, columns, target, bodies, references)
        code = str(line.values.get("code", ""))
        if code in seen:
            line.problems.append(f"The code {code} stands here already.")
        seen.add(code)
    return PastedTable(columns, lines, problems)


def read_line(
    line: PastedLine, columns: tuple[str, ...], target: str, bodies: Mapping[str, int], references: Mapping[str, int]
) -> None:
    """The values of a row, and what has to be mended in it."""
    if len(line.cells) > len(columns):
        line.problems.append(f"It has {len(line.cells)} cells; there are {len(columns)} columns.")
    given = dict(zip(columns, [*line.cells, *[""] * len(columns)], strict=False))
    line.problems += [
        f"{name}: empty." for name in DOSSIER_COLUMNS[target] if name not in OPTIONAL and not given.get(name)
    ]
    for name, found in (("body", bodies), ("source", references)):
        if (key := given.get(name, "")) and key not in found:
            line.problems.append(f"{name}: there is no “{key[:60]}”.{format_hint(nearest_name(key, found))}")
    if date := given.get("date", ""):
        try:
            parse_edtf(date)
        except NotEdtf as error:
            line.problems.append(f"date: {error}")
    if len(given.get("quotation", "").split()) > LONGEST_PASTED_QUOTATION:
        count = len(given["quotation"].split())
        line.problems.append(f"quotation: it has {count} words; at most {LONGEST_PASTED_QUOTATION}.")
    for name, (column, vocabulary) in CODED_COLUMNS.items():
        if name in given and (code := given[name]):
            known = {str(label).casefold(): str(value) for value, label in vocabulary.choices}
            known |= {str(value): str(value) for value in vocabulary.values}
            if code.casefold() not in known:
                hint = format_hint(nearest_name(code, list(vocabulary.values)))
                line.problems.append(f"{name}: “{code[:60]}” is not known.{hint}")
            else:
                line.values[column] = known[code.casefold()]
    if len(given.get("code", "")) > 20:
        line.problems.append("code: at most 20 characters.")
    if line.problems:
        return
    text = "says" if target == "response" else "what"
    line.values |= {name: given.get(name, "") for name in ("code", "role", "date", text)}
    line.values["body_id"] = bodies[given["body"]]
    line.source = {
        "reference_id": references[given["source"]],
        "locator": given.get("locator", ""),
        "quotation": given.get("quotation", ""),
    }
