"""A machine never goes back to an older revision of the library than it has served.

A database that lies behind is a standby that was promoted before it had everything, or a primary that came back after
another took over. What it says was true once; reading it would un-publish and un-withdraw. It is treated like one that
cannot be reached: kept answers first, then 503, until a database answers that has come as far.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import struct
from pathlib import Path

from django.conf import settings
from django.db import OperationalError

log = logging.getLogger(__name__)
NUMBER = struct.Struct("@Q")  # in the machine's own order: copied in one piece


class LibraryLiesBehind(OperationalError):
    """The database knows fewer revisions than were read from it before."""


class NewestServed:
    """The number of the newest revision served: of all processes that share the file, or of this one without a file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.memory: mmap.mmap | bytearray = self.open_memory(path) if path else bytearray(NUMBER.size)

    def open_memory(self, path: str) -> mmap.mmap | bytearray:
        """The file as memory that processes share; what is not theirs to write is this process's alone."""
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            try:
                if os.fstat(handle).st_size < NUMBER.size:
                    os.ftruncate(handle, NUMBER.size)
                return mmap.mmap(handle, NUMBER.size)
            finally:
                os.close(handle)
        except OSError as error:
            log.warning(
                "Each process alone remembers which revision it served: %s cannot be written (%s).", path, error
            )
            return bytearray(NUMBER.size)

    def read_number(self) -> int:
        """The number now; 0 before the first."""
        number: int = NUMBER.unpack_from(self.memory)[0]
        return number

    def admit_number(self, number: int, before: int) -> None:
        """Remember that this revision is served; refuse one that is older than what was served before it was asked for.

        `before` is `read_number()` before the question: a neighbour may have asked later and come back earlier.
        """
        if number < before:
            log.error("The database has revision %d of the library, and %d has been served: not read.", number, before)
            raise LibraryLiesBehind(f"The database has revision {number}; revision {before} has been served.")
        if number > self.read_number():
            self.raise_number(number)

    def raise_number(self, number: int) -> None:
        """Write a larger number, one process at a time, so that a slower one takes nothing back."""
        if isinstance(self.memory, bytearray):
            NUMBER.pack_into(self.memory, 0, max(number, self.read_number()))
            return
        with open(self.path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            NUMBER.pack_into(self.memory, 0, max(number, self.read_number()))

    def forget_number(self) -> None:
        """Begin again: another library is served from now on."""
        NUMBER.pack_into(self.memory, 0, 0)


newest_served = NewestServed(settings.REVISION_FILE)
