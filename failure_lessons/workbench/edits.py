"""The history of a record as a person reads it, and the verb that undoes one edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from failure_lessons.history.audit_context import acting_as
from failure_lessons.history.models import Change, ChangeQuerySet, version_of
from failure_lessons.publishing.diff import Operation, diff_words
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.review_lock import find_review_locks, owning_records
from failure_lessons.types import JSONObject

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

# where a record stands in its editorial flow: only the verbs of publishing write these
FLOW_COLUMNS = {"state", "submitted_by_id", "submitted_at", "submitted_sha256", "review_note", "edited_at"}
HIDDEN = {"id", "record_id", "position", "submitted_sha256", "earliest", "latest", "slug"}
NAME_COLUMNS = ("code", "title", "name", "label", "statement", "term", "period", "date", "query", "text")


class CannotRevert(Exception):
    """The edit cannot be undone; the message says why."""


@dataclass(frozen=True)
class ColumnChange:
    """One change of one column: as words that stayed, went or came, or as two values."""

    field: str
    before: str
    after: str
    words: tuple[tuple[Operation, str], ...] = ()


@dataclass(frozen=True)
class RowChange:
    """What happened to one row of an edit: the record itself or a part of it."""

    name: str
    operation: str
    steps: tuple[ColumnChange, ...]


@dataclass(frozen=True)
class Edit:
    """What one person did at one time."""

    transaction: int
    at: dt.datetime
    by: str
    reason: str
    parts: tuple[RowChange, ...]
    may_revert: bool


def model_of(table: str) -> type[models.Model] | None:
    """The model that lives in a table; None when there is none any more."""
    return next((model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table), None)


def group_edits(changes: Iterable[Change]) -> list[Edit]:
    """Changes, newest first, as edits. Expects `by` to be loaded along."""
    ordered = sorted(changes, key=lambda change: (-change.transaction, change.pk))
    return [
        edit_of(transaction, list(group)) for transaction, group in groupby(ordered, lambda change: change.transaction)
    ]


def edit_of(number: int, changes: Sequence[Change]) -> Edit:
    """The changes of one transaction as an edit."""
    last = changes[-1]
    return Edit(
        number,
        last.at,
        last.by.get_username() if last.by else "a script",
        next((change.reason for change in reversed(changes) if change.reason), ""),
        tuple(
            part
            for part in map(describe_row_change, changes)
            if part.steps or part.operation != Change.Operation.UPDATE
        ),
        not revert_obstacle(changes),
    )


def revert_obstacle(changes: Iterable[Change]) -> str:
    """Why these changes of one edit cannot be undone, whatever came later; empty when they can."""
    left = False
    for change in changes:
        model = model_of(change.table)
        if rule := getattr(model, "verbs_only", ""):
            return f"This edit holds {rule}."
        if model and issubclass(model, Publishable) and change.operation == Change.Operation.INSERT:
            return "This edit made the record: delete it, or withdraw it, instead."
        left |= bool(content_before(change)) or change.operation == Change.Operation.INSERT
    if not left:
        return "This edit moved the record from hand to hand: submit, return, publish or withdraw it instead."
    return ""


def content_before(change: Change) -> JSONObject:
    """What a row said before a change, without where the record stood in its editorial flow."""
    model = model_of(change.table)
    before: JSONObject = change.before or {}
    if change.operation != Change.Operation.UPDATE or model is None or not issubclass(model, Publishable):
        return before
    return {column: value for column, value in before.items() if column not in FLOW_COLUMNS}


def describe_row_change(change: Change) -> RowChange:
    """One row's change in words."""
    model = model_of(change.table)
    row: JSONObject = {**(change.before or {}), **(change.after or {})}
    kind = str(model._meta.verbose_name) if model else change.table
    name = next((str(row[each]) for each in NAME_COLUMNS if row.get(each)), "")
    before, after = change.before or {}, change.after or {}
    steps = tuple(
        step_of(column_label(model, column), before.get(column), after.get(column))
        for column in dict.fromkeys([*before, *after])
        if column not in HIDDEN and not column.endswith("_id") and (before.get(column) or after.get(column))
    )
    return RowChange(f"{kind.capitalize()} {name[:120]}".strip(), change.operation, steps)


