"""What a spreadsheet would change: row by row and field by field, with what is wrong and what others changed meanwhile.

Nothing is written here. Everything is asked for `ROWS_PER_BATCH` rows at once: the queries of a batch are constant.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import QuerySet

from failure_lessons.bulk.cells import CannotUse, same_text
from failure_lessons.bulk.checking import broken_rules, find_duplicate_rows
from failure_lessons.bulk.columns import (
    FIXED,
    Loaded,
    SheetColumn,
    columns_of,
    find_named_pks,
    link_model,
    link_names,
    newest_versions,
)
from failure_lessons.bulk.lists import NAMING_FIELDS, every_name, owner_path, spreadsheet_lists
from failure_lessons.bulk.matching import Matched
from failure_lessons.bulk.writing import ROWS_PER_BATCH, TOO_LONG
from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.history.models import Change, row_key
from failure_lessons.publishing.models import Edition, Publishable, Record
from failure_lessons.publishing.review_lock import review_lock_sentence
from failure_lessons.types import JSONObject

KEYED = re.compile(r"([a-z]+):(\d{1,18})@(\d{1,18})")
TITLE_FIELDS = ("title", "name", "label", "term", "statement", "text", "query", "period")
SHEET = "sheet"  # the decision that the sheet wins


class RowStanding(StrEnum):
    """How a row stands."""

    FAULTY = "faulty"
    CONFLICT = "conflict"
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Rights:
    """What somebody may do with a list: the rows and columns they see, and whether they may add and change."""

    rows: QuerySet[models.Model]
    columns: tuple[SheetColumn, ...]
    may_add: bool = True
    may_change: bool = True


def full_rights(label: str) -> Rights:
    """All of a list, for those who need not ask. Raises LookupError naming the lists there are."""
    known = spreadsheet_lists()
    if label not in known:
        hint = format_hint(nearest_name(label, known), quotes="")
        raise LookupError(f"There is no list “{label}”.{hint} There are: {', '.join(sorted(known))}.")
    model = known[label].model
    return Rights(model._default_manager.all(), columns_of(model))


@dataclass(frozen=True)
class CellChange:
    """A field that would be changed. `by` says who changed it since the sheet was written out: a conflict."""

    column: str
    field: str
    old: str
    new: str
    by: str = ""


@dataclass
class PlannedRow:
    """A row of the sheet: how it stands, what it would change, and the row as it would be written."""

    number: int
    row: models.Model
    cells: list[CellChange] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)  # column and what to do
    sets: dict[str, frozenset[int]] = field(default_factory=dict)  # many-to-many fields as they would be
    written: set[str] = field(default_factory=set)  # the fields to write
    is_published: bool = False
    name: str = ""

    @property
    def standing(self) -> RowStanding:
        if self.faults:
            return RowStanding.FAULTY
        if any(cell.by for cell in self.cells):
            return RowStanding.CONFLICT
        if self.row.pk is None:
            return RowStanding.ADDED
        return RowStanding.CHANGED if self.cells else RowStanding.SAME

    def serialize_row(self) -> JSONObject:
        """As the preview keeps it."""
        return {
            "number": self.number,
            "pk": self.row.pk,
            "name": self.name,
            "standing": self.standing.value,
            "published": self.is_published,
            "faults": self.faults,
            "cells": [
                {"column": cell.column, "field": cell.field, "old": cell.old, "new": cell.new, "by": cell.by}
                for cell in self.cells
            ],
        }


def compare_sheet(matched: Matched, rights: Rights, decisions: dict[str, str] | None = None) -> list[PlannedRow]:
    """Each row of a sheet against the list. `decisions` says where the sheet wins a conflict."""
    planned: list[PlannedRow] = []
    seen: dict[int, int] = {}
    for start in range(0, len(matched.rows), ROWS_PER_BATCH):
        batch = Batch(matched, rights, matched.rows[start : start + ROWS_PER_BATCH], seen, decisions or {})
        planned += batch.plan_rows()
    sound = [each for each in planned if not each.faults and (each.cells or each.row.pk is None)]
    by_row = {id(each.row): each for each in sound}
    headers = {column.name: column.header for column in matched.columns.values()}
    for row, name, message in find_duplicate_rows([each.row for each in sound]):
        by_row[id(row)].faults.append((headers.get(name, name), message))
    return planned


class Batch:
    """Some rows of a sheet with everything that they are compared with."""

    def __init__(
        self,
        matched: Matched,
        rights: Rights,
        rows: Sequence[tuple[int, list[str]]],
        seen: dict[int, int],
        decisions: dict[str, str],
    ) -> None:
        self.model = rights.rows.model
        self.matched, self.rights, self.rows, self.seen, self.decisions = matched, rights, rows, seen, decisions
        self.columns = matched.columns
        self.keys = {number: self.key_of_row(cells) for number, cells in rows}
        pks = [pk for pk, _ in self.keys.values() if pk]
        self.known = rights.rows.in_bulk(pks)
        self.loaded = Loaded(list(self.known.values()), tuple(self.columns.values()))
        self.newest = newest_versions(self.model, list(self.known))
        self.history = History(self.loaded, self.find_stale_rows())
        self.found = find_named_pks(
            self.columns.values(),
            {column.name: {cells[place] for _, cells in rows} for place, column in self.columns.items()},
        )

    def key_of_row(self, cells: list[str]) -> tuple[int, int]:
        """Number and version of a row; 0 for a new one, -1 for a key that nobody wrote out."""
        text = cells[self.matched.key].strip() if self.matched.key is not None else ""
        if not text:
            return 0, 0
        key = KEYED.fullmatch(text)
        return (int(key[2]), int(key[3])) if key and key[1] == self.model._meta.model_name else (-1, 0)

    def find_stale_rows(self) -> dict[int, int]:
        """Rows that were changed since they were written out, with the version that was."""
        return {pk: version for pk, version in self.keys.values() if pk in self.known and self.newest[pk] > version}

    def plan_rows(self) -> list[PlannedRow]:
        """Each row of the batch."""
        planned = [self.plan_row(number, cells) for number, cells in self.rows]
        changed = [each for each in planned if each.cells or each.row.pk is None]
        self.check_records(changed)
        for each in changed:
            if not each.faults:
                validate_row(each)
            each.name = each.name or describe_row(each.row)
        return planned

    def plan_row(self, number: int, cells: list[str]) -> PlannedRow:
        """One row, so far as its own cells say."""
        pk, version = self.keys[number]
        kind = self.model._meta.verbose_name
        faults = [("", fault) for fault in self.matched.faults.get(number, ())]
        each = PlannedRow(number, self.known.get(pk) or self.model(), faults=faults)
        each.name = describe_row(each.row)  # as it is called before the sheet renames it
        if pk == 0:
            if not self.rights.may_add:
                faults.append(("", f"You may not add a {kind}: remove this row."))
        elif pk == -1 or (pk in self.known and version > self.newest[pk]):
            faults.append(
                (
                    self.matched.key_header,
                    "This was not written by the workbench: copy it anew from a fresh "
                    "download, or leave it empty to add a new row.",
                )
            )
        elif pk not in self.known:
            faults.append(
                (
                    self.matched.key_header,
                    f"This {kind} is not here any more, or not for you to see. Remove "
                    "the row, or empty this cell to add it anew.",
                )
            )
        elif pk in self.seen:
            faults.append(
                (
                    self.matched.key_header,
                    f"Row {self.seen[pk]} is the same {kind}: keep one. For a new one, leave this cell empty.",
                )
            )
        else:
            self.seen[pk] = number
        if not faults:
            for place, column in self.columns.items():
                self.plan_cell(each, column, cells[place])
        if each.cells and each.row.pk and not self.rights.may_change:
            faults.append(("", f"You may not change a {kind}: remove this row."))
        return each

    def plan_cell(self, each: PlannedRow, column: SheetColumn, text: str) -> None:
        """One cell: the same, a change, a conflict, or at fault."""
        pk = each.row.pk
        was = self.loaded.text(each.row, column) if pk else ""
        if text == TOO_LONG or same_text(text) == same_text(was) or (not pk and not text.strip()):
            return
        pks = self.found.get(column.target, {}) if column.target else {}
        try:
            value = column.value(text.strip(), pks)
        except CannotUse as fault:
            each.faults.append((column.header, f"{fault}{self.suggest_name(column, text, pks)}"))
            return
        if pk and value == self.loaded.raw(each.row, column):
            return
        by = ""
        if pk and (change := self.history.change_since(pk, column)):
            if value == change.was:
                return  # the sheet still says what it was written out with: theirs stays
            by = change.by
        each.cells.append(CellChange(column.header, column.name, was, text.strip(), by))
        if by and self.decisions.get(f"{each.number}.{column.name}") != SHEET:
            return  # theirs stays, until somebody decides otherwise
        each.written.add(column.name)
        if isinstance(value, frozenset):  # of a field that holds several records
            each.sets[column.name] = value
        else:
            setattr(each.row, column.field.attname, value)

    def suggest_name(self, column: SheetColumn, text: str, pks: dict[str, int]) -> str:
        """The name that somebody may have meant."""
        if column.target is None:
            return ""
        unknown = next((name for name in sorted(column.split_names(text)) if name not in pks), "")
        names = self.matched.names.setdefault(column.target, every_name(column.target, 50_000))
        return format_hint(nearest_name(unknown, names), "Add it to the workbench first.")

    def check_records(self, changed: Sequence[PlannedRow]) -> None:
        """Refuse what is in review; mark what is published; keep addresses of what ever was. Three queries."""
        records = self.find_owning_records(changed)
        own = {each.row.record_id for each in changed if isinstance(each.row, Record) and each.row.pk}
        ids = {record for found in records.values() for _, record, _ in found} | own
        current, ever = set(), set()
        editions = Edition.objects.order_by().filter(record_id__in=ids)
        for record, superseded, withdrawn in editions.values_list("record_id", "superseded_at", "withdrawn_at"):
            ever.add(record)
            if superseded is None and withdrawn is None:
                current.add(record)
        find_agreed = getattr(self.model._default_manager.all(), "agreed", None)  # what only its own pages change
        agreed = set(find_agreed().filter(pk__in=self.known).values_list("pk", flat=True)) if find_agreed else ()
        for each in changed:
            if each.row.pk in agreed:
                each.faults.append(("", f"This is {self.model.verbs_only}. Remove this row."))  # type: ignore[attr-defined]
            for state, record, name in records.get(each.number, ()):
                each.is_published |= record in current
                if state == Publishable.State.IN_REVIEW:
                    each.faults.append(("", f"{review_lock_sentence(name)} Or remove this row."))
            if isinstance(each.row, Record) and each.row.record_id in ever:
                each.faults += [
                    (cell.column, f"This was published as “{cell.old}” and is cited by that: it stays.")
                    for cell in each.cells
                    if cell.field in FIXED
                ]

    def find_owning_records(self, changed: Sequence[PlannedRow]) -> dict[int, set[tuple[str, uuid.UUID, str]]]:
        """The records that rows are part of, before and after: state, record id and title."""
        path = owner_path(self.model)
        if path is None:
            return {}
        if path == "":
            return {
                each.number: {(each.row.state, each.row.record_id, describe_row(each.row))}  # type: ignore[attr-defined]
                for each in changed
                if each.row.pk
            }
        step, _, rest = path.partition("__")
        link = next(
            each
            for each in self.model._meta.concrete_fields
            if isinstance(each, models.ForeignKey) and each.name == step
        )
        ends = {
            each.number: {pk for pk in (getattr(each.row, link.attname), self.moved_from(each, step)) if pk}
            for each in changed
        }
        ahead = f"{rest}__" if rest else ""
        columns = [f"{ahead}{name}" for name in ("state", "record_id", "title")]
        found = {
            pk: (state, record, title)
            for pk, state, record, title in link.related_model._default_manager.filter(
                pk__in=set().union(*ends.values())
            )
            .order_by()
            .values_list("pk", *columns)
        }
        return {number: {found[pk] for pk in pks if pk in found} for number, pks in ends.items()}

    def moved_from(self, each: PlannedRow, step: str) -> int | None:
        """What a row was part of before."""
        was = next((cell.old for cell in each.cells if cell.field == step), "")
        column = next((column for column in self.columns.values() if column.name == step), None)
        names = self.loaded.names.get(column.target, {}) if column and column.target else {}
        return next((pk for pk, name in names.items() if name == was), None)


@dataclass(frozen=True)
class ChangeSince:
    """What somebody else did to a field since the sheet was written out."""

    was: object
    by: str


class History:
    """What happened to rows since their versions: one query, and one a many-to-many field; none if nothing did."""

    def __init__(self, loaded: Loaded, stale: dict[int, int]) -> None:
        self.found: dict[tuple[int, str], ChangeSince] = {}
        if not stale:
            return
        model = type(loaded.rows[0])
        self.keys = {row_key(model._meta.db_table, pk): pk for pk in stale}
        changes = Change.objects.filter(pk__gt=min(stale.values())).select_related("by").order_by("pk")
        columns = {column.field.column: column for column in loaded.columns if not column.several}
        for change in changes.filter(key__in=list(self.keys), operation=Change.Operation.UPDATE):
            pk = self.keys[change.key]
            for name in (change.before or {}).keys() & columns.keys() if change.pk > stale[pk] else ():
                column = columns[name]
                first = self.found.get((pk, column.name))
                was = first.was if first else column.from_history((change.before or {})[name])
                self.found[pk, column.name] = ChangeSince(was, describe_changer(change))
        for column in loaded.columns:
            if column.several:
                self.reconstruct_links(column, loaded, changes, stale)

    def reconstruct_links(
        self, column: SheetColumn, loaded: Loaded, changes: QuerySet[Change], stale: dict[int, int]
    ) -> None:
        """What a many-to-many field held: what it holds, without what came, with what went."""
        through = link_model(column.field)._meta
        source, target = (f"{name}_id" for name in link_names(column.field))
        rows = changes.filter(owners__overlap=list(self.keys), key__startswith=f"{through.db_table}:").order_by("-pk")
        for change in rows:
            values = change.after or change.before or {}
            pk = int(values.get(source, 0))
            if pk not in stale or change.pk <= stale[pk]:
                continue
            last = self.found.get((pk, column.name))
            held = (
                last.was if last and isinstance(last.was, frozenset) else loaded.sets[column.name].get(pk, frozenset())
            )
            other = frozenset([int(values[target])])
            held = held - other if change.operation == Change.Operation.INSERT else held | other
            self.found[pk, column.name] = ChangeSince(held, last.by if last else describe_changer(change))

    def change_since(self, pk: int, column: SheetColumn) -> ChangeSince | None:
        """What was done to a field."""
        return self.found.get((pk, column.name))


def describe_changer(change: Change) -> str:
    """Who made a change and when."""
    at: dt.datetime = change.at
    return f"{change.by.get_username() if change.by else 'a script'}, {at:%-d %B %Y %H:%M}"


def validate_row(each: PlannedRow) -> None:
    """Check a changed row by the rules of its model, and work out what follows from its fields."""
    row = each.row
    editable = {item.name for item in row._meta.concrete_fields if item.editable and not item.is_relation}
    checked = editable if row.pk is None else editable & each.written
    others = {item.name for item in row._meta.concrete_fields} - checked
    derived = [item for item in row._meta.concrete_fields if not item.editable and not item.primary_key]
    before = {item.attname: getattr(row, item.attname) for item in derived}
    headers = {cell.field: cell.column for cell in each.cells}
    try:
        row.clean_fields(exclude=others)
        row.clean()
    except ValidationError as error:
        messages = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for name, texts in messages.items():
            each.faults += [(headers.get(name) or field_label(row, name), text) for text in texts]
    for item in row._meta.concrete_fields:
        asked = item.is_relation and item.editable and not item.blank and (row.pk is None or item.name in each.written)
        if asked and getattr(row, item.attname) is None:
            each.faults.append((field_label(row, item.name), "This cannot be empty."))
    if each.faults:
        return
    for item in derived:
        if row.pk is not None:
            item.pre_save(row, False)
    each.written |= {item.name for item in derived if getattr(row, item.attname) != before[item.attname]}
    each.faults += [("", rule) for rule in broken_rules(row)]


def field_label(row: models.Model, name: str) -> str:
    """What a field is called, or nothing where no field is meant."""
    if name == NON_FIELD_ERRORS:
        return ""
    called = str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # concrete fields only
    return called[:1].upper() + called[1:]


def describe_row(row: models.Model) -> str:
    """A row in a few words, without a question to the database."""
    names = {item.name for item in row._meta.concrete_fields}
    key = next((str(getattr(row, name)) for name in NAMING_FIELDS if name in names and getattr(row, name)), "")
    title = next((str(getattr(row, name)) for name in TITLE_FIELDS if name in names and getattr(row, name)), "")
    return " ".join(dict.fromkeys(filter(None, [key, title])))[:160]


def count_standings(planned: Iterable[PlannedRow]) -> dict[str, int]:
    """How many rows stand in each way."""
    counts = {standing.value: 0 for standing in RowStanding}
    for each in planned:
        counts[each.standing] += 1
    return counts


def skip_same_rows(planned: Iterable[PlannedRow]) -> Iterator[PlannedRow]:
    """Rows about which there is something to say."""
    return (each for each in planned if each.standing != RowStanding.SAME)
