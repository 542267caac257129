"""How long the database may take for a request: one table, by what is asked for."""

from __future__ import annotations

from collections.abc import Callable

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from psycopg2.errors import InvalidCursorName

from failure_lessons.database.statements import limited_to

# The first that fits decides; all else is a reader's. The limits of each kind stand in `settings.DATABASE_LIMITS`.
WORK_BY_PATH = (
    ("/readyz", "probe"),
    ("/admin/", "workbench"),
    ("/preview/", "workbench"),
    ("/api/v1/workbench/", "workbench"),
    ("/api/v1/webhooks/", "workbench"),
    ("/downloads/", "export"),
    ("/oai", "export"),
)
IDLE_TOO_LONG = "25P03"


def find_work(request: HttpRequest) -> str:
    """What kind of work a request asks for."""
    path = request.path_info
    for beginning, kind in WORK_BY_PATH:
        if path.startswith(beginning):
            return kind
    is_file = "/export." in path or ("format" in request.META.get("QUERY_STRING", "") and "format" in request.GET)
    return "export" if is_file else "reader"


class LimitsMiddleware:
    """The outermost: whatever a request asks the database, it asks under the limits of its kind."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with limited_to(find_work(request)):
            return self.get_response(request)


def is_passing(error: BaseException | None) -> bool:
    """Whether the fault is the database's and will pass: it is away, slow, locked, or has ended our transaction."""
    if isinstance(error, InvalidCursorName):  # Django closes the cursor that could not be declared: why, stands before
        error = error.__context__
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, Error) and code_of(error) == IDLE_TOO_LONG


def is_busy(error: BaseException | None) -> bool:
    """Whether the database answered, and said that it could not do this in time."""
    return code_of(error)[:2] in ("55", "57", "40", "25")


def code_of(error: BaseException | None) -> str:
    """The code that PostgreSQL gave, or an empty text."""
    return str(getattr(error.__cause__, "pgcode", "") or "") if error else ""
