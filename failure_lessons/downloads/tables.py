"""The library as tables with keys: one for each kind, and one for each list in its records, linked by slugs and codes.

The same tables go into the SQLite database and, as CSV with a Table Schema, into a data package. Columns are called as
the members of the API are. A pointer to what was withdrawn is empty: the record's own list still names it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from failure_lessons.exports.formats.member_tables import MemberColumn, member_columns, table_type, write_member
from failure_lessons.exports.formats.rows import EditionItem
from failure_lessons.files.cells import CellValue, open_csv
from failure_lessons.packages.schema import shared_definitions
from failure_lessons.publishing.fields import flatten_fields, value_at
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.publishing.schemas import Schema
from failure_lessons.types import JSONObject, JSONValue

RECORD_KEY = "slug"  # of the table of a kind
OWNER, PLACE, VALUE = "record_slug", "list_place", "value"  # of a list: whose, where in it, what stands there if a text
COMPUTED = "derived."  # the start of the paths of what nobody entered, and nobody checked as a pointer
ITEMS_AT_ONCE = 100  # records of which the pointers are looked up together
CellRows = Iterator[list[CellValue]]


@dataclass(frozen=True)
class ForeignKey:
    """A column whose values are slugs or codes of another table."""

    column: str
    kind: str
    member: str

    @property
    def table(self) -> str:
        """The table it leads to."""
        return KINDS[self.kind].api_address

    def find_known(self, values: Collection[CellValue]) -> set[str]:
        """Which of these are slugs or codes of current records. One query, none where there is nothing to ask."""
        asked = [each for each in values if isinstance(each, str) and each]
        rows = Edition.objects.current().of_kind(self.kind).filter(**{f"{self.member}__in": asked}).order_by()
        return set(rows.values_list(self.member, flat=True))


@dataclass(frozen=True)
class LinkedTable:
    """A table: its name, columns and keys, and its rows for one record."""

    name: str
    kind: str
    columns: tuple[MemberColumn, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    list_rows: Callable[[EditionItem], CellRows]

    def iterate_rows(self, items: Iterable[EditionItem]) -> Iterator[tuple[EditionItem, list[CellValue]]]:
        """Its rows for these records, each with its record; pointers to what is not there are left empty.

        A query for each pointer of some records at a time: to know the keys of all takes as much memory as they are.
        """
        places = {column.heading: place for place, column in enumerate(self.columns)}
        entered = [each for each in self.foreign_keys if each.column != OWNER]  # whose row it is, is there
        iterator = iter(items)
        while batch := list(islice(iterator, ITEMS_AT_ONCE)):
            rows = [(item, row) for item in batch for row in self.list_rows(item)]
            for each in entered:
                place = places[each.column]
                there = each.find_known({row[place] for _, row in rows})
                for _, row in rows:
                    if row[place] not in there:
                        row[place] = None
            yield from rows


def pointers_by_member() -> dict[str, tuple[str, str]]:
    """What a member of this name points to in every document: a kind, and its `slug` or `code`."""
    return {name: (kind.code, by) for kind in KINDS.values() for name, by in kind.pointers.items()}


def list_tables(kind: Kind) -> list[LinkedTable]:
    """The table of a kind, and those of the lists in its records."""
    pointers = pointers_by_member()
    columns = member_columns(kind.code)
    links = tuple(
        ForeignKey(each.heading, *pointers[name])
        for each in columns
        if each.type == "string"
        and (name := each.heading.rpartition(".")[2]) in pointers
        and not each.heading.startswith(COMPUTED)
    )

    def list_record(item: EditionItem) -> CellRows:
        yield [column.cell(item) for column in columns]

    whole = LinkedTable(kind.api_address, kind.code, columns, (RECORD_KEY,), links, list_record)
    return [whole, *(table for path, schema in list_paths(kind) if (table := make_list_table(kind, path, schema)))]


def list_paths(kind: Kind) -> Iterator[tuple[str, Schema]]:
    """Every list in documents of a kind, with the schema of what stands in it."""
    findings = kind.member and kind.member.findings  # documents name them by code
    for path, each in (*flatten_fields(kind.fields), *flatten_fields(kind.derived, "derived.")):
        if each.schema.get("type") == "array" and not each.members:
            yield path, {"type": "string"} if path == "findings" and findings else resolve_schema(each.schema["items"])


def resolve_schema(schema: Schema) -> Schema:
    """The schema itself where it only names a definition."""
    return shared_definitions().get(str(schema.get("$ref", "")).rpartition("/")[2], schema)


def make_list_table(kind: Kind, path: str, schema: Schema) -> LinkedTable | None:
    """The table of a list: of texts one column, of objects one for each member."""
    pointers, last = pointers_by_member(), path.rpartition(".")[2]
    properties: Mapping[str, Schema] = schema.get("properties", {})
    own = [MemberColumn(name, table_type(resolve_schema(each))) for name, each in properties.items()]
    if not own and table_type(schema) not in ("string", "integer", "number"):
        return None
    columns = (
        MemberColumn(OWNER, "string", f"Whose: {kind.label.lower()}."),
        MemberColumn(PLACE, "integer", "The place in the list, from 1."),
        *(own or [MemberColumn(VALUE, table_type(schema))]),
    )
    links = [ForeignKey(OWNER, kind.code, RECORD_KEY)]
    if path.startswith(COMPUTED):
        pointers = {}
    if own:
        links += [ForeignKey(each.heading, *pointers[each.heading]) for each in own if each.heading in pointers]
    elif last in pointers:
        links.append(ForeignKey(VALUE, *pointers[last]))

    def list_items(item: EditionItem) -> CellRows:
        for place, each in enumerate(as_list(value_at(item.content, path)), start=1):
            cells = [each.get(column.heading) for column in own] if own and isinstance(each, dict) else [each]
            yield [item.row.slug, place, *map(write_member, cells)]

    return LinkedTable(f"{kind.api_address}.{path}", kind.code, columns, (OWNER, PLACE), tuple(links), list_items)


def as_list(value: JSONValue) -> list[JSONValue]:
    """A list, or none where nothing stands."""
    return value if isinstance(value, list) else []


def write_table_csv(table: LinkedTable, items: Iterable[EditionItem]) -> Iterator[bytes]:
    """A table as CSV, a line at a time."""
    text = io.StringIO()
    out = open_csv(text)
    out.writerow([column.heading for column in table.columns])
    for _, row in table.iterate_rows(items):
        out.writerow(row)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def describe_table(table: LinkedTable, path: str) -> JSONObject:
    """A table as a resource of a data package, with its Table Schema."""
    codes = members_pointed_to(table)
    return {
        "name": table.name.lower(),
        "path": path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [
                {
                    "name": column.heading,
                    "type": column.type,
                    **({"description": column.description} if column.description else {}),
                    **({"constraints": {"required": True}} if column.heading in table.key else {}),
                    **({"constraints": {"unique": True}} if column.heading in codes else {}),
                }
                for column in table.columns
            ],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {
                    "fields": [each.column],
                    "reference": {"resource": "" if each.table == table.name else each.table, "fields": [each.member]},
                }
                for each in table.foreign_keys
            ],
        },
    }


def members_pointed_to(table: LinkedTable) -> set[str]:
    """By which members of a kind's own table others lead to it, beside its key."""
    kind = KINDS[table.kind]
    return set(kind.pointers.values()) - {RECORD_KEY} if table.name == kind.api_address else set()


def sqlite_name(name: str) -> str:
    """The name of a table in SQLite, which nobody has to put in quotation marks."""
    return name.replace("-", "_").replace(".", "_")


def sqlite_definition(table: LinkedTable) -> str:
    """The statement that makes a table."""
    types = {"integer": " integer", "number": " real"}
    unique = members_pointed_to(table)
    parts = [
        f'"{column.heading}"{types.get(column.type, " text")}{" unique" if column.heading in unique else ""}'
        for column in table.columns
    ]
    if table.key == (RECORD_KEY,):
        parts.append('"document" text not null check (json_valid("document"))')
    parts.append(f"primary key ({', '.join(table.key)})")
    parts += [
        f'foreign key ("{each.column}") references "{sqlite_name(each.table)}" ("{each.member}")'
        for each in table.foreign_keys
    ]
    return f'create table "{sqlite_name(table.name)}" ({", ".join(parts)})'
