"""Statements that are asked again and again: planning them takes as long as answering them, so they are planned once.

PostgreSQL keeps a prepared statement for as long as its connection. A statement with its values is one of them, for the
plan is made for these values; only what is `AnyValue` may change, where it changes nothing about the plan. Not behind a
pool that changes connections between transactions, which Django is told by `DISABLE_SERVER_SIDE_CURSORS`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import AsIs

from failure_lessons.database.patience import patience
from failure_lessons.database.statements import needs_limits, seconds_watched, watch_readers

SqlValues = tuple[Any, ...]  # of a row or for a statement: the statement says of which types
MOST_KNOWN = 60  # statements of a connection; the one that was not asked for longest gives way
numbers = count(1)
known_statements: WeakKeyDictionary[object, OrderedDict[str, str]] = WeakKeyDictionary()  # by the driver's connection


@dataclass(frozen=True)
class AnyValue:
    """A value for which a statement is not planned anew, of a type of PostgreSQL such as `bigint[]`."""

    type: str
    value: object


@dataclass(frozen=True)
class OftenAsked:
    """A statement as it is asked the first time, as it is prepared, and what it is then given."""

    plain: str
    prepared: str
    types: str
    given: str


def write_statement(mogrify: Callable[[str, object], bytes], sql: str, values: Sequence[object]) -> OftenAsked:
    """A statement with its values in it, as the driver writes them; those that are `AnyValue` stay apart."""
    given = [each for each in values if isinstance(each, AnyValue)]
    places = count(1)
    prepared = mogrify(
        sql, [AsIs(f"${next(places)}") if isinstance(v, AnyValue) else v for v in values] or None
    ).decode()
    if not given:
        return OftenAsked(prepared, prepared, "", "")
    plain = mogrify(sql, [each.value if isinstance(each, AnyValue) else each for each in values]).decode()
    told = mogrify(", ".join(f"%s::{each.type}" for each in given), [each.value for each in given]).decode()
    return OftenAsked(plain, prepared, f" ({', '.join(each.type for each in given)})", f" ({told})")


def execute_often(cursor: CursorWrapper, sql: str, values: Sequence[object] = ()) -> None:
    """Ask what is asked often: from the second time on as a prepared statement. The cursor has the answer."""
    connection = cursor.db
    asked = write_statement(cursor.mogrify, sql, values)
    if connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        cursor.execute(asked.plain)
        return
    known = known_statements.setdefault(connection.connection, OrderedDict())
    name = known.pop(asked.prepared, None)
    before = drop_oldest(known)
    if name is None:
        cursor.execute(before + asked.plain)
    elif name:
        cursor.execute(f"{before}execute {name}{asked.given}")
    else:
        name = f"often_{next(numbers)}"
        prepare = f"prepare {name}{asked.types} as {asked.prepared}"
        cursor.execute(f"{before}{prepare}; execute {name}{asked.given}")
    known[asked.prepared] = name or ""  # asked once, it has no name yet


def fetch_often(connection: BaseDatabaseWrapper, sql: str, values: Sequence[object] = ()) -> list[SqlValues]:
    """All rows of what is asked often. Once it is prepared the driver alone is asked."""
    if known := statements_known(connection):
        with connection.connection.cursor() as cursor:
            asked = write_statement(cursor.mogrify, sql, values)
        if known.get(asked.prepared):
            return fetch_prepared(connection, known, asked, seconds_watched())
    with connection.cursor() as cursor:
        execute_often(cursor, sql, values)
        return cast("list[SqlValues]", cursor.fetchall())


def fetch_standing(connection: BaseDatabaseWrapper, sql: str, seconds: float) -> SqlValues | None:
    """The first row of a statement without values that every request asks, within so many seconds for a reader.

    Once it is prepared the driver alone is asked. None where there is no row. Raises Django's `Error`.
    """
    if (known := statements_known(connection)) and known.get(sql):
        return next(iter(fetch_prepared(connection, known, OftenAsked(sql, sql, "", ""), seconds)), None)
    with connection.cursor() as cursor, watch_readers(connection.connection, seconds):
        execute_often(cursor, sql)
        return cast("SqlValues | None", cursor.fetchone())


def statements_known(connection: BaseDatabaseWrapper) -> OrderedDict[str, str] | None:
    """The statements of a connection that the driver may be asked for by itself, if any.

    What is done around a statement otherwise, to log it and to tell the database who asks, takes as long as
    the answer.
    """
    line = connection.connection
    known = known_statements.get(line) if line is not None else None
    if not known or connection.queries_logged or connection.needs_rollback or needs_limits(connection):
        return None
    connection.close_if_health_check_failed()
    return known if connection.connection is line else None


def fetch_prepared(
    connection: BaseDatabaseWrapper, known: OrderedDict[str, str], asked: OftenAsked, seconds: float
) -> list[SqlValues]:
    """The rows of a statement that this connection knows."""
    known.move_to_end(asked.prepared)
    line = connection.connection
    try:
        with watch_readers(line, seconds), connection.wrap_database_errors, line.cursor() as cursor:
            cursor.execute(f"execute {known[asked.prepared]}{asked.given}")
            return cast("list[SqlValues]", cursor.fetchall())
    except Error as error:
        patience.note_error(error.__cause__)
        raise


def drop_oldest(known: OrderedDict[str, str]) -> str:
    """Forget what was not asked for longest where there are too many: what to say of that to the database."""
    dropped = [known.popitem(last=False)[1] for _ in range(len(known) + 1 - MOST_KNOWN)]
    return "".join(f"deallocate {name}; " for name in dropped if name)
