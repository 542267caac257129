"""How editions are written into JSON answers: whole, in part, as tombstones, or with everything they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import orjson
from django.db import connection

from failure_lessons.exports.formats.plain import edition_member, splice_edition
from failure_lessons.publishing.addresses import api_edition_path
from failure_lessons.publishing.dependencies import EVIDENCE
from failure_lessons.publishing.models import row_type
from failure_lessons.publishing.rows import AnswerRow, EditionRow

__all__ = [
    "ANSWER_COLUMNS",
    "fetch_evidence_chains",
    "render_record",
    "render_record_with_pins",
    "render_selected_fields",
    "render_tombstone",
    "render_with_evidence",
    "splice_edition",
]

ANSWER_COLUMNS = (
    "pk",
    "kind",
    "slug",
    "number",
    "revision",
    "sha256",
    "document",
    "sort_key",
    "change",
    "note",
    "published_at",
    "superseded_at",
    "withdrawn_at",
    "evidence_changed_at",
)


class PinningRow(AnswerRow, Protocol):
    """A row with the hashes of the editions that it pins directly, by what the pins mean."""

    @property
    def rests_on(self) -> list[str]: ...
    @property
    def about(self) -> list[str]: ...


def render_tombstone(row: AnswerRow, base: str) -> bytes:
    """What is left of a withdrawn edition: that it was there, when it went, and why."""
    left = {
        "kind": row.kind,
        "slug": row.slug,
        "withdrawn_at": row.withdrawn_at,
        "withdrawal_reason": row.withdrawal_reason,
        "number": row.number,
        "url": base + api_edition_path(row.kind, row.slug, row.number),
    }
    return orjson.dumps(left, option=orjson.OPT_UTC_Z)


def render_selected_fields(row: EditionRow, base: str, fields: Sequence[str]) -> bytes:
    """Only these members of the document, in its own order; `edition` when it is among them."""
    return pick_members(row.document, edition_member(row, base), fields)


def pick_members(document: str, edition: bytes, fields: Sequence[str]) -> bytes:
    """These members of a document, and of what is known about its edition."""
    picked = {name: value for name, value in orjson.loads(document).items() if name in fields}
    if "edition" in fields:
        picked["edition"] = orjson.Fragment(edition)
    return orjson.dumps(picked)


def render_record(row: AnswerRow, base: str, fields: Sequence[str] = ()) -> bytes:
    """A record of an answer."""
    if row.withdrawn_at:
        return render_tombstone(row, base)
    return render_selected_fields(row, base, fields) if fields else splice_edition(row, base)


def render_record_with_pins(row: PinningRow, base: str, fields: Sequence[str] = ()) -> bytes:
    """A record with the hashes of the editions it rests on, in `edition.rests_on`, and of what it is about, if any.

    Only the `fields` of it, where any are named.
    """
    if row.withdrawn_at:
        return render_tombstone(row, base)
    about = b',"about":' + orjson.dumps(row.about) if row.about else b""
    known = edition_member(row, base)[:-1] + b',"rests_on":' + orjson.dumps(row.rests_on) + about + b"}"
    if fields:
        return pick_members(row.document, known, fields)
    return b'%b,"edition":%b}' % (row.document[:-1].encode(), known)


def fetch_evidence_chains(roots: Iterable[int]) -> list[PinningRow]:
    """The editions with these keys and everything they rest on, in the very editions that were pinned: one query.

    Named rows with `ANSWER_COLUMNS`, `withdrawal_reason`, and the hashes of what each pins: `rests_on` and `about`.
    """
    columns = (*ANSWER_COLUMNS, "withdrawal_reason")
    chosen = ", ".join("e.id" if column == "pk" else f"e.{column}" for column in columns)
    keys = list(roots)
    pinned = """array(
            select p.sha256 from publishing_editioncitation c join publishing_edition p on p.id = c.cites_id
            where c.edition_id = e.id and c.meaning = %s order by p.kind, p.sort_key, p.id
        )"""
    sql = f"""{EVIDENCE}, chain (id) as (select unnest(%s::bigint[]) union select id from walk)
        select {chosen}, {pinned}, {pinned}
        from publishing_edition e join chain using (id) order by e.kind, e.sort_key, e.id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [keys, keys, "rests-on", "about"])
        return [*map(row_type((*columns, "rests_on", "about"))._make, cursor.fetchall())]


def render_with_evidence(
    roots: Sequence[EditionRow], base: str, fields: Sequence[str] = (), included_fields: Sequence[str] = ()
) -> tuple[list[bytes], list[bytes]]:
    """The roots, in their order, and everything beneath them, each once and with its pins, or these members of them."""
    found = {row.pk: row for row in fetch_evidence_chains(row.pk for row in roots)}
    above = [found.pop(row.pk) for row in roots]
    return (
        [render_record_with_pins(row, base, fields) for row in above],
        [render_record_with_pins(row, base, included_fields) for row in found.values()],
    )
