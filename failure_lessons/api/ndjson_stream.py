"""A whole list as NDJSON, as fast as the database can send it: by `COPY … TO STDOUT`.

The fields of an edition arrive as bytes and leave as bytes; nothing is decoded, parsed or made an object between. The
lines are those that `formats.plain.ndjson` writes, byte for byte (a test compares them).

A thread reads what the database sends, on the connection of the request, which has nothing else to do meanwhile. A
short queue holds it back while the reader is slow, so memory does not grow with the number of records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from queue import Empty, Queue
from threading import Thread

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Func, JSONField, TextField
from django.db.models.functions import Cast

from failure_lessons.database.statements import format_settings, limited_to, limits_in_force
from failure_lessons.exports.formats.rows import BLOCK_BYTES
from failure_lessons.publishing.addresses import edition_patterns
from failure_lessons.publishing.models import EditionQuerySet
from failure_lessons.publishing.rows import EditionRow

Block = bytes | Exception | None  # lines, what went wrong, or the end
MAX_QUEUED_BLOCKS = 16  # blocks in the queue at most
# Fields are told apart by a character that JSON, slugs, hashes and dates cannot hold. The document stands last.
COPY = "copy ({}) to stdout (format csv, delimiter e'\\x02', quote e'\\x01')"
COPIED_FIELDS = (
    "kind",
    "slug",
    "number",
    "revision",
    "sha256",
    "published_at",
    "superseded_at",
    "evidence_changed_at",
    "change",
    "noted",
    "document",
)
NDJSON_LINE = (
    b'%b,"edition":{"number":%b,"revision":%b,"sha256":"%b","published_at":%b,"superseded_at":%b,'
    b'"evidence_changed_at":%b,"change":"%b","note":%b,"url":"%b","page":"%b"}}\n'
)


@lru_cache(maxsize=4096)
def format_json_timestamp(text: bytes) -> bytes:
    """A moment as PostgreSQL writes it in UTC (`2026-11-25 10:20:30.5+00`), as our JSON has it."""
    if not text:
        return b"null"
    day, _, time = text.partition(b" ")
    seconds, _, parts = time.removesuffix(b"+00").partition(b".")
    return b'"%bT%b%bZ"' % (day, seconds, b"." + parts.ljust(6, b"0") if parts else b"")


@lru_cache(maxsize=64)
def encode_address_patterns(kind: bytes, base: str) -> tuple[bytes, bytes]:
    """The addresses of an edition of this kind, in the API and among the pages, with `%b` for slug and number."""
    data, page = (
        base.replace("%", "%%") + pattern.format(slug="%b", number="%b") for pattern in edition_patterns(kind.decode())
    )
    return data.encode(), page.encode()


class NdjsonSink:
    """What the database writes into: a line of fields at a time, made a record, handed on in blocks."""

    def __init__(self, base: str, blocks: Queue[Block]) -> None:
        self.base, self.blocks = base, blocks
        self.held: list[bytes] = []
        self.size = 0

    def write(self, fields: bytes) -> None:
        kind, slug, number, revision, sha256, published, superseded, changed, change, note, document = fields.split(
            b"\x02", 10
        )
        data, page = encode_address_patterns(kind, self.base)
        line = NDJSON_LINE % (
            document[:-2],
            number,
            revision,
            sha256,
            format_json_timestamp(published),
            format_json_timestamp(superseded),
            format_json_timestamp(changed),
            change.strip(b"\x01"),  # an empty text comes quoted
            note,
            data % (slug, number),
            page % (slug, number),
        )
        self.held.append(line)
        self.size += len(line)
        if self.size >= BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        if self.held:
            self.blocks.put(b"".join(self.held))
        self.held, self.size = [], 0


def stream_ndjson(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """The editions of the queryset `rows`, in its order, a record a line, in blocks. Raises the driver's errors."""
    if not isinstance(rows, EditionQuerySet):
        raise TypeError("Only the database can copy: rows come as a queryset.")
    noted = Func(Cast("note", TextField()), function="to_json", output_field=JSONField())
    try:
        sql, values = rows.annotate(noted=noted).values_list(*COPIED_FIELDS).query.sql_with_params()
    except EmptyResultSet:
        return
    blocks: Queue[Block] = Queue(MAX_QUEUED_BLOCKS)

    def read() -> None:
        sink = NdjsonSink(base, blocks)
        try:
            cursor.cursor.copy_expert(question, sink)
            sink.flush()
            blocks.put(None)
        except Exception as error:  # raised where the answer is written
            blocks.put(error)

    with transaction.atomic(), connection.cursor() as cursor:
        with limited_to("export"):  # a copy is told nothing along the way
            cursor.cursor.execute(format_settings(connection, limits_in_force()))
        question = COPY.format(cursor.cursor.mogrify(sql, values).decode())
        reader = Thread(target=read, daemon=True)
        reader.start()
        try:
            while (block := blocks.get()) is not None:
                if isinstance(block, Exception):
                    raise block
                yield block
        finally:
            if reader.is_alive():  # whoever asked has gone
                connection.connection.cancel()
            while reader.is_alive():
                with suppress(Empty):
                    blocks.get(timeout=0.05)
