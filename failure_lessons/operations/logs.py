"""Logs as lines of JSON that machines read, each with the id of the request it belongs to.

No line holds an address of a reader, a query, a header or a body: what people ask is theirs.
"""

from __future__ import annotations

import logging
import re
import uuid
from contextvars import ContextVar

from pythonjsonlogger.orjson import OrjsonFormatter

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
request_id: ContextVar[str] = ContextVar("request_id", default="")


def choose_request_id(sent: str) -> str:
    """The id that a proxy gave the request, if it looks like one, else a new one."""
    return sent if REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex


class RequestIdFilter(logging.Filter):
    """Puts the id of the request into every line that is written during it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class JsonLines(OrjsonFormatter):
    """One JSON object a line: time, level, logger, message, request_id; a traceback as `exc_info`."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s %(request_id)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
        )
