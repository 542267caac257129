"""What was understood of pasted rows: each with its values, or with what is wrong and what to write instead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from casestudies.models import CaseFinding, CaseStudy, Event, Indicator, IndicatorValue, Intervention
from casestudies.paste_import import cells
from casestudies.paste_import.columns import PASTE_KINDS, PasteColumn, PasteKind
from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.packages.loading import Columns
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference

MOST_ROWS, MOST_LETTERS = 2_000, 1_000_000
CASE_FINDING_CODE = re.compile(r"\A([A-Z]+[0-9]+)-F([0-9]+)\Z")
Mark = TypeVar("Mark", bound=Hashable)  # what tells a row from another


@dataclass
class PastedRow:
    """One row. `number` counts what was pasted from 1, with its heading; `here`: the case has it already."""

    number: int
    cells: dict[str, str]
    values: Columns = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    here: bool = False

    @property
    def standing(self) -> str:
        """How it stands: faulty, here or new."""
        return "faulty" if self.problems else "here" if self.here else "new"


@dataclass
class ParsedPaste:
    """What was understood of a text. `problems` are about the whole; nothing is added while there are any."""

    kind: PasteKind
    columns: tuple[PasteColumn, ...] = ()
    has_heading: bool = False
    rows: list[PastedRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    @property
    def faulty(self) -> list[PastedRow]:
        return [row for row in self.rows if row.problems]

    @property
    def fresh(self) -> list[PastedRow]:
        """The rows that would be added."""
        return [row for row in self.rows if not row.problems and not row.here]

    @property
    def is_ready(self) -> bool:
        return bool(self.fresh) and not self.problems and not self.faulty

    def rows_for_page(self) -> list[dict[str, object]]:
        """The rows for a page: each cell as it was understood and, where that differs, as it was typed."""
        return [
            {
                "number": row.number,
                "standing": row.standing,
                "problems": row.problems,
                "here": row.here,
                "cells": [self.cell_for_page(row, column.name) for column in self.columns],
            }
            for row in self.rows
        ]

    @staticmethod
    def cell_for_page(row: PastedRow, name: str) -> dict[str, str]:
        typed, value = row.cells.get(name, ""), row.values.get(name, "")
        if name == "sources":
            parts = (", ".join(filter(None, [each["key"], each["locator"], each["quotation"]])) for each in value or [])
            value = "; ".join(parts)
        elif name == "themes" and isinstance(value, list):
            value = "; ".join(map(str, value))
        elif name == "value" and value != "":
            value = f"{value.normalize():f}"
        shown = str(value)
        return {
            "shown": shown or typed,
            "typed": typed if shown and typed and normalise_cell(shown) != normalise_cell(typed) else "",
        }


def normalise_cell(text: str) -> str:
    return text.casefold().replace("-", " ").strip()


def parse_paste(*, case: CaseStudy, what: str, text: str) -> ParsedPaste:
    """What pasted text means as rows of a case. Queries do not grow with the rows."""
    kind = PASTE_KINDS[what]
    reading = ParsedPaste(kind)
    if len(text) > MOST_LETTERS:
        reading.problems.append(f"This is more than {MOST_LETTERS:,} characters: paste it in parts.")
        return reading
    rows = cells.split_table(text)
    if not rows:
        reading.problems.append("There is nothing to read: copy rows in your spreadsheet and paste them here.")
        return reading
    if len(rows) > MOST_ROWS:
        reading.problems.append(f"These are {len(rows):,} rows, and at most {MOST_ROWS:,} are read at once.")
        return reading
    columns = match_heading(kind, rows[0], reading)
    previous: dict[str, str] = {}
    for number, found in enumerate(rows[1:] if reading.has_heading else rows, 2 if reading.has_heading else 1):
        row = parse_pasted_row(number, found, columns, previous)
        previous = row.cells
        reading.rows.append(row)
    if not reading.rows:
        reading.problems.append("There is a heading, but no row under it.")
    check_sources(reading)
    if not reading.problems:
        CHECKS[what](case, reading)
    return reading


def match_heading(kind: PasteKind, first: list[str], reading: ParsedPaste) -> list[PasteColumn | None]:
    """The column of each cell: by the heading, where the first row is one, else in our order."""
    found = [next((each for each in kind.columns if cell and each.answers_to(cell)), None) for cell in first]
    known = [column for column in found if column]
    named = sum(bool(cell) for cell in first)
    reading.has_heading = (len(known) >= 2 and len(known) * 2 > named) or (named == 1 == len(known))
    if not reading.has_heading:
        reading.columns = kind.columns
        return list(kind.columns)
    reading.columns = tuple(each for each in kind.columns if each in known)
    reading.unused = [cell for cell, column in zip(first, found, strict=True) if cell and column is None]
    reading.problems += [f"Two columns mean “{column.label}”." for column, times in Counter(known).items() if times > 1]
    lacking = [each.label for each in kind.columns if each.needed and each not in known]
    if lacking:
        reading.problems.append(f"There is no column for: {', '.join(lacking)}.")
    return found


def parse_pasted_row(
    number: int, found: list[str], columns: list[PasteColumn | None], previous: dict[str, str]
) -> PastedRow:
    """One row, cell by cell."""
    row = PastedRow(number, {})
    extra = [cell for cell in found[len(columns) :] if cell]
    if extra:
        row.problems.append(f"It has more cells than there are columns: “{extra[0][:40]}” belongs to none.")
    if len([cell for cell in found if cell]) == 1 and sum(column.needed for column in columns if column) > 1:
        row.problems.append("It has one cell only. Copy whole rows, so that tabs stand between the cells.")
    for place, column in enumerate(columns):
        if column is None:
            continue
        cell = found[place] if place < len(found) else ""
        if not cell and column.repeats:
            cell = previous.get(column.name, "")
        row.cells[column.name] = cell
        if not cell:
            if column.needed:
                row.problems.append(f"{column.label} is empty.")
            continue
        try:
            row.values[column.name] = column.read(cell)
        except cells.CannotReadCell as refusal:
            row.problems.append(f"{column.label}: {refusal}")
    return row


def check_sources(reading: ParsedPaste) -> None:
    """The references that rows name, by key."""
    wanted = [item for row in reading.rows for item in row.values.get("sources", [])]
    named = {item["key"] for item in wanted} | {row.values.get("key", "") for row in reading.rows}
    known = {each.slug: each for each in Reference.objects.filter(slug__in=named).only("pk", "slug", "title")}
    missing = named - set(known) - {""}
    keys = list(Reference.objects.values_list("slug", flat=True)) if missing else []
    said = {key: unknown_key_message(key, keys) for key in missing}
    for row in reading.rows:
        items = [*row.values.get("sources", []), *([row.values] if "key" in row.values else [])]
        for item in items:
            if item["key"] in known:
                item["reference"] = known[item["key"]]
            else:
                row.problems.append(said.get(item["key"], "A source has no key."))


def unknown_key_message(key: str, keys: list[str]) -> str:
    hint = format_hint(nearest_name(key, keys, likeness=0.75), "Add the reference first.")
    return f"There is no reference with the key “{key[:60]}”.{hint}"


def check_row_fields(row: PastedRow, instance: models.Model, exclude: set[str]) -> None:
    """What the columns of the database can hold."""
    try:
        instance.clean_fields(exclude=exclude)
    except ValidationError as error:
        names = {each.name: each.verbose_name for each in instance._meta.fields}
        for name, reasons in error.message_dict.items():
            row.problems += [f"{names[name]}: {reason}".capitalize() for reason in reasons]


def own_values(row: PastedRow, *left_out: str) -> Columns:
    """The values that are columns of the row's own."""
    return {name: value for name, value in row.values.items() if name not in ("sources", *left_out)}


