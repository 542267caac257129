"""Seals over the workbench's history: a chain of hashes, each over the changes since the one before.

The changes themselves are not chained: they are written by triggers of many transactions at once, and a chain would
make each wait for all others. A worker seals what is there every little while.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator

import orjson
from django.db import connection, transaction
from django.utils import timezone

from failure_lessons.history.models import Change, Seal

PATIENCE = "2s"  # for changes on their way; the next round seals what this one could not


def hash_changes(previous: str, after: int, up_to: int) -> tuple[str, int]:
    """The hash of a seal, and over how many changes: those with numbers beyond `after`, to `up_to`."""
    digest = hashlib.sha256(previous.encode())
    rows = Change.objects.filter(pk__gt=after, pk__lte=up_to).order_by("pk")
    count = 0
    for row in rows.values_list(
        "pk", "key", "owners", "operation", "before", "after", "at", "by_id", "reason", "transaction"
    ).iterator(chunk_size=2000):
        digest.update(orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z) + b"\n")
        count += 1
    return digest.hexdigest(), count


@transaction.atomic
def seal_changes(now: dt.datetime | None = None) -> Seal | None:
    """Seal every change since the last seal; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', %s, true)", [PATIENCE])
        # whoever is writing a change has its number already: waiting for them leaves no number to come in later
        cursor.execute("lock table history_change in share mode")
    last = Seal.objects.order_by("-number").first()
    after, previous = (last.up_to, last.sha256) if last else (0, "")
    newest = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if newest <= after:
        return None
    sha256, count = hash_changes(previous, after, newest)
    return Seal.objects.create(
        number=last.number + 1 if last else 1,
        up_to=newest,
        changes=count,
        at=now or timezone.now(),
        previous_sha256=previous,
        sha256=sha256,
    )


def find_history_faults() -> Iterator[str]:
    """Every stretch of the workbench's history that was altered since it was sealed."""
    after, previous, number = 0, "", 0
    for seal in Seal.objects.order_by("number"):
        number += 1
        name = f"seal {seal.number} of the workbench's history"
        if seal.number != number:
            yield f"{name}: seal {number} is missing"
            number = seal.number
        if seal.previous_sha256 != previous:
            yield f"{name}: does not follow the seal before it"
        if (seal.sha256, seal.changes) != hash_changes(seal.previous_sha256, after, seal.up_to):
            yield f"{name}: changes {after + 1} to {seal.up_to} were altered"
        after, previous = seal.up_to, seal.sha256


def known_seals(hashes: Iterable[str]) -> set[str]:
    """Of these hashes, those that are a seal's."""
    return set(Seal.objects.filter(sha256__in=list(hashes)).values_list("sha256", flat=True))
