"""Records as tables for programs: columns are called as the members of the API are, and nothing is lost.

A column for each plain member (`timescale.start` within an object), and the list or object as JSON where there is one.
Which formats can have these headings is `MEMBER_WRITERS`; `people` is what the formats write unasked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import orjson

from failure_lessons.exports.formats.plain import edition_member
from failure_lessons.exports.formats.rows import EditionItem, in_blocks, iterate_items
from failure_lessons.exports.formats.tables import csv_lines, sheet_name_of, write_table_workbook
from failure_lessons.files.cells import CellValue
from failure_lessons.publishing.fields import flatten_fields, value_at
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.publishing.schemas import Schema
from failure_lessons.types import JSONValue

HEADINGS = ("people", "members")
MEMBER_WIDTH = 24  # of a column, in characters
EDITION_MEMBERS = {
    "number": "integer",
    "revision": "integer",
    "sha256": "string",
    "published_at": "string",
    "superseded_at": "string",
    "evidence_changed_at": "string",
    "change": "string",
    "note": "string",
    "url": "string",
    "page": "string",
}


@dataclass(frozen=True)
class MemberColumn:
    """A column: the path of the member, and its type in the words of Table Schema."""

    heading: str
    type: str
    description: str = ""
    width: int = MEMBER_WIDTH

    def cell(self, item: EditionItem) -> CellValue:
        """What stands in this column for an item."""
        first, _, rest = self.heading.partition(".")
        if first == "edition" and rest in EDITION_MEMBERS:
            return write_member(orjson.loads(edition_member(item.row, item.base)).get(rest))
        return write_member(value_at(item.content, self.heading))


def write_member(value: JSONValue) -> CellValue:
    """A value as one cell: texts and numbers as they are, anything else as JSON."""
    if value is None or isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return orjson.dumps(value).decode()


def table_type(schema: Schema) -> str:
    """The type of a member in the words of Table Schema: `any` where it may be of several."""
    kinds = schema.get("type")
    named = [each for each in (kinds if isinstance(kinds, list) else [kinds]) if each and each != "null"]
    if len(named) == 1:
        return str(named[0])
    return "string" if not named and ("enum" in schema or "const" in schema) else "any"


@cache
def member_columns(kind: str) -> tuple[MemberColumn, ...]:
    """The columns of a table of one kind: its key first, then its members in their order, then its edition."""
    known = KINDS[kind]
    columns = [MemberColumn("slug", "string", "The last part of its address.")]
    for path, each in (*flatten_fields(known.fields), *flatten_fields(known.derived, "derived.")):
        if path != "slug" and not each.members:
            columns.append(MemberColumn(path, table_type(each.schema), str(each.schema.get("description", ""))))
    columns += [MemberColumn(f"edition.{name}", type_) for name, type_ in EDITION_MEMBERS.items()]
    return tuple(columns)


def write_member_csv(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """RFC 4180, UTF-8 without a mark. Constant memory."""
    return in_blocks(csv_lines(member_columns(kind), iterate_items(rows, base)))


def write_member_xlsx(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """A workbook with one table."""
    return write_table_workbook(sheet_name_of(kind), member_columns(kind), iterate_items(rows, base))


MEMBER_WRITERS = {"csv": write_member_csv, "xlsx": write_member_xlsx}
