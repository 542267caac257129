"""Logs as lines of JSON that machines read, each with the id of the request it belongs to.

No line holds an address of a reader, a query, a header or a body: what people ask is theirs.
"""

from __future__ import annotations

import logging
import re
import uuid
from contextvars import ContextVar

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.orjson import OrjsonFormatter

from failure_lessons.database.limits import is_passing

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
LONGEST_FAULT = 200  # characters of what the database said
request_id: ContextVar[str] = ContextVar("request_id", default="")


def choose_request_id(sent: str) -> str:
    """The id that a proxy gave the request, if it looks like one, else a new one."""
    return sent if REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex


class RequestIdFilter(logging.Filter):
    """Puts the id of the request into every line that is written during it, and the number of whoever is signed in."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        person = getattr(getattr(record, "request", None), "_cached_user", None)  # where somebody asked for it already
        if number := getattr(person, "pk", None):
            record.__dict__["account"] = number
        return True


class OutageFilter(logging.Filter):
    """While the database is away or too busy, each request says so in one line: where it was raised tells nothing more.

    The fault stays, as `error`. Whatever is the program's own fault keeps its traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if is_passing(error):
            words = " ".join(str(error).split())[:LONGEST_FAULT]
            fault = f"{type(error).__name__}: {words}"
            record.__dict__["error"] = fault  # as `extra` would have put it there
            record.msg, record.args = f"{record.getMessage()} ({fault})", ()
            record.exc_info = record.exc_text = record.stack_info = None
        return True


class JsonLines(OrjsonFormatter):
    """One JSON object a line: time, level, logger, message, request_id; a traceback as `exc_info`."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s %(request_id)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            reserved_attrs=[*RESERVED_ATTRS, "request"],  # which Django writes out with its query
        )
