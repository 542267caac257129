"""Taking out of the library what a package brought, such as the sample: proposed by one person, confirmed by another.

It is withdrawn, as anything else that was published: it leaves lists, search, exports and counts, its addresses say
that it went and why, and the history stays whole. What somebody has published anew since the load is theirs. Whatever
theirs rests on stays, with all that it rests on in turn: nothing of theirs loses its ground.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from failure_lessons.packages.exchange import LOADED
from failure_lessons.packages.format import Package
from failure_lessons.publishing.models import Edition, EditionCitation, Publishable
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
    """What removing this package would do now. Four queries, which read what it names and what rests on that."""
    keys = {(member.kind, entry[member.key]) for member in list_members() for entry in package[member.name]}
    brought = find_brought(keys)
    loaded = {pk for pk, edition in brought.items() if edition.note.startswith(LOADED)}
    used = find_used(brought, loaded)
    goes = tuple(brought[pk] for pk in brought if pk in loaded and pk not in used)
    kept = tuple(brought[pk] for pk in brought if pk in loaded and pk in used)
    return RemovalPlan(goes, kept, tuple(brought[pk] for pk in brought if pk not in loaded))


def find_brought(keys: Collection[tuple[str, str]]) -> dict[int, Edition]:
    """The current editions at these addresses, and of what is part of what stands there, in order.

    Any edition of a record pins its parts, so they are among what was ever pinned by a record of these addresses.
    """
    slugs: dict[str, list[str]] = {}
    for kind, slug in keys:
        slugs.setdefault(kind, []).append(slug)
    named = reduce(or_, (Q(kind=kind, slug__in=found) for kind, found in slugs.items()), Q(pk=None))
    records = set(Edition.objects.filter(named).order_by().values_list("record_id", flat=True))
    pins = EditionCitation.objects.filter(edition__record_id__in=records).order_by()
    records |= set(pins.values_list("cites__record_id", flat=True))
    rows = Edition.objects.current().filter(record_id__in=records).defer("body", "search")
    return {
        each.pk: each
        for each in rows.order_by("kind", "sort_key", "pk")
        if tuple(owner_of(each) or (each.kind, each.slug)) in keys
    }


def find_used(brought: Mapping[int, Edition], loaded: Collection[int]) -> set[int]:
    """Of what was loaded, whatever current editions name that were not, however far down; a part brings its owner.

    On the way down to one of these everything is loaded from the last step outside on: only what names one of them is
    looked at. What a part belongs to is `brought` with it.
    """
    of_record = {brought[pk].record_id: pk for pk in loaded}
    pins = EditionCitation.objects.filter(
        cites__record_id__in=of_record, edition__superseded_at=None, edition__withdrawn_at=None
    )
    named: dict[int, set[int]] = {}
    for pk, record_id in pins.order_by().values_list("edition_id", "cites__record_id"):
        named.setdefault(pk, set()).add(of_record[record_id])
    by_key = {RecordKey(each.kind, each.slug): pk for pk, each in brought.items()}
    for pk, each in brought.items():
        if (owner := owner_of(each)) in by_key:
            named.setdefault(pk, set()).add(by_key[owner])
            named.setdefault(by_key[owner], set()).add(pk)
    used: set[int] = set()
    todo = {each for pk, found in named.items() if pk not in loaded for each in found}
    while todo:
        used |= todo
        todo = {each for pk in todo for each in named.get(pk, ())} - used
    return used


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
