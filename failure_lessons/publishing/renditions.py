"""Renditions: what records of the workbench would be if they were published now."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import orjson
from django.db import models

from failure_lessons.publishing.fields import entry_of, terms_of
from failure_lessons.publishing.models import Record
from failure_lessons.publishing.registry import KINDS, SOURCES, Rows, Source, rank_of, register_source
from failure_lessons.publishing.submissions import hash_words
from failure_lessons.types import JSONObject, JSONValue

DOCUMENT_SCHEMA_VERSION = 1  # grows when a document's shape does; a data migration then lifts the stored texts


class RecordKey(NamedTuple):
    """How documents name each other: kind and slug."""

    kind: str
    slug: str


@dataclass(frozen=True)
class MissingItem:
    """Something a record still needs, in words for its author; it prints as them.

    `place` is where to mend it in the record's form: a field (`risks`), a list (`events`) or a row of one (`events-3`,
    counted from 0 in the order of the form).
    """

    words: str
    place: str = ""

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Rendition:
    """What a record would be if it were published now.

    `entry` is the evidence-package entry, `derived` what is computed beside it; together they make the document.
    `rests_on` names the evidence: when it changes, readers of this are told. `about` names what this tells of, as a
    report does, and may be withdrawn since. `missing` lists what the record still lacks. `due_on` is the earliest day
    by which somebody owes an answer, `look_again_on` that by which we owe a look.
    """

    record: Record
    kind: str
    slug: str
    title: str
    entry: JSONObject
    code: str = ""
    summary: str = ""
    body: str = ""
    sort_key: str = ""
    derived: JSONObject = field(default_factory=dict)
    terms: frozenset[str] = frozenset()
    rests_on: frozenset[RecordKey] = frozenset()
    about: frozenset[RecordKey] = frozenset()
    missing: tuple[MissingItem, ...] = ()
    due_on: dt.date | None = None
    look_again_on: dt.date | None = None

    @property
    def key(self) -> RecordKey:
        return RecordKey(self.kind, self.slug)

    @property
    def told_of(self) -> frozenset[RecordKey]:
        """What it is about without resting on it."""
        return self.about - self.rests_on

    @property
    def name(self) -> str:
        """How a message to the author names the record."""
        return f"{KINDS[self.kind].label} {self.code or self.slug}"

    @cached_property
    def document(self) -> str:
        """The JSON text as served and hashed."""
        whole = {
            "schema": DOCUMENT_SCHEMA_VERSION,
            "kind": self.kind,
            "slug": self.slug,
            **drop_empty_values(self.entry),
        }
        if derived := drop_empty_values(self.derived):
            whole["derived"] = derived
        return orjson.dumps(whole).decode()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.document.encode()).hexdigest()

    @cached_property
    def entry_sha256(self) -> str:
        """Hash of what people wrote, without what was computed; equal for equal package entries."""
        return hashlib.sha256(orjson.dumps(drop_empty_values(self.entry), option=orjson.OPT_SORT_KEYS)).hexdigest()

    @cached_property
    def words_sha256(self) -> str:
        """Hash of everything that readers would get of it, in lists and answers to questions too."""
        texts = (self.sha256, self.code, self.slug, self.title, self.summary, self.body, self.sort_key)
        return hash_words([*texts, *sorted(self.terms)])


def drop_empty_values(value: JSONValue) -> JSONValue:
    """`value` without nulls, empty strings, empty lists and empty objects, at any depth."""
    if isinstance(value, dict):
        kept = ((key, drop_empty_values(item)) for key, item in value.items())
        return {key: item for key, item in kept if item not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [item for item in map(drop_empty_values, value) if item not in (None, "", [], {})]
    return value


def join_sentences(texts: Iterable[str]) -> str:
    """Texts one after the other, each ended as a sentence, so that what a search cuts out of them can be read."""
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in texts if text)


def natural_sort_key(text: str) -> str:
    """A sort key in which R2 stands before R10."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(6), text.casefold())[:600]


def register_plain_source(model: type[Record], code: str) -> None:
    """Register rows of `model` as records of a kind of which every field is a plain value or a row."""

    def render_plain(rows: Rows) -> Iterator[Rendition]:
        kind = KINDS[code]
        for record in rows.prefetch_related(*(str(each.attribute) for each in kind.fields if each.rows)):
            entry = entry_of(kind.fields, record)
            title = " ".join(entry[each.name] for each in kind.fields if each.role == "title")
            summary = [entry[each.name] for each in kind.fields if each.role == "summary"]
            yield Rendition(
                record=record,
                kind=code,
                slug=record.slug,
                title=title,
                summary=", ".join(filter(None, summary)),
                body="; ".join(each for field in kind.fields if field.role == "body" for each in entry[field.name]),
                entry=entry,
                sort_key=title.casefold(),
                terms=frozenset(terms_of(kind.fields, entry)),
            )

    register_source(model, code)(render_plain)


def by_model(records: Iterable[Record]) -> Iterator[tuple[Source, models.QuerySet[Record]]]:
    """The records as one queryset a model, each with its source, in the order of dependence."""
    keys: dict[type[Record], set[int]] = {}
    for record in records:
        keys.setdefault(type(record), set()).add(record.pk)
    for source in sorted((SOURCES[model] for model in keys), key=rank_of):
        yield source, source.model._default_manager.filter(pk__in=keys[source.model]).order_by("pk")


def render_records(records: Iterable[Record]) -> list[Rendition]:
    """Renditions of these records as they stand in the workbench, read afresh, in the order of dependence."""
    return [rendition for source, rows in by_model(records) for rendition in source.render(rows)]


def outline_records(records: Iterable[Record]) -> list[Rendition]:
    """Renditions of these records and of their parts, to be checked: their documents may say less than editions do."""
    found: list[Rendition] = []
    for source, rows in by_model(records):
        if source.outline:
            found += source.outline(rows)
        else:
            found += [*source.render(rows), *render_records(source.parts(rows))]
    return found


def parts_of(records: Iterable[Record]) -> list[Record]:
    """Records that go wherever these go."""
    return [part for source, rows in by_model(records) for part in source.parts(rows)]


def companions_of(records: Iterable[Record]) -> list[Record]:
    """Records that are published along with these where they changed."""
    return [record for source, rows in by_model(records) for record in source.companions(rows)]
