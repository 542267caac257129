"""The library as a SQLite database: every edition that may be read, what rests on what, tables with keys, its words."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from failure_lessons.downloads.tables import (
    RECORD_KEY,
    list_tables,
    sqlite_definition,
    sqlite_name,
)
from failure_lessons.exports.formats import EDITION_COLUMNS
from failure_lessons.exports.formats.rows import EditionItem, iterate_items
from failure_lessons.exports.formats.tables import columns_of_kind
from failure_lessons.publishing.models import Edition, EditionCitation, LedgerEntry
from failure_lessons.publishing.pins import PinMeaning
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.types import JSONValue

SqliteValue = str | int | None
SQLITE_CHUNK_ROWS = 2000
SQLITE_SCHEMA = """
    create table about (name text primary key, value text) without rowid;
    create table editions (
        revision integer primary key, kind text not null, slug text not null, number integer not null, code text,
        title text not null, sha256 text not null, published_at text not null, superseded_at text,
        evidence_changed_at text, change text, note text, document text not null check (json_valid(document)),
        unique (kind, slug, number)
    );
    create table rests_on (
        revision integer not null references editions (revision),
        on_revision integer not null references editions (revision),
        primary key (revision, on_revision)
    ) without rowid;
    create table is_about (
        revision integer not null references editions (revision),
        of_revision integer not null references editions (revision),
        primary key (revision, of_revision)
    ) without rowid;
    create table changes (
        number integer primary key, action text not null, at text not null, kind text not null, slug text not null,
        edition integer not null, note text, previous_sha256 text, sha256 text not null
    );
    create virtual table search using fts5 (
        kind unindexed, slug unindexed, code, title, text, tokenize = 'porter unicode61 remove_diacritics 2'
    );
    create view current_editions as select * from editions where superseded_at is null;
    create index editions_by_code on editions (code);
    create index rests_on_backwards on rests_on (on_revision);
"""


class TitledRow(EditionRow, Protocol):
    """A row of an edition with its code and title."""

    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...


def make_sqlite(path: Path, base: str, revision: int) -> None:
    """Write the database to `path`."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript("pragma journal_mode = off; pragma synchronous = off;" + SQLITE_SCHEMA)
        with database:
            database.executemany(
                "insert into about values (?, ?)",
                [("site", base), ("revision", str(revision)), ("licence", "CC BY 4.0 for our own texts")],
            )
            database.executemany(
                "insert into editions values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                map(edition_row, iterate_readable_editions()),
            )
            database.executemany("insert or ignore into rests_on values (?, ?)", iterate_pins(PinMeaning.RESTS_ON))
            database.executemany("insert or ignore into is_about values (?, ?)", iterate_pins(PinMeaning.ABOUT))
            database.executemany("insert into changes values (?, ?, ?, ?, ?, ?, ?, ?, ?)", iterate_ledger_rows())
            for kind in KINDS.values():
                fill_kind_tables(database, kind, base)
                fill_people_table(database, kind, base)
                fill_search(database, kind, base)
        database.execute("analyze")
        database.commit()
        database.execute("vacuum")


def iterate_readable_editions() -> Iterator[TitledRow]:
    """Every edition that was not withdrawn, current or not."""
    rows = Edition.objects.filter(withdrawn_at=None).order_by("revision")
    return rows.values_list(*EDITION_COLUMNS, "code", "title", named=True).iterator(chunk_size=SQLITE_CHUNK_ROWS)


def format_sqlite_time(value: dt.datetime | None) -> str | None:
    """A moment as SQLite's date functions read it."""
    return value.astimezone(dt.UTC).isoformat() if value else None


def edition_row(edition: TitledRow) -> tuple[SqliteValue, ...]:
    """An edition as a row of `editions`."""
    return (
        edition.revision,
        edition.kind,
        edition.slug,
        edition.number,
        edition.code or None,
        edition.title,
        edition.sha256,
        format_sqlite_time(edition.published_at),
        format_sqlite_time(edition.superseded_at),
        format_sqlite_time(edition.evidence_changed_at),
        edition.change or None,
        edition.note,
        edition.document,
    )


def iterate_pins(meaning: PinMeaning) -> Iterable[tuple[int, int]]:
    """What rests on what, or is about what, where both may be read."""
    rows = EditionCitation.objects.filter(meaning=meaning, edition__withdrawn_at=None, cites__withdrawn_at=None)
    return rows.values_list("edition__revision", "cites__revision").iterator(chunk_size=SQLITE_CHUNK_ROWS)


def iterate_ledger_rows() -> Iterator[tuple[SqliteValue, ...]]:
    """The ledger, withdrawals with their reasons included, without the notes of what was withdrawn since."""
    rows = LedgerEntry.objects.order_by("number").values_list(
        "number",
        "action",
        "at",
        "edition__kind",
        "edition__slug",
        "edition__number",
        "note",
        "previous_sha256",
        "sha256",
        "edition__withdrawn_at",
    )
    for number, action, at, kind, slug, edition, told, previous, sha256, gone in rows.iterator(
        chunk_size=SQLITE_CHUNK_ROWS
    ):
        note = "" if gone and action not in LedgerEntry.REMOVALS else told
        yield number, action, format_sqlite_time(at), kind, slug, edition, note, previous, sha256


def fill_kind_tables(database: sqlite3.Connection, kind: Kind, base: str) -> None:
    """The table of a kind with the document beside its members, and those of the lists in its records."""
    for table in list_tables(kind):
        database.execute(sqlite_definition(table))
        name, places = sqlite_name(table.name), ["?"] * (len(table.columns) + (table.key == (RECORD_KEY,)))
        database.executemany(
            f'insert into "{name}" values ({", ".join(places)})',
            (
                [*row, item.row.document] if table.key == (RECORD_KEY,) else row
                for item, row in table.iterate_rows(iterate_current_items(kind, base))
            ),
        )
    own = sqlite_name(kind.api_address)
    if (former := sqlite_name(kind.address)) != own:
        database.execute(f'create view "{former}" as select * from "{own}"')


def fill_search(database: sqlite3.Connection, kind: Kind, base: str) -> None:
    """The words of every current record of a kind, to be found by FTS5; `rowid` is the revision in `editions`."""
    database.executemany(
        "insert into search (rowid, kind, slug, code, title, text) values (?, ?, ?, ?, ?, ?)",
        (
            [item.row.revision, kind.code, item.row.slug, item.code, item.title, "\n".join(texts_in(item.content))]
            for item in iterate_current_items(kind, base)
        ),
    )


def texts_in(value: JSONValue) -> Iterator[str]:
    """Every text in a document, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


def iterate_current_items(kind: Kind, base: str) -> Iterator[EditionItem]:
    """The current records of a kind, in order, a few at a time."""
    rows = Edition.objects.current().of_kind(kind.code).order_by("sort_key", "pk")
    return iterate_items(rows.values_list(*EDITION_COLUMNS, named=True).iterator(chunk_size=SQLITE_CHUNK_ROWS), base)


def fill_people_table(database: sqlite3.Connection, kind: Kind, base: str) -> None:
    """The table of one kind with the headings and cells of its CSV."""
    chosen = columns_of_kind(kind.code)
    table = f"{sqlite_name(kind.api_address)}_for_people"
    listed = ", ".join(f'"{heading}"' for heading in ["slug", *(column.heading for column in chosen)])
    places = ", ".join("?" * (len(chosen) + 1))
    database.execute(f'create table "{table}" ({listed})')
    database.executemany(
        f'insert into "{table}" values ({places})',
        ([item.row.slug, *(column.cell(item) for column in chosen)] for item in iterate_current_items(kind, base)),
    )