def mark_duplicate_rows(
    rows: Iterable[PastedRow], here: set[Mark], key: Callable[[PastedRow], Mark], said: str
) -> None:
    """Rows that the case has are marked; rows that stand there twice are faulty."""
    before: dict[Mark, int] = {}
    for row in rows:
        if row.problems:
            continue
        mark = key(row)
        row.here = mark in here
        if mark in before and not row.here:
            row.problems.append(f"{said} stands in row {before[mark]} already.")
        before.setdefault(mark, row.number)


def check_events(case: CaseStudy, reading: ParsedPaste) -> None:
    for row in reading.rows:
        if not row.problems:
            check_row_fields(row, Event(**own_values(row)), {"case"})
    here = {(date, title.casefold()) for date, title in case.events.values_list("date", "title")}
    mark_duplicate_rows(
        reading.rows, here, lambda row: (row.values["date"], row.values["title"].casefold()), "The same event"
    )


def check_interventions(case: CaseStudy, reading: ParsedPaste) -> None:
    for row in reading.rows:
        if not row.problems:
            check_row_fields(row, Intervention(**own_values(row)), {"case"})
    here = {(kind, title.casefold()) for kind, title in case.interventions.values_list("kind", "title")}
    mark_duplicate_rows(
        reading.rows, here, lambda row: (row.values["kind"], row.values["title"].casefold()), "The same intervention"
    )


def check_indicators(case: CaseStudy, reading: ParsedPaste) -> None:
    """Rows are figures; those of one indicator need not say its unit again."""
    known = {each.name.casefold(): each for each in case.indicators.all()}
    first: dict[str, PastedRow] = {}
    for row in reading.rows:
        if row.problems:
            continue
        name = row.values["indicator"].casefold()
        start = first.setdefault(name, row)
        there = known.get(name)
        for column in ("unit", "better"):
            said = row.values.get(column)
            meant = getattr(there, column) if there else start.values.get(column)
            if not meant and not said:
                row.problems.append(f"{reading.kind.get_column(column).label} is empty, and no row before says it.")
            elif meant and said and said != meant:
                row.problems.append(f"{column.capitalize()} is “{said}” here and “{meant}” before, for one indicator.")
        if not row.problems:
            check_row_fields(
                row,
                Indicator(name=row.values["indicator"], unit=row.values.get("unit", "-"), better="higher"),
                {"case"},
            )
            point = IndicatorValue(
                period=row.values["period"], value=row.values["value"], note=row.values.get("note", "")
            )
            check_row_fields(row, point, {"indicator"})
    here = {
        (name.casefold(), period)
        for name, period in IndicatorValue.objects.filter(indicator__case=case).values_list("indicator__name", "period")
    }
    mark_duplicate_rows(
        reading.rows, here, lambda row: (row.values["indicator"].casefold(), row.values["period"]), "That period"
    )


