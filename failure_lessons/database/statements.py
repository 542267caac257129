"""What a statement has to know travels with it, in the same message: `select set_config(…, true); update …`.

Nothing is left behind on a connection, so a pool may hand the connection to somebody else after each transaction
(PgBouncer in transaction mode), and nothing has to be taken back after a savepoint, a failure or a transaction. A
message of two statements is one transaction where none is open, so this holds in autocommit too. It costs no question
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import TypedDict

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import adapt

Parameters = Sequence[object] | Mapping[str, object] | None
Execute = Callable[[str, Parameters, bool, "StatementContext"], object]


class StatementContext(TypedDict):
    """What Django hands to a wrapper beside the statement."""

    connection: BaseDatabaseWrapper
    cursor: object


ACTOR = ("failure_lessons.by", "failure_lessons.reason")
NOBODY = ("", "")
actor: ContextVar[tuple[str, str]] = ContextVar("actor", default=NOBODY)  # the key of an account, and why

# Statements that may write rows. A `select` that calls a function which writes is none of them: we have no such function.
WRITES = re.compile(r"[\s(]*(?:insert|update|delete|merge|with|do|call)\b", re.IGNORECASE)


def format_settings(connection: BaseDatabaseWrapper, settings: Mapping[str, str]) -> str:
    """The statement that sets these until the end of the transaction."""
    calls = (f"set_config('{name}', {quote_text(connection, value)}, true)" for name, value in settings.items())
    return f"select {', '.join(calls)}; "


def quote_text(connection: BaseDatabaseWrapper, text: str) -> str:
    """A text as a literal of SQL, in the encoding of the connection."""
    literal = adapt(text)
    literal.prepare(connection.connection)
    return str(literal.getquoted().decode(literal.encoding))


def add_context(execute: Execute, sql: str, params: Parameters, many: bool, context: StatementContext) -> object:
    """Django's wrapper around each statement of a connection: say the context first."""
    settings = find_settings(sql)
    if settings:
        prefix = format_settings(context["connection"], settings)
        # without parameters the driver leaves percent signs alone
        sql = (prefix if params is None else prefix.replace("%", "%%")) + sql
    return execute(sql, params, many, context)


def find_settings(sql: str) -> dict[str, str]:
    """What this statement has to know. Nobody is told too: somebody may have acted earlier in the transaction."""
    if isinstance(sql, str) and WRITES.match(sql):
        return dict(zip(ACTOR, actor.get(), strict=True))
    return {}
