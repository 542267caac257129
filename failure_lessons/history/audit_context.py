"""Who acts, and why: told to the database, so that the history of the workbench can say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from django.db import connection
from django.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

P = ParamSpec("P")
R = TypeVar("R")
READING = {"GET", "HEAD", "OPTIONS", "TRACE"}
NOBODY = ("", "")


def read_actor() -> tuple[str, str]:
    """Whom the database takes to be acting now, and why."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(current_setting('failure_lessons.by', true), ''), "
            "coalesce(current_setting('failure_lessons.reason', true), '')"
        )
        by, reason = cursor.fetchone()
    return by, reason


def set_actor(by: str, reason: str) -> None:
    """Set it for this connection. Within a transaction that fails, it falls back to what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('failure_lessons.by', %s, false), set_config('failure_lessons.reason', %s, false)",
            [by, reason],
        )


@contextmanager
def acting_as(*, by: User, reason: str = "") -> Iterator[None]:
    """Whatever is written within was done by this person, for this reason."""
    before = read_actor()
    set_actor(str(by.pk), reason or before[1])
    try:
        yield
    finally:
        # in a transaction that is broken nothing can be said, and nothing has to be: the failure undoes the telling
        if not connection.needs_rollback:
            set_actor(*before)


def records_actor(verb: Callable[P, R]) -> Callable[P, R]:
    """Decorate a verb that takes `by` and perhaps `note`: what it writes was done by them, for that reason."""

    @wraps(verb)
    def told_first(*args: P.args, **kwargs: P.kwargs) -> R:
        by = cast("User", kwargs["by"])
        with acting_as(by=by, reason=str(kwargs.get("note") or "")):
            return verb(*args, **kwargs)

    return told_first


class ActingMiddleware:
    """Whoever signed in and sends something is the one who acts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in READING or not request.user.is_authenticated:
            return self.get_response(request)
        with acting_as(by=request.user, reason=request.POST.get("_reason", "").strip()[:2000]):
            return self.get_response(request)
