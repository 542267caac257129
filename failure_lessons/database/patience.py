"""How long readers wait for a database that is slow, locked or away: briefly, and after the first of them more briefly.

The database keeps its own limits (`database/statements.py`), but one that hangs, or a network that does, keeps none. So
a reader's statement is also watched from here: when it takes longer, its connection is cut, which ends the waiting. For
some seconds after a statement was cut or locked out, or a connection could not be made in time, everybody waits less,
and one request at a time tries the database anew. Readers get what is kept, or a 503, within three seconds.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from psycopg2.errors import LockNotAvailable

STATE_SECONDS = 0.8  # for the one-row question that every request begins with
SLACK_SECONDS = 0.5  # over the database's own limit, until a statement is cut from here
IMPATIENT_WORK = frozenset({"reader", "probe"})  # the kinds of work that are watched; people at work wait longer
DOUBTED_SECONDS = 5.0  # after the last sign of trouble
PROBE_SECONDS = 1.0  # between two who try, while others do not wait
LONGEST_CONNECT = 0.3  # seconds; whatever fails quicker keeps nobody waiting
HURRIED_LIMITS = ("500ms", "300ms")  # of a statement and a lock, while the database is doubted
LONG_AGO = float("-inf")  # on the steady clock
LOOK_SECONDS = 0.1  # between two looks at what is watched


class HeldConnection(Protocol):
    """A connection of the driver."""

    def fileno(self) -> int: ...


class Patience:
    """What one process knows of how its database does. For threads to share."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.watched: dict[int, tuple[float, HeldConnection]] = {}  # by thread: until when, on which connection
        self.watcher: tuple[int, threading.Thread] | None = None  # with the process that started it
        self.state_seconds = STATE_SECONDS
        self.troubled_at = self.stalled_at = LONG_AGO
        self.tried_at: dict[str, float] = {}  # by what is tried

    def forget_trouble(self) -> None:
        """Begin again, as a new process does."""
        self.troubled_at = self.stalled_at = LONG_AGO
        self.tried_at.clear()

    def is_doubted(self) -> bool:
        """Whether there was trouble a moment ago."""
        return time.monotonic() - self.troubled_at < DOUBTED_SECONDS

    def note_error(self, error: BaseException | None) -> None:
        """Doubt the database after what it said, if that is a lock that was not given in time."""
        if isinstance(error, LockNotAvailable):
            self.note_trouble()

    def note_trouble(self) -> None:
        """Doubt it: for some seconds everybody waits less."""
        self.troubled_at = time.monotonic()

    def note_stall(self) -> None:
        """Doubt it because it said nothing in time."""
        self.troubled_at = self.stalled_at = time.monotonic()

    def note_answer(self) -> None:
        """A connection was made: it can be reached."""
        self.stalled_at = LONG_AGO

    def may_connect(self) -> bool:
        """Whether to try for a connection: one a second, for as long as the last sign was that nothing answers."""
        return time.monotonic() - self.stalled_at >= DOUBTED_SECONDS or self.take_turn("connection")

    def take_turn(self, what: str) -> bool:
        """Whether it is ours to try this with a database that is doubted: somebody's, once a second."""
        with self.lock:
            now = time.monotonic()
            if now - max(self.tried_at.get(what, LONG_AGO), self.stalled_at) < PROBE_SECONDS:
                return False
            self.tried_at[what] = now
            return True

    @contextmanager
    def watch_statement(self, line: HeldConnection, seconds: float) -> Iterator[None]:
        """Within, what is asked on this connection may take so many seconds; then the connection is cut."""
        thread = threading.get_ident()
        self.start_watcher()
        until = time.monotonic() + seconds
        before = self.watched.get(thread)
        with self.lock:
            self.watched[thread] = (min(until, before[0]) if before else until, line)
        try:
            yield
        finally:
            with self.lock:
                self.watched.pop(thread, None)
                if before:
                    self.watched[thread] = before

    def start_watcher(self) -> None:
        """The thread that looks: one for each process, after a fork too."""
        if self.watcher is None or self.watcher[0] != os.getpid():
            thread = threading.Thread(target=self.cut_overdue_lines, name="database-patience", daemon=True)
            self.watcher = (os.getpid(), thread)
            thread.start()

    def cut_overdue_lines(self) -> None:
        """Look again and again for statements that have taken too long."""
        while True:
            time.sleep(LOOK_SECONDS)
            if self.watched:
                self.cut_lines_now()

    def cut_lines_now(self) -> None:
        """Cut the connections of all that is overdue. Under the lock: nobody closes what is being cut."""
        with self.lock:
            now = time.monotonic()
            for thread, (until, line) in list(self.watched.items()):
                if now > until:
                    del self.watched[thread]
                    self.note_stall()
                    cut_line(line)


def cut_line(line: HeldConnection) -> None:
    """End a connection under whoever waits at it: for them the server has hung up."""
    try:
        with socket.socket(fileno=os.dup(line.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
    except (OSError, ValueError):  # it has ended by itself
        return


patience = Patience()
