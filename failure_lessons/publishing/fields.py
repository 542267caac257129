"""One declaration a field: what a member of a record's document is called, looks like, comes from and goes to.

Each app declares the fields of its kinds in `fields.py`, in the order of their documents, and names them when it
registers a kind. The schema of packages and of the API, the columns of tables, the terms that records are found by,
the filters, and the way of every plain value from package to workbench and into the document derive from it:

    Field("owner", text_schema("The body or post that must act.", 200), required=True, column=Column("Owner", 30))

What a function of the app writes by hand (a list of rows with pointers, say) is declared with `attribute=None`: the
rest derives all the same, and `tests/test_completeness.py` holds the hand to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import models

from failure_lessons.publishing.schemas import Schema, list_schema, object_schema
from failure_lessons.types import Document, JSONObject, JSONValue

LONG = 60  # width of a column of sentences
IN_ADDRESS = "It is the last part of the permanent address, which has a column of its own."


@dataclass(frozen=True)
class Column:
    """A column of tables: the field's own value, what stands at another path, or what a function makes."""

    heading: str
    width: int = 18
    source: str | Callable[[Document], object] = ""


@dataclass(frozen=True)
class Field:
    """A member of a document.

    `members` are those of an object, `rows` those of each object in a list that is kept in rows of a model of its
    own; both take `description` in place of `schema` (and `each` describes a row). `attribute` is where the model
    keeps the value: the name with underscores unless it says otherwise, None when the app reads and writes it by
    hand. `column` is one column, several, or in words why tables have none. `term` names the terms that the value
    (or what stands at the path `term_at`) gives. `vocabulary` is what filters offer: codes, a vocabulary that teams
    extend, or the kind of the records whose slugs the values are; `label` is what the filter is called. `role` says
    that the value is the `title` or the `summary` of the record, or that its texts are the `body` by which a search
    finds it. `concludes` says that it states what the record concludes, the `whole` of it or the member of that
    name in each of its rows: a correction of form does not change it.
    """

    name: str
    schema: Schema = field(default_factory=dict)
    column: Column | tuple[Column, ...] | str = ""
    required: bool = False
    attribute: str | None = ""
    members: tuple[Field, ...] = ()
    rows: tuple[Field, ...] = ()
    description: str = ""
    each: str = ""
    term: str = ""
    term_at: str = ""
    vocabulary: type[models.TextChoices] | str = ""
    label: str = ""
    most: int = 60  # how many choices a form offers, of records that people add to over time
    role: str = ""
    concludes: str = ""

    def __post_init__(self) -> None:
        if self.attribute == "":
            object.__setattr__(self, "attribute", self.name.replace("-", "_"))
        if self.members:
            object.__setattr__(self, "schema", describe_object(self.description, self.members))
        elif self.rows:
            items = describe_object(self.each or self.description, self.rows)
            object.__setattr__(self, "schema", list_schema(items, self.description))

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns in tables."""
        if isinstance(self.column, Column):
            return (self.column,)
        return () if isinstance(self.column, str) else self.column

    @property
    def empty(self) -> JSONValue:
        """What a model keeps when an entry does not have the member."""
        kinds = self.schema.get("type", "string" if "enum" in self.schema else "null")
        return {"array": [], "object": {}, "string": ""}.get(kinds if isinstance(kinds, str) else kinds[0])


def describe_object(description: str, fields: Iterable[Field]) -> Schema:
    """The schema of an object with these members."""
    fields = list(fields)
    required = " ".join(each.name for each in fields if each.required)
    return object_schema(description, required, **{each.name: each.schema for each in fields})


def flatten_fields(fields: Iterable[Field], before: str = "") -> Iterator[tuple[str, Field]]:
    """Every field with its path in the document, and those within objects after it (`transfer`, `transfer.alike`)."""
    for each in fields:
        yield f"{before}{each.name}", each
        yield from flatten_fields(each.members, f"{before}{each.name}.")


def list_attributes(fields: Iterable[Field]) -> list[str]:
    """The columns of the model that these fields declare."""
    return [each.attribute for _, each in flatten_fields(fields) if each.attribute and not (each.members or each.rows)]


def list_columns(fields: Iterable[Field], derived: Iterable[Field], order: str) -> list[Column]:
    """The columns of these fields, each with its source: those that `order` names (by path) first."""
    found = {
        path: [replace(column, source=column.source or path) for column in each.columns]
        for path, each in (*flatten_fields(fields), *flatten_fields(derived, "derived."))
        if each.columns
    }
    names = [*order.split(), *(path for path in found if path not in order.split())]
    return [column for name in names for column in found[name]]


def value_at(content: Document, path: str) -> JSONValue:
    """What stands in a document at a dotted path."""
    value: JSONValue = content
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def terms_of(fields: Iterable[Field], values: Document) -> set[str]:
    """The terms that the values of fields give."""
    found: set[str] = set()
    for path, each in flatten_fields(fields):
        if each.term:
            value = value_at(values, each.term_at or path)
            found |= {f"{each.term}:{code}" for code in (value if isinstance(value, list | tuple) else [value]) if code}
    return found


def entry_of(fields: Sequence[Field], record: models.Model, own: Document | None = None) -> JSONObject:
    """The package entry of a record: plain values from its attributes, in the order of the declaration.

    `own` holds what the app reads by hand. A field that comes from neither is an error that names it.
    """
    entry: JSONObject = {}
    for each in fields:
        if own and each.name in own:
            entry[each.name] = own[each.name]
        elif each.attribute is None:
            raise LookupError(f"{type(record).__name__}: nothing gives the field “{each.name}”.")
        elif each.members:
            entry[each.name] = entry_of(each.members, record)
        elif each.rows:
            entry[each.name] = [entry_of(each.rows, row) for row in getattr(record, each.attribute).all()]
        else:
            entry[each.name] = getattr(record, each.attribute)
    return entry


def values_of(fields: Iterable[Field], entry: Document) -> JSONObject:
    """What the model keeps of an entry, by attribute: its plain values."""
    found: JSONObject = {}
    for each in fields:
        value = entry.get(each.name)
        if each.attribute is None or each.rows:
            continue
        if each.members:
            found |= values_of(each.members, value or {})
        else:
            found[each.attribute] = each.empty if value is None else value
    return found


def write_rows(fields: Iterable[Field], record: models.Model, entry: Document) -> None:
    """Write the rows of a record anew, in the order of the entry."""
    for each in fields:
        if each.rows and each.attribute is not None:
            manager = getattr(record, each.attribute)
            manager.all().delete()
            made = [
                manager.model(**{manager.field.name: record}, **values_of(each.rows, item))
                for item in entry.get(each.name, [])
            ]
            if any(column.name == "position" for column in manager.model._meta.fields):
                for position, row in enumerate(made):
                    row.position = position
            manager.model._default_manager.bulk_create(made)
