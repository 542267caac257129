"""Which heading of a sheet is which column of a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import models
from rapidfuzz import fuzz, process

from failure_lessons.bulk.columns import KEY_HEADER, SheetColumn
from failure_lessons.bulk.reading import Table
from failure_lessons.files.decoding import CannotReadFile

MIN_HEADING_LIKENESS = 60  # of 100: how like two names have to be for one to be suggested for the other


@dataclass
class Matched:
    """A table whose headings are understood. Places count from 0."""

    key: int | None
    key_header: str
    columns: dict[int, SheetColumn]
    rows: Sequence[tuple[int, list[str]]]
    notes: list[str]  # headings that are not read, and what may have been meant
    faults: dict[int, list[str]]
    names: dict[type[models.Model], list[str]] = field(default_factory=dict)  # to suggest: asked once for each model


def match_headings(
    table: Table, model: type[models.Model], columns: Sequence[SheetColumn], every: Sequence[SheetColumn]
) -> Matched:
    """A table as a list. `columns` may be changed; `every` has those too that may only be seen.

    Raises `CannotReadFile`.
    """
    known: dict[str, SheetColumn | None] = {normalize_heading(KEY_HEADER): None, **by_heading(every)}
    headings = [normalize_heading(heading) for heading in table.header]
    if not any(heading in known for heading in headings):
        second = table.rows[0][1] if table.rows else []
        if any(normalize_heading(cell) in known for cell in second):
            raise CannotReadFile(
                f"The names of the columns stand in row {table.rows[0][0]}. Remove what is above them."
            )
        raise CannotReadFile(
            f"None of the headings is a column of {model._meta.verbose_name_plural}. The first row has to "
            f"hold names such as {', '.join(f'“{column.header}”' for column in columns[:4])}."
        )
    for number, cells in table.rows:
        if [normalize_heading(cell) for cell in cells] == headings:
            raise CannotReadFile(f"Row {number} repeats the headings. Keep them once, in the first row.")
    found: dict[int, SheetColumn] = {}
    allowed = {column.name for column in columns}
    notes, key = list[str](), None
    for place, heading in enumerate(headings):
        if headings.count(heading) > 1 and heading:
            raise CannotReadFile(f"Two columns are called “{table.header[place]}”: rename or remove one of them.")
        if heading == normalize_heading(KEY_HEADER):
            key = place
        elif (column := known.get(heading)) and column.name in allowed:
            if column in found.values():
                raise CannotReadFile(f"Two columns mean “{column.header}”: remove one of them.")
            found[place] = column
        elif heading in known:
            notes.append(f"“{table.header[place]}” is not for you to change here: it is left as it is.")
        elif heading or any(cells[place].strip() for _, cells in table.rows):
            notes.append(describe_unknown_heading(table.header[place], place, [column.header for column in columns]))
    if key is not None:
        refuse_other_list(table, key, model)
    return Matched(key, table.header[key] if key is not None else KEY_HEADER, found, table.rows, notes, table.faults)


def normalize_heading(heading: str) -> str:
    """A heading without case and double spaces."""
    return " ".join(heading.split()).casefold()


def by_heading(columns: Iterable[SheetColumn]) -> dict[str, SheetColumn]:
    """Columns by their headings and by the names of their fields; headings go first."""
    columns = list(columns)
    return {normalize_heading(column.name): column for column in columns} | {
        normalize_heading(column.header): column for column in columns
    }


def describe_unknown_heading(heading: str, place: int, headers: list[str]) -> str:
    if not heading:
        return f"Column {place + 1} has no heading and is not read."
    near = nearest_name(heading, headers)
    return f"“{heading[:80]}” is no column of this list and is not read." + (f" Did you mean “{near}”?" if near else "")


def nearest_name(word: str, names: Sequence[str]) -> str:
    """The likest of these names, or nothing."""
    found = process.extractOne(
        word, names, scorer=fuzz.ratio, score_cutoff=MIN_HEADING_LIKENESS, processor=str.casefold
    )
    return str(found[0]) if found else ""


def refuse_other_list(table: Table, key: int, model: type[models.Model]) -> None:
    """A sheet of another list is told as a whole, not row by row."""
    for _, cells in table.rows:
        name, mark, _ = cells[key].partition(":")
        if mark and "@" in cells[key] and name.isalpha() and name != model._meta.model_name:
            raise CannotReadFile(
                f"This is a sheet of another list ({name[:40]}), not of {model._meta.verbose_name_plural}. Hand it in "
                "there."
            )
