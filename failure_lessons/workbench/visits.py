"""When somebody was in the workbench before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from failure_lessons.accounts.models import SignIn

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User


def find_last_visit(user: User) -> dt.datetime | None:
    """When this person signed in the time before this one; None where that is not known."""
    times = user.sign_ins.filter(outcome=SignIn.Outcome.SUCCEEDED).order_by("-at", "-pk").values_list("at", flat=True)
    return next(iter(times[1:2]), None)
