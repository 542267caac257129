"""Statements that are asked again and again: planning them takes as long as answering them, so they are planned once.

PostgreSQL keeps a prepared statement for as long as its connection. A statement with its values is one of them, for the
plan is made for these values. Not behind a pool that changes connections between transactions, which Django is told by
`DISABLE_SERVER_SIDE_CURSORS`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import count
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from failure_lessons.database.patience import patience
from failure_lessons.database.statements import needs_limits, seconds_watched, watch_readers

SqlValues = tuple[Any, ...]  # of a row or for a statement: the statement says of which types
MOST_KNOWN = 60  # statements of a connection; the one that was not asked for longest gives way
numbers = count(1)
known_statements: WeakKeyDictionary[object, OrderedDict[str, str]] = WeakKeyDictionary()  # by the driver's connection


def execute_often(cursor: CursorWrapper, sql: str, values: Sequence[object] = ()) -> None:
    """Ask what is asked often: from the second time on as a prepared statement. The cursor has the answer."""
    connection = cursor.db
    statement: str = cursor.mogrify(sql, values or None).decode()
    if connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        cursor.execute(statement)
        return
    known = known_statements.setdefault(connection.connection, OrderedDict())
    name = known.pop(statement, None)
    before = drop_oldest(known)
    if name is None:
        cursor.execute(before + statement)
    elif name:
        cursor.execute(f"{before}execute {name}")
    else:
        name = f"often_{next(numbers)}"
        cursor.execute(f"{before}prepare {name} as {statement}; execute {name}")
    known[statement] = name or ""  # asked once, it has no name yet


def fetch_often(connection: BaseDatabaseWrapper, sql: str, values: Sequence[object] = ()) -> list[SqlValues]:
    """All rows of what is asked often. Once it is prepared the driver alone is asked."""
    if known := statements_known(connection):
        with connection.connection.cursor() as cursor:
            statement = cursor.mogrify(sql, values or None).decode()
        if known.get(statement):
            return fetch_prepared(connection, known, statement, seconds_watched())
    with connection.cursor() as cursor:
        execute_often(cursor, sql, values)
        return cast("list[SqlValues]", cursor.fetchall())


def fetch_standing(connection: BaseDatabaseWrapper, sql: str, seconds: float) -> SqlValues | None:
    """The first row of a statement without values that every request asks, within so many seconds for a reader.

    Once it is prepared the driver alone is asked. None where there is no row. Raises Django's `Error`.
    """
    if (known := statements_known(connection)) and known.get(sql):
        return next(iter(fetch_prepared(connection, known, sql, seconds)), None)
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
    connection: BaseDatabaseWrapper, known: OrderedDict[str, str], statement: str, seconds: float
) -> list[SqlValues]:
    """The rows of a statement that this connection knows."""
    known.move_to_end(statement)
    line = connection.connection
    try:
        with watch_readers(line, seconds), connection.wrap_database_errors, line.cursor() as cursor:
            cursor.execute(f"execute {known[statement]}")
            return cast("list[SqlValues]", cursor.fetchall())
    except Error as error:
        patience.note_error(error.__cause__)
        raise


def drop_oldest(known: OrderedDict[str, str]) -> str:
    """Forget what was not asked for longest where there are too many: what to say of that to the database."""
    dropped = [known.popitem(last=False)[1] for _ in range(len(known) + 1 - MOST_KNOWN)]
    return "".join(f"deallocate {name}; " for name in dropped if name)
