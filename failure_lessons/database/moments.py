"""Reading in many statements what stands at one moment, whoever publishes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def reading_one_moment() -> Iterator[None]:
    """Within, all statements read what stood at the first; in a transaction that was begun before, as that does."""
    begun = connection.in_atomic_block
    with transaction.atomic():
        if not begun:
            fix_moment()
        yield


def fix_moment() -> None:
    """At the beginning of a transaction: all its statements will read what stood at the first, and none may write."""
    with connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
