"""`make bench`: the API's list page against the bare equivalent, as a ratio in one run.

The bare equivalent is a WSGI function that fetches the same 25 texts with psycopg2 over one open connection and joins
them: no framework. Both are called in this process, in turn, so that the speed of the machine cancels out.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults

import psycopg2
from django.conf import settings

from bench.synthetic import connect

ROUNDS, CALLS = 9, 150
SQL = """select document from publishing_edition
         where kind = 'recommendation' and superseded_at is null and withdrawn_at is null
         order by sort_key, id limit 26"""


def bare() -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The list page without a framework."""
    database = settings.DATABASES["default"]
    connection = psycopg2.connect(
        dbname=database["NAME"], user=database["USER"], password=database["PASSWORD"] or None,
        host=database["HOST"] or None, port=database["PORT"] or None,
    )  # fmt: skip
    connection.autocommit = True

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with connection.cursor() as cursor:
            cursor.execute(SQL)
            rows = cursor.fetchall()
        body = ('{"results":[' + ",".join(row[0] for row in rows[:25]) + "]}").encode()
        start_response("200 OK", [("Content-Type", "application/json")])
        return [body]

    return application


def rate(application: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> float:
    """Calls a second."""
    started = time.perf_counter()
    for _ in range(CALLS):
        environ: dict[str, Any] = {"PATH_INFO": "/api/v1/recommendations/", "HTTP_HOST": "localhost"}
        setup_testing_defaults(environ)
        answer = application(environ, lambda status, headers, exc=None: check(status))
        b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
    return CALLS / (time.perf_counter() - started)


def check(status: str) -> None:
    """A benchmark of errors would be fast."""
    if not status.startswith("200"):
        raise RuntimeError(status)


def main() -> None:
    """Measure in turn and print medians and the ratio."""
    connect()
    from django.db import connection

    from failure_lessons.publishing.models import Edition
    from failure_lessons.wsgi import application as ours

    settings.DEBUG = False
    count = Edition.objects.filter(kind="recommendation").count()
    if count < 20_000:
        raise SystemExit(f"Only {count} recommendations there: run `make synthetic` first.")
    plain = bare()
    connection.ensure_connection()
    pairs = [(rate(ours), rate(plain)) for _ in range(ROUNDS + 1)][1:]
    ratios = [first / second for first, second in pairs]
    print(f"{count} recommendations, {CALLS} calls a round, {ROUNDS} rounds in turn")
    print(f"API list page        {statistics.median(a for a, _ in pairs):8.0f} a second")
    print(f"bare equivalent      {statistics.median(b for _, b in pairs):8.0f} a second")
    print(
        f"ratio                {statistics.median(ratios):8.2f} (from {min(ratios):.2f} to {max(ratios):.2f}; the bar is 0.50)"
    )


if __name__ == "__main__":
    main()
