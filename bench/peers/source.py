"""The recommendations of a synthetic database, for whoever fills a peer: runs in ours and in the environment of the peers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2

PARTS = 2_000  # that are read and written at once
TEXTS = (
    "code",
    "slug",
    "title",
    "statement",
    "rationale",
    "level",
    "phase",
    "responsible",
    "resources",
    "conditions",
    "risks",
)
TEXTS += ("counter_evidence", "strength", "confidence", "wording", "action_kind")
LISTS = ("actions", "audiences", "failure_types", "measures", "timescale")  # JSON
RECOMMENDATIONS = """
select id as edition, sort_key, document from publishing_edition
where kind = 'recommendation' and superseded_at is null and withdrawn_at is null and id > %s order by id
"""
EVIDENCE = """
with recursive beneath (recommendation, edition) as (
    select edition, edition from unnest(%(editions)s::bigint[]) edition
    union
    select recommendation, cites_id from beneath join publishing_editioncitation on edition_id = edition
)
select recommendation, kind, slug, title, summary
from beneath join publishing_edition on id = edition where edition <> recommendation order by 1, id
"""


def read_recommendations(source: str, after: int) -> Iterator[list[dict[str, Any]]]:
    """Those published after an edition, in parts."""
    with closing(psycopg2.connect(source)) as connection, connection.cursor("recommendations") as cursor:
        cursor.execute(RECOMMENDATIONS, [after])
        while rows := cursor.fetchmany(PARTS):
            part = []
            for edition, sort_key, document in rows:
                told = json.loads(document)
                told["responsible"] = told["owner"]  # Wagtail's pages have an owner of another sort
                members = {name: told[name] for name in (*TEXTS, *LISTS)}
                part.append({"edition": edition, "sort_key": sort_key, **members})
            yield part


def read_evidence(source: str, editions: list[int]) -> list[dict[str, Any]]:
    """What these recommendations rest on, however far down."""
    with closing(psycopg2.connect(source)) as connection, connection.cursor() as cursor:
        cursor.execute(EVIDENCE, {"editions": editions})
        names = ("recommendation_id", "kind", "slug", "title", "statement")
        return [dict(zip(names, row, strict=True)) for row in cursor]
