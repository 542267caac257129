"""Everything the page of a record shows, from its edition: what it rests on, what rests on it, what is named in it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypedDict

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, Window
from django.db.models.functions import RowNumber

from failure_lessons.library.glossary import Glossary
from failure_lessons.library.list_query import readable_editions
from failure_lessons.library.resolve import RECORD_CODE, NamedRecord, ResolvedObject, Resolver, records_by_code
from failure_lessons.library.term_bitmaps import read_term_bitmaps
from failure_lessons.publishing.dependencies import list_evidence, reach_dependents
from failure_lessons.publishing.models import Edition, EditionCitation, EditionQuerySet
from failure_lessons.publishing.registry import KINDS, Kind

MOST_UNDER_A_THEME = 8
ReadNotes = Callable[[Edition, "dt.datetime | None"], Sequence[object]]
NOTE_READERS: list[ReadNotes] = []  # who knows what others sent in about a record; rooms above register themselves


def pinned_closure(edition: Edition) -> list[Edition]:
    """What an edition rests on or is about, in one query; none for a kind that pins nothing."""
    return list_evidence(edition) if KINDS[edition.kind].has_pins else []


def kinds_under_themes() -> list[str]:
    """The kinds that the page of a theme lists, in this order."""
    kinds = [kind for kind in KINDS.values() if kind.under_themes]
    return [kind.code for kind in sorted(kinds, key=lambda kind: kind.under_themes)]


def records_under_theme(theme: Edition, moment: dt.datetime | None = None) -> list[tuple[Kind, list[Edition]]]:
    """The first records under a theme by kind, each with `how_many` there are of its kind: one query."""
    rows = (
        readable_editions(Edition.objects.all(), moment)
        .of_kind(*kinds_under_themes())
        .matching([f"theme:{theme.slug}"])
        .annotate(
            how_many=Window(Count("pk"), partition_by="kind"),
            place=Window(RowNumber(), partition_by="kind", order_by=["sort_key", "pk"]),
        )
        .filter(place__lte=MOST_UNDER_A_THEME)
        .without_text()
        .order_by("sort_key", "pk")
    )
    found: dict[str, list[Edition]] = {kind: [] for kind in kinds_under_themes()}
    for each in rows:
        found[each.kind].append(each)
    return [(KINDS[kind], editions) for kind, editions in found.items()]


class RecordContext(TypedDict):
    """What a record's template is given."""

    edition: Edition
    kind: Kind
    record: ResolvedObject
    references: dict[str, ResolvedObject]
    codes: dict[str, NamedRecord]
    glossary: Glossary
    under: list[tuple[Kind, list[Edition]]]
    used_by: list[tuple[Kind, list[Edition]]]
    told_by: list[tuple[Kind, list[Edition]]]  # what is about it without resting on it
    beside: Mapping[str, object]  # what its kind alone adds
    notes: Sequence[object]  # what others sent in about it


def own_parts(edition: Edition, pinned: Sequence[Edition]) -> list[uuid.UUID]:
    """The findings that are part of a case or review: what rests on them rests on it."""
    return [
        each.record_id
        for each in pinned
        if each.kind == "finding" and each.content.get("derived", {}).get("part_of", {}).get("slug") == edition.slug
    ]


class NamedInText(NamedTuple):
    """What any text may name: themes by slug, and the glossary as slug, term and definition."""

    themes: Mapping[str, str]
    glossary: Sequence[tuple[str, str, str]]


def named_in_text(moment: dt.datetime | None = None) -> NamedInText:
    """The themes and the glossary, now (kept for as long as they stay the same) or as they stood (one query)."""
    if moment:
        return split_named(readable_editions(Edition.objects.of_kind("theme", "glossary-term"), moment))
    bitmaps = read_term_bitmaps()
    keys = bitmaps.keys_of_any(["kind:theme", "kind:glossary-term"])
    return bitmaps.keep_made(
        "named in text", keys, lambda keys: split_named(Edition.objects.filter(pk__among=list(keys)))
    )


def split_named(editions: EditionQuerySet) -> NamedInText:
    """Themes and glossary terms among these, in their order. One query."""
    rows = list(editions.order_by("sort_key", "pk").values_list("kind", "slug", "title", "summary"))
    return NamedInText(
        {slug: title for kind, slug, title, _ in rows if kind == "theme"},
        [(slug, title, summary) for kind, slug, title, summary in rows if kind == "glossary-term"],
    )


def list_around(edition: Edition, pinned: Sequence[Edition], moment: dt.datetime | None) -> list[Edition]:
    """What rests on an edition or tells of it (marked `rests`, `tells`), and the records that its text names by code.

    One query, of the keys that three indexes give: a condition with alternatives would read the whole table.
    """
    rests = reach_dependents([edition.record_id, *own_parts(edition, pinned)]).order_by().values("pk")
    tells = EditionCitation.objects.about_record(edition.record_id).order_by()
    codes = set(RECORD_CODE.findall(edition.document)) - {edition.code}
    named = Edition.objects.filter(code__in=codes).order_by().values("pk")
    return list(
        readable_editions(Edition.objects.all(), moment)
        .filter(pk__in=rests.union(tells, named, all=True))
        .annotate(
            rests=ExpressionWrapper(Q(pk__in=rests), BooleanField()),
            tells=ExpressionWrapper(Q(pk__in=tells), BooleanField()),
        )
        .without_text()
        .order_by("kind", "sort_key", "pk")
    )


def record_context(
    edition: Edition, pinned: Sequence[Edition] | None = None, moment: dt.datetime | None = None
) -> RecordContext:
    """Everything a record's template needs, now or as it stood: three queries, and what `Kind.beside` asks.

    A preview brings what it would pin.
    """
    if pinned is None:
        pinned = list_evidence(edition)
    named = named_in_text(moment)
    around = list_around(edition, pinned, moment)
    used_by: dict[str, list[Edition]] = {}
    told_by: dict[str, list[Edition]] = {}
    for other in around:
        if other.rests and other.record_id != edition.record_id:  # type: ignore[attr-defined]  # annotated there
            used_by.setdefault(other.kind, []).append(other)
        elif other.tells:  # type: ignore[attr-defined]  # annotated there
            told_by.setdefault(other.kind, []).append(other)
    resolver, beside = Resolver(pinned, named.themes), KINDS[edition.kind].beside
    if edition.kind == "reference":
        resolver.references[edition.slug] = resolver.reference(edition)
    return {
        "edition": edition,
        "kind": KINDS[edition.kind],
        "record": resolver(edition.content),
        "references": resolver.references,
        "codes": records_by_code([*pinned, *around]),
        "glossary": Glossary(
            term for term in named.glossary if term[0] != edition.slug or edition.kind != "glossary-term"
        ),
        "under": records_under_theme(edition, moment) if edition.kind == "theme" else [],
        "used_by": [(KINDS[kind], editions) for kind, editions in reversed(used_by.items())],
        "told_by": [(KINDS[kind], editions) for kind, editions in reversed(told_by.items())],
        "beside": beside(edition, moment) if beside else {},
        "notes": [note for read in NOTE_READERS for note in read(edition, moment)] if edition.pk else [],
    }
