"""What a verb would do to the library, worked out before it is asked for. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from failure_lessons.publishing.diff import Difference, PinChange, diff_with_draft
from failure_lessons.publishing.models import Edition, EditionCitation, Publishable
from failure_lessons.publishing.renditions import RecordKey, Rendition, companions_of, parts_of, render_records


@dataclass(frozen=True)
class Replacement:
    """An edition that would give way to a new one."""

    edition: Edition
    rendition: Rendition
    difference: Difference


@dataclass(frozen=True)
class PublicationPlan:
    """What would happen: first editions, replaced and withdrawn ones, and those that would be marked.

    `marked` are the current editions that rest, however far down, on one that goes: readers would be told that the
    evidence has changed since.
    """

    first: tuple[Rendition, ...] = ()
    replaced: tuple[Replacement, ...] = ()
    withdrawn: tuple[Edition, ...] = ()
    marked: tuple[Edition, ...] = ()

    @property
    def reworded(self) -> list[Replacement]:
        """Replacements that say or rest on something else, the record itself before its parts."""
        return [each for each in reversed(self.replaced) if each.difference]

    @property
    def carried(self) -> list[Replacement]:
        """Replacements in which only what is computed beside the words differs."""
        return [each for each in self.replaced if not each.difference]

    def __bool__(self) -> bool:
        return bool(self.first or self.replaced or self.withdrawn)


def find_dependents(gone: Sequence[int]) -> list[int]:
    """Keys of the current editions that rest on any of these, however far down, and are not marked yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive reached (id) as (
                select edition_id from publishing_editioncitation where cites_id = any(%s)
                union
                select c.edition_id from publishing_editioncitation c join reached on c.cites_id = reached.id
            )
            select id from publishing_edition where id in (select id from reached)
              and superseded_at is null and withdrawn_at is null and evidence_changed_at is null
            """,
            [list(gone)],
        )
        return [row[0] for row in cursor.fetchall()]


def marked_by(gone: Sequence[int]) -> tuple[Edition, ...]:
    """The editions that would be marked if these went, without those that go themselves. Two queries."""
    keys = set(find_dependents(gone)) - set(gone) if gone else set()
    return tuple(Edition.objects.filter(pk__in=keys).without_text().order_by("kind", "sort_key", "pk"))


def plan_publication(record: Publishable) -> PublicationPlan:
    """What publishing this record as it stands would do. As `write_editions` decides, and in the same order."""
    renditions = render_records([record, *parts_of([record]), *companions_of([record])])
    previous = {
        edition.record_id: edition
        for edition in Edition.objects.current()
        .filter(record_id__in=[each.record.record_id for each in renditions])
        .defer("body", "search")
    }
    pins: dict[int, dict[RecordKey, Edition]] = {edition.pk: {} for edition in previous.values()}
    rows = EditionCitation.objects.filter(edition__in=pins).select_related("cites")
    for row in rows.defer("cites__document", "cites__body", "cites__search"):
        pins[row.edition_id][RecordKey(row.cites.kind, row.cites.slug)] = row.cites
    keys = {each.key for each in renditions}
    outside = {key for each in renditions for key in each.rests_on} - keys
    current = {
        RecordKey(edition.kind, edition.slug): edition
        for edition in Edition.objects.current().filter(slug__in={key.slug for key in outside}).without_text()
    }
    first: list[Rendition] = []
    replaced: list[Replacement] = []
    for each in renditions:
        before = previous.get(each.record.record_id)
        if before is None:
            first.append(each)
            continue
        # a key that is not current is on its way in this very publication, and has no edition yet
        rests = {key: current.get(key) for key in each.rests_on}
        pinned = pins[before.pk]
        if before.sha256 == each.sha256 and {key: pin.pk for key, pin in pinned.items()} == {
            key: edition.pk if edition else None for key, edition in rests.items()
        }:
            current[each.key] = before
            continue
        replaced.append(
            Replacement(before, each, diff_with_draft(before, each, tuple(plan_pin_changes(pinned, rests))))
        )
    return PublicationPlan(
        tuple(first), tuple(replaced), marked=marked_by([replacement.edition.pk for replacement in replaced])
    )


def plan_pin_changes(before: dict[RecordKey, Edition], after: dict[RecordKey, Edition | None]) -> list[PinChange]:
    """Evidence that would come, go or move; an edition not made yet counts as the next number."""
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if key in after and old and new and old.pk == new.pk:
            continue
        number = None if key not in after else new.number if new else (old.number + 1 if old else 1)
        shown = new or old
        found.append(
            PinChange(key.kind, key.slug, shown.title if shown else key.slug, old.number if old else None, number)
        )
    return found


def plan_withdrawal(record: Publishable) -> PublicationPlan:
    """What withdrawing this record would do."""
    ids = [each.record_id for each in (record, *parts_of([record]))]
    gone = tuple(Edition.objects.current().filter(record_id__in=ids).without_text().order_by("pk"))
    return PublicationPlan(withdrawn=gone, marked=marked_by([edition.pk for edition in gone]))
