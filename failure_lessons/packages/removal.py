"""Taking out of the library what a package brought, such as the sample: proposed by one person, confirmed by another.

It is withdrawn, as anything else that was published: it leaves lists, search, exports and counts, its addresses say
that it went and why, and the history stays whole. What somebody has published anew since the load is theirs. Whatever
theirs rests on stays, with all that it rests on in turn: nothing of theirs loses its ground.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from failure_lessons.packages.exchange import LOADED
from failure_lessons.packages.format import Package
from failure_lessons.publishing.dependencies import map_direct_pins
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.plan import owner_of
from failure_lessons.publishing.redaction_models import PackageRemoval
from failure_lessons.publishing.registry import list_members
from failure_lessons.publishing.renditions import RecordKey
from failure_lessons.publishing.services import CannotPublish, withdraw_many
from failure_lessons.publishing.two_people import is_same_person

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User


class CannotRemove(CannotPublish):
    """The package stays for now. `reasons` holds every reason."""


@dataclass(frozen=True)
class RemovalPlan:
    """Current editions of a package: what `goes`; `kept`, as one's own rests on it; `own`, changed since."""

    goes: tuple[Edition, ...]
    kept: tuple[Edition, ...]
    own: tuple[Edition, ...]


def plan_removal(package: Package) -> RemovalPlan:
    """What removing this package would do now. Two queries for each step down from one's own to its sources."""
    keys = {(member.kind, entry[member.key]) for member in list_members() for entry in package[member.name]}
    current = {
        edition.pk: edition
        for edition in Edition.objects.current().defer("body", "search").order_by("kind", "sort_key", "pk")
    }
    owners = {pk: owner_of(edition) for pk, edition in current.items()}
    brought = {pk for pk, each in current.items() if tuple(owners[pk] or (each.kind, each.slug)) in keys}
    loaded = {pk for pk in brought if current[pk].note.startswith(LOADED)}
    used = reach_evidence(current, owners, current.keys() - loaded)
    goes = tuple(current[pk] for pk in current if pk in loaded and pk not in used)
    kept = tuple(current[pk] for pk in current if pk in loaded and pk in used)
    return RemovalPlan(goes, kept, tuple(current[pk] for pk in current if pk in brought - loaded))


def reach_evidence(current: dict[int, Edition], owners: dict[int, RecordKey | None], start: Iterable[int]) -> set[int]:
    """The current editions of whatever these name in any way, however far down; a part brings what it is part of."""
    by_record = {each.record_id: pk for pk, each in current.items()}
    by_key = {RecordKey(each.kind, each.slug): pk for pk, each in current.items()}
    parts: dict[int, set[int]] = {}
    for pk, owner in owners.items():
        if owner in by_key:
            parts.setdefault(by_key[owner], set()).add(pk)
    reached, todo = set(start), set(start)
    while todo:
        cited = {each for pins in map_direct_pins(todo).values() for each in pins}
        records = Edition.objects.filter(pk__in=cited).order_by().values_list("record_id", flat=True)
        found = {by_record[record] for record in records if record in by_record}
        found |= {by_key[owner] for pk in todo if (owner := owners[pk]) in by_key}
        found |= {part for pk in todo for part in parts.get(pk, ())}
        todo = found - reached
        reached |= todo
    return reached


def propose_removal(*, package: Package, by: User, note: str, now: dt.datetime | None = None) -> PackageRemoval:
    """Ask somebody else to have this package withdrawn; `note` tells readers why. Raises `CannotRemove`."""
    if not note.strip():
        raise CannotRemove(["A withdrawal tells readers why."])
    plan = plan_removal(package)
    if not plan.goes:
        raise CannotRemove(["Nothing of this package is published that nothing of yours rests on."])
    return PackageRemoval.objects.create(
        records=[each.record_id for each in plan.goes],
        reason=note.strip(),
        proposed_by=by,
        proposed_at=now or timezone.now(),
    )


@transaction.atomic
def confirm_removal(
    *, removal: PackageRemoval, package: Package, by: User, now: dt.datetime | None = None
) -> list[Edition]:
    """Withdraw what was proposed. Raises `CannotRemove` where something came to rest on it, or was changed, since."""
    row = PackageRemoval.objects.select_for_update().get(pk=removal.pk)
    if row.confirmed_at:
        raise CannotRemove(["It was confirmed before."])
    if is_same_person(by, row.proposed_by_id):
        raise CannotRemove(
            ["Whoever proposed it is you, or counts as you (docs/people.md); somebody else confirms it."]
        )
    goes = {each.record_id: each for each in plan_removal(package).goes}
    if lacking := set(row.records) - set(goes):
        names = Edition.objects.current().filter(record_id__in=lacking).values_list("kind", "slug")
        raise CannotRemove(
            [f"{kind} {slug} was changed, or something rests on it, since it was proposed." for kind, slug in names]
            or ["Some of it was withdrawn since it was proposed. Propose it anew."]
        )
    gone = withdraw_many(records=find_rows(goes[each] for each in row.records), by=by, note=row.reason, now=now)
    row.confirmed_by, row.confirmed_at = by, now or timezone.now()
    row.save()
    removal.refresh_from_db()
    return gone


def find_rows(editions: Iterable[Edition]) -> list[Publishable]:
    """The workbench's rows of these editions; parts go with what they are part of."""
    ids: dict[str, list[uuid.UUID]] = {}
    for edition in editions:
        ids.setdefault(edition.kind, []).append(edition.record_id)
    return [
        row
        for member in list_members()
        for row in member.model._default_manager.filter(record_id__in=ids.get(member.kind, []))
    ]
