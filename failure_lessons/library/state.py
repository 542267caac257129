"""The state of the library: what every kept answer belongs to, asked in one small question."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import NamedTuple

from django.db import connections

from failure_lessons.database.patience import patience
from failure_lessons.database.prepared import fetch_standing
from failure_lessons.library.newest_served import newest_served

ASKED_STATE = "failure_lessons.state"  # in the environment of a request: its `LibraryState`, where it was asked for
KEPT_AT = "failure_lessons.kept_at"  # there too: the revision at which this answer may be kept

# What pages show beside the library, outside its ledger: SQL of one value that changes whenever that does. Rooms above
# register themselves.
BESIDE_LEDGER: list[str] = []


class LibraryState(NamedTuple):
    """The number and time of the newest entry of the ledger, and what stands beside the ledger."""

    number: int = 0
    at: dt.datetime | None = None
    beside: str = ""


NEVER_PUBLISHED = LibraryState()


@cache
def write_question(beside: tuple[str, ...]) -> str:
    """The statement that asks for the newest entry of the ledger and for what stands beside it."""
    values = " || ' ' || ".join(f"coalesce(({sql})::text, '')" for sql in beside) or "''"
    return f"select number, at, {values} from publishing_ledgerentry order by number desc limit 1"


def read_library_state() -> LibraryState:
    """The state now, for which every request asks."""
    here = connections["default"]  # found once: the name `connection` is looked up anew at each use
    served = newest_served.read_number()
    found = fetch_standing(here, write_question(tuple(BESIDE_LEDGER)), patience.state_seconds)
    state = LibraryState._make(found) if found else NEVER_PUBLISHED
    if not here.in_atomic_block:  # within one stands what may yet be taken back, as in a preview
        newest_served.admit_number(state.number, served)
    return state
