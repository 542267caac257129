"""A layer outside everything, kept answers included: gives each request an id, counts it, and writes a line about it.

It stands there only where somebody watches (`LOG_REQUESTS=1`, or `METRICS_TOKEN` is set).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from failure_lessons.operations.log_lines import is_robot
from failure_lessons.operations.logs import choose_request_id, request_id
from failure_lessons.operations.metrics import AREAS, REQUEST_SECONDS, REQUESTS, SECRET_AREAS

WsgiError = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
log = logging.getLogger("failure_lessons.requests")


def area_of(path: str) -> str:
    """The part of the site that an address lies in: one of few, so that no reader can make up labels."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in AREAS else "pages"


class RequestRecorder:
    """The WSGI layer."""

    def __init__(self, application: WSGIApplication, *, lines: bool) -> None:
        self.application, self.lines = application, lines

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        chosen = choose_request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        token = request_id.set(chosen)
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "")
        robot = is_robot(environ.get("HTTP_USER_AGENT", "").encode("latin-1", "replace"))

        def answer(
            status: str, headers: list[tuple[str, str]], error: WsgiError | None = None, /
        ) -> Callable[[bytes], object]:
            self.record(method, path, status[:3], time.perf_counter() - started, robot=robot)
            told = [*headers, ("X-Request-ID", chosen)]
            return start_response(status, told, error) if error else start_response(status, told)

        try:
            return self.application(environ, answer)
        finally:
            request_id.reset(token)

    def record(self, method: str, path: str, status: str, seconds: float, *, robot: bool) -> None:
        """Count a request, and write its line: no query, no address of a reader."""
        area = area_of(path)
        REQUESTS.labels(area, method if method in ("GET", "HEAD", "POST") else "other", f"{status[0]}xx").inc()
        REQUEST_SECONDS.labels(area).observe(seconds)
        if self.lines:
            shown = f"/{area}/…" if area in SECRET_AREAS else path[:500]
            told = {"method": method, "path": shown, "status": int(status), "ms": round(seconds * 1000, 1)}
            told["robot"] = robot
            log.info("request", extra=told)
