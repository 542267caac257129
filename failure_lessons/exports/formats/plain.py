"""JSON and NDJSON: the documents as stored, spliced without being parsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from failure_lessons.exports.formats.rows import in_blocks
from failure_lessons.publishing.addresses import edition_pieces
from failure_lessons.publishing.rows import EditionRow


def edition_member(row: EditionRow, base: str) -> bytes:
    """What the library knows about an edition, as a JSON object. Written for speed: lists call it for each record."""
    (api, api_between, api_after), (page, between, after) = edition_pieces(row.kind)
    slug, number = row.slug, row.number
    known = {
        "number": number,
        "revision": row.revision,
        "sha256": row.sha256,
        "published_at": row.published_at,
        "superseded_at": row.superseded_at,
        "evidence_changed_at": row.evidence_changed_at,
        "change": row.change,
        "note": row.note,
        "url": f"{base}{api}{slug}{api_between}{number}{api_after}",
        "page": f"{base}{page}{slug}{between}{number}{after}",
    }
    return orjson.dumps(known, option=orjson.OPT_UTC_Z)


def splice_edition(row: EditionRow, base: str) -> bytes:
    """The document as stored, with what the library knows about it as one more member, `edition`, at its end."""
    return b'%b,"edition":%b}' % (row.document[:-1].encode(), edition_member(row, base))


def write_json(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """One JSON array, a record a line."""

    def pieces() -> Iterator[bytes]:
        yield b"["
        for place, row in enumerate(rows):
            yield b",\n" if place else b"\n"
            yield splice_edition(row, base)
        yield b"\n]\n"

    return in_blocks(pieces())


def write_ndjson(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """A record a line, nothing around them. Constant memory."""
    return in_blocks(splice_edition(row, base) + b"\n" for row in rows)
