"""The API's list pages without a framework: a WSGI function over one open psycopg2 connection, with the same body.

It asks what ours would ask of rows, whatever the query string narrows and sorts by, with one statement for each that is
written once, and answers byte for byte what ours does, with an entity tag. What it leaves out is everything else: parameters that are
checked, quotas, other formats, headers for safety. Serve it as the API is served: `gunicorn bench.bare:application`.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from functools import cache
from typing import Any

import django
import orjson
import psycopg2
from django.conf import settings
from django.http import QueryDict

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
django.setup()

from failure_lessons.library.list_query import parse_list_query  # only now can models be read
from failure_lessons.publishing.models import NEWEST_REVISION
from failure_lessons.publishing.registry import KINDS

PATH = "/api/v1/recommendations/"
COLUMNS = ("document", "slug", "number", "revision", "sha256", "published_at", "superseded_at")
COLUMNS += ("evidence_changed_at", "change", "note", *NEWEST_REVISION, "pk")


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
def write_statement(query: str) -> tuple[str, tuple[Any, ...], list[str], bytes]:
    """The statement for the first page under this query string, its values, what it sorts by, and the filters as JSON."""
    question = parse_list_query(KINDS["recommendation"], QueryDict(query))
    keys = [key.name for key in question.order.keys]
    rows = question.order.sort(question.editions.annotate(**NEWEST_REVISION)).values_list(*COLUMNS, *keys)[:26]
    sql, values = rows.query.sql_with_params()
    return sql, values, [question.order.code, *keys], orjson.dumps(question.applied)


def write_record(base: str, row: tuple[Any, ...]) -> str:
    """A document with what is known about its edition."""
    document, slug, number, revision, sha256, published, superseded, marked, change, note = row[:10]
    known = {
        "number": number,
        "revision": revision,
        "sha256": sha256,
        "published_at": published,
        "superseded_at": superseded,
        "evidence_changed_at": marked,
        "change": change,
        "note": note,
        "url": f"{base}{PATH}{slug}/editions/{number}/",
        "page": f"{base}/recommendations/{slug}/v{number}/",
    }
    return f'{document[:-1]},"edition":{orjson.dumps(known, option=orjson.OPT_UTC_Z).decode()}}}'


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """A page of 25."""
    if not connections:
        connections.append(connect())
    query = environ["QUERY_STRING"]
    sql, values, order, filters = write_statement(query)
    with connections[0].cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    base = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"
    following = "null"
    if len(rows) > 25:
        place = orjson.dumps(["recommendation", order[0], *rows[24][len(COLUMNS) :], rows[24][len(COLUMNS) - 1]])
        asked = f"{query}&" if query else ""
        following = f'"{base}{PATH}?{asked}after={base64.urlsafe_b64encode(place).decode().rstrip("=")}"'
    records = ",".join([write_record(base, row) for row in rows[:25]])
    body = f'{{"results":[{records}],"next":{following},"previous":null,"filters":{filters.decode()}}}'.encode()
    revision = rows[0][-len(order) - 2] if rows else 0
    tag = hashlib.blake2b(f"{base} {query} {revision}".encode(), digest_size=16).hexdigest()
    start_response(
        "200 OK",
        [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("ETag", f'"{tag}"')],
    )
    return [body]
