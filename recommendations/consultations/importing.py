"""Participants from a table: everything is looked at first, and nothing is taken in while anything is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from failure_lessons.files.cells import FORMULA_START
from failure_lessons.files.decoding import decode_text_file
from recommendations.consultations.models import ConsultationRound, LogLine, Participant, ReportingGroup
from recommendations.consultations.services import (
    lock_round,
    make_answerers,
    refuse_round,
    tells_broken_rules,
    write_line,
)

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

COLUMNS = ("email", "name", "organisation", "role", "group")
MOST_PEOPLE = 5000


@dataclass
class PersonRow:
    """One row of a table of participants, and what is wrong with it."""

    number: int
    values: dict[str, str]
    group: ReportingGroup | None = None
    faults: list[str] = field(default_factory=list)


def read_people(consultation: ConsultationRound, data: bytes) -> list[PersonRow]:
    """The rows of a CSV file, each with its faults. Raises `CannotReadFile`; writes nothing."""
    text, _ = decode_text_file(data)
    lines = text.splitlines()
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    groups = find_groups(consultation)
    seen = {each.casefold() for each in consultation.participants.values_list("email", flat=True)}
    rows = []
    for number, cells in enumerate(reader, start=2):
        values = {
            name: " ".join(str(cells.get(key) or "").split())
            for name in COLUMNS
            for key in (reader.fieldnames or ())
            if key and key.strip().casefold() == name
        }
        row = PersonRow(number, {name: values.get(name, "") for name in COLUMNS})
        row.faults = list(find_row_faults(row, groups, seen))
        seen.add(row.values["email"].casefold())
        rows.append(row)
    return rows


def find_groups(consultation: ConsultationRound) -> Mapping[str, ReportingGroup]:
    """Reporting groups by everything that names one: code, name, and each role that maps onto it."""
    found: dict[str, ReportingGroup] = {}
    for group in consultation.groups.all():
        for name in (group.code, group.name, *group.roles):
            found[name.casefold()] = group
    return found


def find_row_faults(row: PersonRow, groups: Mapping[str, ReportingGroup], seen: set[str]) -> list[str]:
    """What is wrong with a row, in sentences; sets its group."""
    faults, values = [], row.values
    if not values["email"]:
        faults.append("It has no e-mail address.")
    else:
        try:
            validate_email(values["email"])
        except ValidationError:
            faults.append(f"“{values['email'][:80]}” is no e-mail address.")
    if values["email"].casefold() in seen:
        faults.append(f"“{values['email'][:80]}” stands here twice, or was taken in before.")
    faults += [f"The {name} begins like a formula." for name, cell in values.items() if FORMULA_START.match(cell)]
    faults += [f"The {name} is longer than 200 characters." for name, cell in values.items() if len(cell) > 200]
    row.group = groups.get(values["group"].casefold()) or groups.get(values["role"].casefold())
    if row.group is None:
        known = ", ".join(dict.fromkeys(group.code for group in groups.values()))
        faults.append(f"“{values['group'][:80]}” is no reporting group: use one of {known}.")
    return faults


@tells_broken_rules
def take_people_in(*, consultation: ConsultationRound, rows: Sequence[PersonRow], by: User) -> int:
    """Take all rows in, or none. Returns how many."""
    row = lock_round(consultation)
    refuse_round([f"Row {each.number}: {fault}" for each in rows for fault in each.faults])
    if row.stage not in (row.Stage.DRAFT, row.Stage.ANNOUNCED, row.Stage.OPEN):
        refuse_round(["The round is over."])
    if not 0 < len(rows) <= MOST_PEOPLE:
        refuse_round([f"The table has {len(rows)} rows; between 1 and {MOST_PEOPLE} can be taken in."])
    Participant.objects.bulk_create(
        Participant(
            round=row,
            group=each.group,
            **{name: each.values[name] for name in ("email", "name", "organisation", "role")},
        )
        for each in rows
    )
    if row.stage == row.Stage.OPEN and row.anonymity == row.Anonymity.PSEUDONYMOUS:
        make_answerers(row)
    write_line(row, LogLine.Act.IMPORTED, by, len(rows))
    return len(rows)