def check_findings(case: CaseStudy, reading: ParsedPaste) -> None:
    """Codes go on from the last one; themes are those of the vocabulary, by name or key."""
    themes = {name.casefold(): theme for theme in Theme.objects.all() for name in (theme.slug, theme.label)}
    codes = [*case.findings.values_list("code", flat=True), *(row.values.get("code", "") for row in reading.rows)]
    parts = [match for match in map(CASE_FINDING_CODE.match, codes) if match]
    prefix = parts[0][1] if parts else ""
    last = max((int(match[2]) for match in parts if match[1] == prefix), default=0)
    for row in reading.rows:
        if not row.values.get("code"):
            if not prefix:
                row.problems.append("Write a code such as E9-F1 for the first finding; the others then follow.")
                continue
            last += 1
            row.values["code"] = f"{prefix}-F{last}"
        chosen = []
        for name in re.split(r"[;,\n]", row.values.get("themes", "")):
            if not name.strip():
                continue
            if theme := themes.get(name.strip().casefold()):
                chosen.append(theme)
                continue
            near = nearest_name(name.strip(), themes)
            hint = format_hint(themes[near].label if near else "")
            row.problems.append(f"There is no theme “{name.strip()[:60]}”.{hint}")
        row.values["themes"] = list(dict.fromkeys(chosen))
        if not row.problems:
            check_row_fields(row, CaseFinding(**own_values(row, "themes"), slug="x"), {"case", "slug"})
    taken = dict(
        CaseFinding.objects.filter(code__in=[row.values.get("code", "") for row in reading.rows]).values_list(
            "code", "case"
        )
    )
    mark_duplicate_rows(
        reading.rows,
        {code for code, owner in taken.items() if owner == case.pk},
        lambda row: row.values["code"],
        "That code",
    )
    for row in reading.rows:
        if taken.get(row.values.get("code", ""), case.pk) != case.pk:
            row.problems.append(f"The code {row.values['code']} belongs to another case.")


def citable_statements(case: CaseStudy) -> dict[str, list[tuple[str, models.Model]]]:
    """Everything of a case that can cite, by what it may be called, each as target and row."""
    found: dict[str, list[tuple[str, models.Model]]] = {}

    def called(target: str, row: models.Model, *names: str) -> None:
        for name in {name.casefold() for name in names}:
            found.setdefault(name, []).append((target, row))

    for section in case.sections.all():
        called("section", section, section.name, section.get_name_display())
    for event in case.events.all():
        called("event", event, event.title, f"{event.date} {event.title}")
    for intervention in case.interventions.all():
        called("intervention", intervention, intervention.title)
    for indicator in case.indicators.all():
        called("indicator", indicator, indicator.name)
    for finding in case.findings.all():
        called("finding", finding, finding.code, finding.statement)
    return found


def check_citations(case: CaseStudy, reading: ParsedPaste) -> None:
    """Each goes to the one statement it names."""
    known = citable_statements(case)
    for row in reading.rows:
        name = row.values.get("statement", "")
        meant = known.get(name.casefold(), [])
        if name and not meant:
            hint = format_hint(nearest_name(name, known))
            row.problems.append(
                f"The case has no section, event, intervention, indicator or finding called “{name[:60]}”.{hint}"
            )
        elif len(meant) > 1:
            row.problems.append(f"{len(meant)} statements are called “{name[:60]}”: put the date before the title.")
        if len(row.values.get("locator", "")) > 200:
            row.problems.append("A page or paragraph has at most 200 characters.")
        if not row.problems:
            row.values["target"], row.values["row"] = meant[0]
    here = {
        (target, citation.reference_id, citation.locator, getattr(citation, f"{target}_id"))
        for target in ("section", "event", "intervention", "indicator", "finding")
        for each in [getattr(case, f"{target}s").prefetch_related("citations")]
        for part in each
        for citation in part.citations.all()
    }

    def mark(row: PastedRow) -> tuple[str, int, str, int]:
        values = row.values
        return values["target"], values["reference"].pk, values.get("locator", ""), values["row"].pk

    mark_duplicate_rows(reading.rows, here, mark, "The same citation")


CHECKS = {
    "events": check_events,
    "interventions": check_interventions,
    "indicators": check_indicators,
    "findings": check_findings,
    "citations": check_citations,
}
