"""What a statement has to know travels with it, in the same message: `select set_config(…, true); update …`.

Nothing is left behind on a connection, so a pool may hand the connection to somebody else after each transaction
(PgBouncer in transaction mode), and nothing has to be taken back after a savepoint, a failure or a transaction. A
message of two statements is one transaction where none is open, so this holds in autocommit too. It costs no question
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import cast

from django.conf import settings
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import TRANSACTION_STATUS_INERROR, adapt

from failure_lessons.database.patience import HURRIED_LIMITS, IMPATIENT_WORK, SLACK_SECONDS, HeldConnection, patience

Parameters = Sequence[object] | Mapping[str, object] | None
StatementContext = dict[str, object]  # what Django hands to a wrapper beside the statement: connection, cursor
Execute = Callable[[str, Parameters, bool, StatementContext], object]

ACTOR = ("failure_lessons.by", "failure_lessons.reason")
NOBODY = ("", "")
actor: ContextVar[tuple[str, str]] = ContextVar("actor", default=NOBODY)  # the key of an account, and why

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
work: ContextVar[str] = ContextVar("work", default=settings.DATABASE_WORK)

NO_LIMIT = 1e9  # seconds

# Statements that may take long. All others run under whatever the connection says: some refuse company in a message.
LIMITED = re.compile(
    r"[\s(]*(?:select|insert|update|delete|merge|with|execute|prepare|deallocate|values|lock|do|call)\b", re.IGNORECASE
)
# Statements that may write rows. No `select` of ours calls a function that writes what the history keeps.
WRITES = re.compile(r"[\s(]*(?:insert|update|delete|merge|with|do|call)\b", re.IGNORECASE)


def format_settings(connection: BaseDatabaseWrapper, told: Mapping[str, str]) -> str:
    """The statement that sets these until the end of the transaction."""
    calls = (f"set_config('{name}', {quote_text(connection, value)}, true)" for name, value in told.items())
    return f"select {', '.join(calls)}; "


def quote_text(connection: BaseDatabaseWrapper, text: str) -> str:
    """A text as a literal of SQL, in the encoding of the connection."""
    literal = adapt(text)
    literal.prepare(connection.connection)
    return str(literal.getquoted().decode(literal.encoding))


def add_context(execute: Execute, sql: str, params: Parameters, many: bool, context: StatementContext) -> object:
    """Django's wrapper around each statement of a connection: say the context first."""
    connection = cast("BaseDatabaseWrapper", context["connection"])
    told = find_settings(connection, sql) if isinstance(sql, str) else {}
    if told and getattr(context["cursor"], "name", None):
        # the one cursor that takes a single statement: it declares itself in the database, and no pool is there
        return execute_limited(connection, told, lambda: execute(sql, params, many, context))
    if told:
        prefix = format_settings(connection, told)
        # without parameters the driver leaves percent signs alone
        sql = (prefix if params is None else prefix.replace("%", "%%")) + sql
    try:
        with watch_readers(connection.connection, seconds_watched()):
            return execute(sql, params, many, context)
    except Error as error:
        patience.note_error(error.__cause__)
        raise


def find_settings(connection: BaseDatabaseWrapper, sql: str) -> dict[str, str]:
    """What this statement has to know. Nobody is told too: somebody may have acted earlier in the transaction."""
    found: dict[str, str] = {}
    if WRITES.match(sql):
        found = dict(zip(ACTOR, actor.get(), strict=True))
    if needs_limits(connection) and LIMITED.match(sql):
        found |= limits_in_force()
    return found


def needs_limits(connection: BaseDatabaseWrapper) -> bool:
    """Whether the connection does not know the limits: behind a pool, or where they are not those of the process."""
    pooled = bool(connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"])
    return pooled or work.get() != settings.DATABASE_WORK or is_hurried()


def limits_in_force() -> dict[str, str]:
    """The time limits of the work that is being done, as settings of PostgreSQL."""
    statement, lock, idle = settings.DATABASE_LIMITS[work.get()]
    if is_hurried():
        statement, lock = HURRIED_LIMITS
    return dict(zip(LIMITS, (statement, lock, idle), strict=True))


def is_impatient() -> bool:
    """Whether somebody waits for an answer now who is to get another one soon."""
    return work.get() in IMPATIENT_WORK


def watch_readers(line: HeldConnection, seconds: float) -> AbstractContextManager[None]:
    """Within, a reader's statement on this connection may take so many seconds. People at work are left alone."""
    return patience.watch_statement(line, seconds) if is_impatient() else nullcontext()


def is_hurried() -> bool:
    """Whether they are to wait even less, because others have waited in vain."""
    return is_impatient() and patience.is_doubted()


def seconds_watched() -> float:
    """After how many seconds a statement is cut that the database should have ended by itself."""
    limit = limits_in_force()[LIMITS[0]]
    seconds = float(limit.removesuffix("ms")) / 1000 if limit.endswith("ms") else float(limit.removesuffix("s"))
    return seconds + SLACK_SECONDS if seconds else NO_LIMIT


@contextmanager
def limited_to(kind: str) -> Iterator[None]:
    """Within, the database is asked under the limits of this kind of work: a key of `settings.DATABASE_LIMITS`."""
    before = work.set(kind)
    try:
        yield
    finally:
        work.reset(before)


def execute_limited(
    connection: BaseDatabaseWrapper, limits: Mapping[str, str], execute: Callable[[], object]
) -> object:
    """Run what makes a cursor in the database under these limits; afterwards the connection has its own again."""
    with connection.connection.cursor() as cursor:
        for name, value in limits.items():
            cursor.execute("select set_config(%s, %s, false)", [name, value])
        try:
            return execute()
        finally:
            if connection.connection.get_transaction_status() != TRANSACTION_STATUS_INERROR:  # a failure takes it back
                for name in limits:
                    cursor.execute(f"reset {name}")
