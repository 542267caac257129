"""JSON and NDJSON: the documents as stored, spliced without being parsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from failure_lessons.formats.rows import Item, Row, in_blocks


def spliced(row: Row, base: str) -> bytes:
    """The document as stored, with what the library knows about it as one more member, `edition`, at its end."""
    item = Item(row, base)
    about = {
        "number": row.number,
        "revision": row.revision,
        "sha256": row.sha256,
        "published_at": row.published_at,
        "superseded_at": row.superseded_at,
        "evidence_changed_at": row.evidence_changed_at,
        "note": row.note,
        "url": item.data,
        "page": item.permanent,
    }
    return row.document[:-1].encode() + b',"edition":' + orjson.dumps(about, option=orjson.OPT_UTC_Z) + b"}"


def json(rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]:
    """One JSON array, a record a line."""

    def pieces() -> Iterator[bytes]:
        yield b"["
        for place, row in enumerate(rows):
            yield b",\n" if place else b"\n"
            yield spliced(row, base)
        yield b"\n]\n"

    return in_blocks(pieces())


def ndjson(rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]:
    """A record a line, nothing around them. Constant memory."""
    return in_blocks(spliced(row, base) + b"\n" for row in rows)
