"""The API's list page without a framework: a WSGI function over one open psycopg2 connection.

Serve it as the API is served: `gunicorn bench.bare:application`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg2
from django.conf import settings

SQL = """select document from publishing_edition
         where kind = 'recommendation' and superseded_at is null and withdrawn_at is null
         order by sort_key, id limit 26"""


def connect() -> Any:
    """A connection to the database that Django's settings name."""
    database = settings.DATABASES["default"]
    connection = psycopg2.connect(
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"] or None,
        host=database["HOST"] or None,
        port=database["PORT"] or None,
    )
    connection.autocommit = True
    return connection


connections: list[Any] = []


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """25 texts, joined."""
    if not connections:
        connections.append(connect())
    with connections[0].cursor() as cursor:
        cursor.execute(SQL)
        rows = cursor.fetchall()
    body = ('{"results":[' + ",".join(row[0] for row in rows[:25]) + "]}").encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
