"""The recommendations as a file of SQLite, for Datasette: a table, the terms of each, and an index of their words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.peers.source import LISTS, TEXTS, read_recommendations

COLUMNS = ("edition", "sort_key", *TEXTS, *LISTS)
# Lists are asked for in one order and by phase; facets count columns, and the members of columns that hold lists.
TABLES = f"""
create table if not exists recommendations (edition integer primary key, {", ".join(COLUMNS[1:])});
create index if not exists in_order on recommendations (sort_key);
create index if not exists by_phase on recommendations (phase, sort_key);
create table if not exists terms (recommendation integer references recommendations, term text);
create index if not exists of_term on terms (term);
create virtual table if not exists recommendations_fts using fts5
    (title, statement, rationale, content=[recommendations], content_rowid='edition', tokenize='porter');
"""
FACETS = ("level", "phase", "strength", "confidence")  # each an index, so that counting reads that alone
ARRAYS = {
    "audiences": "audience"
}  # of types of failure ours gives no choices here: nobody published what they are called


def list_terms(part: list[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    """What facets count, each with the recommendation that carries it."""
    for row in part:
        for name in FACETS:
            yield row["edition"], f"{name}:{row[name]}"
        for name, term in ARRAYS.items():
            for code in row[name]:
                yield row["edition"], f"{term}:{code}"


def fill_tables(file: Path, source: str) -> int:
    """Add what is not there yet; how many recommendations there are then."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(TABLES)
        for name in FACETS:
            connection.execute(f"create index if not exists facet_{name} on recommendations ({name})")
        [newest] = connection.execute("select coalesce(max(edition), 0) from recommendations").fetchone()
        places = ", ".join("?" * len(COLUMNS))
        for part in read_recommendations(source, newest):
            rows = [[row[name] if name not in LISTS else json.dumps(row[name]) for name in COLUMNS] for row in part]
            connection.executemany(f"insert into recommendations values ({places})", rows)
            connection.executemany("insert into terms values (?, ?)", list_terms(part))
            newest = 0
        if not newest:
            connection.execute("insert into recommendations_fts (recommendations_fts) values ('rebuild')")
            connection.execute("analyze")
        [count] = connection.execute("select count(*) from recommendations").fetchone()
    return int(count)
