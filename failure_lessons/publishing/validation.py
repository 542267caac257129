"""What stands between a record and its publication, told before anybody asks to publish it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from failure_lessons.publishing.models import Edition, Publishable, Record
from failure_lessons.publishing.registry import KINDS, SOURCES
from failure_lessons.publishing.renditions import (
    MissingItem,
    RecordKey,
    Rendition,
    companions_of,
    outline_records,
    parts_of,
    render_records,
)


@dataclass(frozen=True)
class PublicationGap:
    """One reason for which `publish` would refuse: which record it is about (`name`), what it lacks and where."""

    record: Record
    name: str
    lack: MissingItem


@dataclass
class PublicationStatus:
    """How a record stands: what it lacks, and whether anything in it differs from what readers see.

    `record` is the record as it was read for this, with whatever its document needed.
    """

    gaps: list[PublicationGap] = field(default_factory=list)
    is_published: bool = False
    is_edited: bool = False
    record: Record | None = None


def belongs_to(rendition: Rendition) -> RecordKey:
    """The record that a rendition is submitted and published with: itself, or the one it is part of."""
    owner = rendition.derived.get("part_of")
    return RecordKey(owner["kind"], owner["slug"]) if owner else rendition.key


def find_unpublished_evidence(
    renditions: Iterable[Rendition], known: Collection[RecordKey], ever: Collection[RecordKey]
) -> list[tuple[Rendition, RecordKey]]:
    """What these renditions rest on that is not among the `known`, which will be there, or are about and never was.

    One can tell of what was withdrawn since, so for that it is enough to be among those that `ever` were published.
    """
    return [
        (each, key)
        for each in renditions
        for key in (*sorted(each.rests_on.difference(known)), *sorted(each.told_of.difference(known, ever)))
    ]


def describe_unpublished(rendition: Rendition, key: RecordKey) -> str:
    """The sentence that says so."""
    if key in rendition.told_of:
        return f"{rendition.name} is about {key.kind} {key.slug}, which was never published."
    return f"{rendition.name} rests on {key.kind} {key.slug}, which is not published."


def list_seen(records: Iterable[Record]) -> Iterable[uuid.UUID]:
    """Those of these records that readers see, by `record_id`."""
    ids = [record.record_id for record in records]
    return Edition.objects.current().filter(record_id__in=ids).order_by().values_list("record_id", flat=True)


def publication_statuses(records: Sequence[Publishable], *, compare: bool = True) -> dict[uuid.UUID, PublicationStatus]:
    """How each of these records stands, by `record_id`. Queries grow with their kinds, not with their number.

    Those that readers see are rendered in full, to be compared with what they see, unless nobody asks (`compare`).
    """
    seen = set(list_seen(records)) if compare else set()
    compared = [record for record in records if record.record_id in seen]
    own = render_records([*compared, *parts_of(compared)])
    own += outline_records([record for record in records if record.record_id not in seen])
    along = companions_of(records)
    coming = {each.key for each in own}
    owner_of = {belongs_to(each): each.record.record_id for each in own if belongs_to(each) == each.key}
    found = {record.record_id: PublicationStatus() for record in records}
    for record in along:
        if not (isinstance(record, Publishable) and record.state == Publishable.State.WITHDRAWN):
            coming.add(RecordKey(SOURCES[type(record)].kind, record.slug))  # type: ignore[attr-defined]  # every kind has one
    wanted = {key for each in own for key in each.rests_on | each.about} - coming
    there = Edition.objects.current().order_by()
    ever = Edition.objects.filter(slug__in={key.slug for key in wanted}).order_by()
    standing_at = ever.values_list("kind", "slug", "superseded_at", "withdrawn_at").distinct()
    at_address = [(RecordKey(kind, slug), left is None and gone is None) for kind, slug, left, gone in standing_at]
    known = coming | {key for key, is_current in at_address if is_current}
    shown = dict(there.filter(record_id__in=[each.record.record_id for each in own]).values_list("record_id", "sha256"))
    missing = [(each, lack) for each in own for lack in each.missing]
    missing += [
        (each, MissingItem(describe_gap(each, key)))
        for each, key in find_unpublished_evidence(own, known, {key for key, _ in at_address})
    ]
    for each, lack in missing:
        found[owner_of[belongs_to(each)]].gaps.append(PublicationGap(each.record, each.name, lack))
    for each in own:
        standing = found[owner_of[belongs_to(each)]]
        if each.key == belongs_to(each):
            standing.record = each.record
        standing.is_published |= each.key == belongs_to(each) and each.record.record_id in shown
        before = shown.get(each.record.record_id)
        standing.is_edited |= before is None or (compare and before != each.sha256)
    return found


def describe_gap(rendition: Rendition, key: RecordKey) -> str:
    """The same for the author, who has the record before them."""
    if key in rendition.told_of:
        return f"It is about {key_in_words(key)}, which was never published."
    return f"It rests on {key_in_words(key)}, which is not published."


def key_in_words(key: RecordKey) -> str:
    """A record named by its key, in words."""
    return f"{KINDS[key.kind].label.lower()} {key.slug}"
