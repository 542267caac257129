"""Who acts, and why: told to the database, so that the history of the workbench can say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from django.http import HttpRequest, HttpResponse

from failure_lessons.database.statements import actor

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

P = ParamSpec("P")
R = TypeVar("R")
READING = {"GET", "HEAD", "OPTIONS", "TRACE"}


def read_actor() -> tuple[str, str]:
    """Who acts now, as the key of an account, and why."""
    return actor.get()


@contextmanager
def acting_as(*, by: User, reason: str = "") -> Iterator[None]:
    """Whatever is written within was done by this person, for this reason.

    Each statement that writes says so itself (`database.statements`): nothing is left on the connection.
    """
    before = actor.set((str(by.pk), reason or actor.get()[1]))
    try:
        yield
    finally:
        actor.reset(before)


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
        with acting_as(by=request.user, reason=request.POST.get("_reason", "").replace("\0", "").strip()[:2000]):
            return self.get_response(request)
