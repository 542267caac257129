"""How long a process may hold the state of the library that it read, and who waits for that.

A process that answers from memory need not ask for the state again within a moment of asking: it holds a lease. In
return, whoever changes the library is told that it is done only when every lease from before has run out. So nobody who
knows of a withdrawal, by being told or by asking whoever was, is ever given what was withdrawn. (Gray and Cheriton,
"Leases: an efficient fault-tolerant mechanism for distributed file cache consistency", 1989.)
"""

from __future__ import annotations

from time import monotonic, sleep

from django.conf import settings
from django.db import transaction

SLACK = 1.2  # times the lease: no two clocks run equally fast


def is_leased(asked_at: float) -> bool:
    """Whether what was asked of the database then, by `time.monotonic()`, may still be held."""
    return monotonic() - asked_at < settings.STATE_LEASE_SECONDS


def outwait_leases() -> None:
    """Within a transaction: whoever commits it goes on only when every lease from before has run out."""
    connection = transaction.get_connection()
    if settings.STATE_LEASE_SECONDS and not any(wait_for_leases in each for each in connection.run_on_commit):
        transaction.on_commit(wait_for_leases)


def wait_for_leases() -> None:
    """Wait for as long as a lease lasts."""
    sleep(SLACK * settings.STATE_LEASE_SECONDS)
