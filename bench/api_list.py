"""`make bench`: the API's list page against the bare equivalent (`bench.bare`), as a ratio in one run.

Both are served by the same server, gunicorn with one worker, over a socket on this machine, from the synthetic database.
The two are asked in turn, round by round, so that a change in the machine's speed cancels out. The figures within one
process, without server and socket, are printed too: there every microsecond of the framework shows.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings

from bench import bare
from bench.synthetic import NAME, connect

os.environ["QUOTA_ANONYMOUS"] = "900000000/60"  # counted as in production, but never used up
ROUNDS, CALLS, CLIENTS = 9, 400, 2
ADDRESS = "/api/v1/recommendations/"


@contextmanager
def served(application: str, database_url: str) -> Iterator[int]:
    """One gunicorn worker on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        application,
        f"--bind=127.0.0.1:{port}",
        "--workers=1",
        "--log-level=error",
    ]
    environment = {
        **os.environ, "DATABASE_URL": database_url, "DEBUG": "0", "SECRET_KEY": "bench", "ANSWERS_KEPT": os.environ.get("ANSWERS_KEPT", "1"), "ALLOWED_HOSTS": "127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "failure_lessons.settings", "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    server = subprocess.Popen(command, env=environment)
    try:
        for _ in range(100):
            try:
                fetch(port)
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=10)


def fetch(port: int) -> None:
    """One request on a connection of its own. A benchmark of errors would be fast."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", ADDRESS)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"status {answer.status}")


def served_rate(port: int) -> float:
    """Requests a second over the socket."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: fetch(port), range(CALLS)))
    return CALLS / (time.perf_counter() - started)


def called_rate(application: Callable[..., Any]) -> float:
    """Calls a second within this process."""

    def started_with(status: str, headers: Any, exc: Any = None) -> None:
        if not status.startswith("200"):
            raise RuntimeError(status)

    started = time.perf_counter()
    for _ in range(CALLS):
        environ: dict[str, Any] = {"PATH_INFO": ADDRESS, "HTTP_HOST": "localhost"}
        setup_testing_defaults(environ)
        answer = application(environ, started_with)
        b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
    return CALLS / (time.perf_counter() - started)


def report(name: str, pairs: list[tuple[float, float]]) -> float:
    """Print medians and the ratio, and return it."""
    ratios = [ours / plain for ours, plain in pairs]
    ours, plain = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(ratios)
    print(
        f"{name}: {ours:.0f} against {plain:.0f} a second, ratio {ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )
    return ratio


def main() -> None:
    """Measure in turn."""
    connect()
    url = os.environ.get("DATABASE_URL") or settings_url()
    from failure_lessons.publishing.models import Edition
    from failure_lessons.wsgi import application as ours

    settings.DEBUG = False
    count = Edition.objects.filter(kind="recommendation").count()
    if count < 20_000:
        raise SystemExit(f"Only {count} recommendations there: run `make synthetic` first.")
    print(f"{count} recommendations; {ROUNDS} rounds of {CALLS} calls each, in turn")
    with served("failure_lessons.wsgi", url) as our_port, served("bench.bare:application", url) as bare_port:
        served_rate(our_port), served_rate(bare_port)
        ratio = report("API list, served  ", [(served_rate(our_port), served_rate(bare_port)) for _ in range(ROUNDS)])
    called_rate(ours)
    report("API list, called  ", [(called_rate(ours), called_rate(bare.application)) for _ in range(ROUNDS)])
    print(f"The bar for the served ratio is 0.50: {'met' if ratio >= 0.5 else 'NOT met'}.")


def settings_url() -> str:
    """The address of the synthetic database beside the one in the settings."""
    database = settings.DATABASES["default"]
    host = database["HOST"].replace("/", "%2F")
    return f"postgresql://{database['USER']}@{host}/{NAME}"


if __name__ == "__main__":
    main()
