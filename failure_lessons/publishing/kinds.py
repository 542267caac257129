"""The kinds of record the library holds, and how each workbench model becomes a document."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from django.db import models

from failure_lessons.publishing.models import Record

SCHEMA = 1  # grows when a document's shape does; a data migration then lifts the stored texts


@dataclass(frozen=True)
class Kind:
    """One kind of edition: its code, its place in addresses, and what to call it."""

    code: str
    address: str
    label: str
    label_plural: str


# In the order of dependence: a kind rests only on kinds above it.
KINDS = {
    kind.code: kind
    for kind in (
        Kind("theme", "themes", "Theme", "Themes"),
        Kind("organisation", "organisations", "Organisation", "Organisations"),
        Kind("reference", "references", "Reference", "References"),
        Kind("glossary-term", "glossary", "Glossary term", "Glossary"),
        Kind("finding", "findings", "Finding", "Findings"),
        Kind("literature-review", "literature", "Literature review", "Literature reviews"),
        Kind("case-study", "case-studies", "Case study", "Case studies"),
        Kind("comparison", "comparisons", "Comparison", "Comparisons"),
        Kind("lesson", "lessons", "Lesson", "Lessons"),
        Kind("recommendation", "recommendations", "Recommendation", "Recommendations"),
        Kind("consultation-template", "consultations", "Consultation template", "Consultation templates"),
    )
}
RANK = {code: rank for rank, code in enumerate(KINDS)}


class Key(NamedTuple):
    """How documents name each other: kind and slug."""

    kind: str
    slug: str


@dataclass(frozen=True)
class Lack:
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
    `missing` lists what the record still lacks.
    """

    record: Record
    kind: str
    slug: str
    title: str
    entry: dict[str, Any]
    code: str = ""
    summary: str = ""
    body: str = ""
    sort_key: str = ""
    derived: dict[str, Any] = field(default_factory=dict)
    terms: frozenset[str] = frozenset()
    rests_on: frozenset[Key] = frozenset()
    missing: tuple[Lack, ...] = ()

    @property
    def key(self) -> Key:
        return Key(self.kind, self.slug)

    @property
    def name(self) -> str:
        """How a message to the author names the record."""
        return f"{KINDS[self.kind].label} {self.code or self.slug}"

    @cached_property
    def document(self) -> str:
        """The JSON text as served and hashed."""
        whole = {"schema": SCHEMA, "kind": self.kind, "slug": self.slug, **canonical(self.entry)}
        if derived := canonical(self.derived):
            whole["derived"] = derived
        return orjson.dumps(whole).decode()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.document.encode()).hexdigest()

    @cached_property
    def entry_sha256(self) -> str:
        """Hash of what people wrote, without what was computed; equal for equal package entries."""
        return hashlib.sha256(orjson.dumps(canonical(self.entry), option=orjson.OPT_SORT_KEYS)).hexdigest()


def canonical(value: Any) -> Any:
    """`value` without nulls, empty strings, empty lists and empty objects, at any depth."""
    if isinstance(value, dict):
        kept = ((key, canonical(item)) for key, item in value.items())
        return {key: item for key, item in kept if item not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [item for item in map(canonical, value) if item not in (None, "", [], {})]
    return value


def natural(text: str) -> str:
    """A sort key in which R2 stands before R10."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(6), text.casefold())[:600]


Render = Callable[["models.QuerySet[Any]"], Iterable[Rendition]]
Along = Callable[["models.QuerySet[Any]"], Iterable[Record]]


@dataclass(frozen=True)
class Renderer:
    """How one workbench model is published.

    `parts` go wherever the record goes (a case study's findings: published, withdrawn and reviewed with it);
    `companions` are published along with it where they changed (the references it cites) and outlive it.
    """

    model: type[Record]
    kind: str
    render: Render
    parts: Along
    companions: Along


RENDERERS: dict[type[Record], Renderer] = {}


def nothing(_: models.QuerySet[Any]) -> Iterable[Record]:
    """No parts, no companions."""
    return ()


def renders(
    model: type[Record], kind: str, *, parts: Along = nothing, companions: Along = nothing
) -> Callable[[Render], Render]:
    """Register the decorated function as the one that turns `model` rows into renditions."""

    def register(render: Render) -> Render:
        RENDERERS[model] = Renderer(model, KINDS[kind].code, render, parts, companions)
        return render

    return register


def by_model(records: Iterable[Record]) -> Iterator[tuple[Renderer, models.QuerySet[Any]]]:
    """The records as one queryset a model, each with its renderer, in the order of dependence."""
    keys: dict[type[Record], set[int]] = {}
    for record in records:
        keys.setdefault(type(record), set()).add(record.pk)
    for renderer in sorted((RENDERERS[model] for model in keys), key=lambda renderer: RANK[renderer.kind]):
        yield renderer, renderer.model._default_manager.filter(pk__in=keys[renderer.model]).order_by("pk")


def rendered(records: Iterable[Record]) -> list[Rendition]:
    """Renditions of these records as they stand in the workbench, read afresh, in the order of dependence."""
    return [rendition for renderer, rows in by_model(records) for rendition in renderer.render(rows)]


def parts_of(records: Iterable[Record]) -> list[Record]:
    """Records that go wherever these go."""
    return [part for renderer, rows in by_model(records) for part in renderer.parts(rows)]


def companions_of(records: Iterable[Record]) -> list[Record]:
    """Records that are published along with these where they changed."""
    return [record for renderer, rows in by_model(records) for record in renderer.companions(rows)]
