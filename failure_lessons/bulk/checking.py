"""The rules of a list checked before anything is written: for all rows at once, and without a question for each row."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence

from django.db import models
from django.db.models import F, Q

from failure_lessons.constraints import rule_sentence
from failure_lessons.types import JSONValue

COMPARING = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
VALUES_PER_QUERY = 500  # values that one query asks for


def condition_holds(condition: object, row: models.Model) -> bool | None:
    """Whether a row answers to a condition; None where SQL would say null, or where only the database can tell."""
    if isinstance(condition, tuple):
        return comparison_holds(row, *condition)
    if not isinstance(condition, Q):
        return None
    parts = [condition_holds(each, row) for each in condition.children]
    if condition.connector == Q.AND:
        result = False if False in parts else None if None in parts else True
    elif condition.connector == Q.OR:
        result = True if True in parts else None if None in parts else False
    else:
        result = None if None in parts else sum(map(bool, parts)) % 2 == 1
    return result if not condition.negated or result is None else not result


def comparison_holds(row: models.Model, path: str, wanted: JSONValue) -> bool | None:
    """One comparison of a condition."""
    name, _, lookup = path.partition("__")
    value = value_of(row, name)
    if lookup == "isnull":
        return bool((value is None) == wanted)
    wanted = value_of(row, str(wanted.deconstruct()[1][0])) if isinstance(wanted, F) else wanted
    if lookup in ("", "exact") and wanted is None:
        return value is None  # Django asks “is null” then
    if value is None or wanted is None:
        return None
    if lookup in ("", "exact"):
        return bool(value == wanted)
    if lookup == "in":
        return bool(value in wanted)
    if lookup == "contained_by":
        return set(value) <= set(wanted)
    if lookup in COMPARING:
        return bool(COMPARING[lookup](value, wanted))
    return None


def value_of(row: models.Model, name: str) -> JSONValue:
    """The value of a field; of a relation its number."""
    return getattr(row, row._meta.get_field(name).attname)  # type: ignore[union-attr]  # concrete fields only


def broken_rules(row: models.Model) -> Iterator[str]:
    """The rules of the database that a row would break, as sentences."""
    for constraint in row._meta.constraints:
        if isinstance(constraint, models.CheckConstraint) and condition_holds(constraint.condition, row) is False:
            yield str(constraint.violation_error_message or rule_sentence(constraint.name))


def iterate_unique_rules(model: type[models.Model]) -> Iterator[tuple[tuple[str, ...], Q | None, str]]:
    """What may stand once only: fields, under which condition, and the sentence that says so."""
    for field in model._meta.concrete_fields:
        if field.unique and not field.primary_key and field.name != "record_id":
            yield (field.name,), None, f"Another {model._meta.verbose_name} has this {field.verbose_name} already."
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            message = str(constraint.violation_error_message or rule_sentence(constraint.name))
            yield tuple(constraint.fields), constraint.condition, message


def find_duplicate_rows(rows: Sequence[models.Model]) -> Iterator[tuple[models.Model, str, str]]:
    """Rows that would stand beside another with the same values: the row, the first field, and what is wrong.

    `rows` are as they would be written. Queries: one for every `VALUES_PER_QUERY` values and rule.
    """
    if not rows:
        return
    model = type(rows[0])
    coming = {row.pk for row in rows if row.pk}
    for fields, condition, message in iterate_unique_rules(model):
        found: dict[tuple[object, ...], models.Model] = {}
        asked: dict[tuple[object, ...], list[models.Model]] = {}
        for row in rows:
            values = tuple(value_of(row, name) for name in fields)
            if None in values or (condition is not None and condition_holds(condition, row) is not True):
                continue
            if values in found:
                yield row, fields[0], f"{message} Another row of this sheet says the same."
                continue
            found[values] = row
            asked.setdefault(values, []).append(row)
        for values, pk in find_stored_rows(model, fields, condition, list(asked)):
            if pk not in coming:
                for row in asked.get(values, ()):
                    yield row, fields[0], f"{message} To change what is there, edit its own row in a downloaded list."


def find_stored_rows(
    model: type[models.Model], fields: tuple[str, ...], condition: Q | None, values: list[tuple[object, ...]]
) -> Iterable[tuple[tuple[object, ...], int]]:
    """Rows of the database with these values: their values and numbers."""
    names = [model._meta.get_field(name).attname for name in fields]  # type: ignore[union-attr]  # concrete fields only
    # the field with most different values asks the narrowest question
    narrow = max(range(len(fields)), key=lambda place: len({each[place] for each in values}), default=0)
    for start in range(0, len(values), VALUES_PER_QUERY):
        chunk = values[start : start + VALUES_PER_QUERY]
        rows = model._default_manager.order_by().filter(**{f"{names[narrow]}__in": {each[narrow] for each in chunk}})
        if condition is not None:
            rows = rows.filter(condition)
        for pk, *found in rows.values_list("pk", *names):
            yield tuple(found), pk
