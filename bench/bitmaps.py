"""The counts beside a list without a framework: a WSGI function over bitmaps of terms. `gunicorn bench.bitmaps:application`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from pyroaring import BitMap64

from bench.bare import connect

kept: dict[str, BitMap64] = {}


def load_terms() -> None:
    """Which recommendations carry which term."""
    lists: dict[str, list[int]] = {}
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select id, terms from publishing_edition where kind = 'recommendation' and superseded_at is null"
        )
        for key, terms in cursor:
            for term in terms:
                lists.setdefault(term, []).append(key)
    kept.update({term: BitMap64(keys) for term, keys in lists.items()})


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """How many recommendations of one phase carry each term."""
    if not kept:
        load_terms()
    chosen = kept["phase:identification"]
    body = orjson.dumps({term: chosen.intersection_cardinality(keys) for term, keys in kept.items()})
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
