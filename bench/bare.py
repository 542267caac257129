"""The API's list pages without a framework: a WSGI function over one open psycopg2 connection.

It asks what ours would ask of rows, whatever the query string narrows and sorts by, with one statement for each that is
written once. Serve it as the API is served: `gunicorn bench.bare:application`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from typing import Any

import django
import psycopg2
from django.conf import settings
from django.http import QueryDict

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
django.setup()

from failure_lessons.library.list_query import parse_list_query  # only now can models be read
from failure_lessons.publishing.registry import KINDS


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


@cache
def write_statement(query: str) -> tuple[str, tuple[Any, ...]]:
    """The statement for the first page of recommendations under this query string, with its values."""
    question = parse_list_query(KINDS["recommendation"], QueryDict(query))
    statement: tuple[str, tuple[Any, ...]] = (
        question.sorted_editions().values_list("document")[:26].query.sql_with_params()
    )
    return statement


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """25 texts, joined."""
    if not connections:
        connections.append(connect())
    with connections[0].cursor() as cursor:
        cursor.execute(*write_statement(environ["QUERY_STRING"]))
        rows = cursor.fetchall()
    body = ('{"results":[' + ",".join(row[0] for row in rows[:25]) + "]}").encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