def column_label(model: type[models.Model] | None, column: str) -> str:
    """What a column is called in forms."""
    if model:
        for field in model._meta.concrete_fields:
            if field.column == column:
                return str(field.verbose_name).capitalize()
    return column.replace("_", " ").capitalize()


def format_value(value: object) -> str:
    """A value as text."""
    if isinstance(value, list):
        return ", ".join(map(format_value, value))
    return "" if value is None else str(value)


def step_of(field: str, before: object, after: object) -> ColumnChange:
    """A column's change, word by word where it is prose on both sides."""
    old, new = format_value(before), format_value(after)
    prose = isinstance(before, str) and isinstance(after, str) and " " in old + new
    return ColumnChange(field, old, new, tuple(diff_words(old, new)) if prose else ())


@transaction.atomic
def revert_edit(
    *, record: Publishable, number: int, by: User, reason: str, visible: ChangeQuerySet | None = None
) -> None:
    """Undo what one edit did to a record and its parts. Raises `CannotRevert` when others have built on it since.

    `visible` are the changes that this person may see: nothing else is undone, or admitted to be there. Where the
    record stands in its editorial flow, and rows with rules of their own, are never undone.
    """
    if not reason.strip():
        raise CannotRevert("Say why this edit is undone.")
    held = type(record)._default_manager.select_for_update().get(pk=record.pk)
    if locks := find_review_locks(owning_records([held])):
        raise CannotRevert(locks[0])
    undone = list(Change.objects.of(record).filter(transaction=number).order_by("-pk"))
    if visible is not None:
        seen = set(visible.filter(transaction=number).values_list("pk", flat=True))
        if any(change.pk not in seen for change in undone):
            undone = []
    if not undone:
        raise CannotRevert("There is no such edit of this record.")
    if obstacle := revert_obstacle(undone):
        raise CannotRevert(obstacle)
    undone = [change for change in undone if content_before(change) or change.operation == Change.Operation.INSERT]
    later = Change.objects.filter(key__in=[change.key for change in undone], pk__gt=undone[0].pk)
    if later.exclude(transaction=number).exists():
        raise CannotRevert("Something this edit touched was changed again later: undo the later edit first.")
    try:
        with acting_as(by=by, reason=reason.strip()), connection.cursor() as cursor:
            for change in undone:
                cursor.execute(*inverse_statement(change))
            cursor.execute("set constraints all immediate")
    except IntegrityError as error:
        raise CannotRevert(f"The database refuses: {str(error).splitlines()[0]}.") from None
    record.refresh_from_db()


def inverse_statement(change: Change) -> tuple[str, list[str | int]]:
    """The statement that undoes a change. Names of tables and columns are ours: the trigger wrote them."""
    table = change.table
    model = model_of(table)
    if model is None:
        raise CannotRevert(f"The table {table} does not exist any more.")
    columns = {field.column: field for field in model._meta.concrete_fields}
    values = content_before(change)
    if change.operation == Change.Operation.INSERT:
        return f'delete from "{table}" where id = %s', [change.row]
    for column in values:
        if column not in columns:
            raise CannotRevert(f"The column {column} of {table} does not exist any more.")
    names = ", ".join(f'"{column}"' for column in values)
    source = f'(select {names} from jsonb_populate_record(null::"{table}", %s::jsonb))'
    text = models.JSONField().get_prep_value(values)
    encoded = connection.ops.adapt_json_value(text, None)
    if change.operation == Change.Operation.DELETE:
        return f'insert into "{table}" ({names}) {source}', [encoded]
    return f'update "{table}" set ({names}) = {source} where id = %s', [encoded, change.row]


__all__ = ["CannotRevert", "Edit", "group_edits", "revert_edit", "version_of"]
