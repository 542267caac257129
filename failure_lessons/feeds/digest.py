"""A month of the library in short, for whoever comes once a month: how much changed, and what they should read."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import BooleanField, Case, Count, Q, Value, When
from django.utils import timezone

from failure_lessons.feeds.changes import LedgerChange, wrap_revisions
from failure_lessons.publishing.ledger_queries import LedgerEntryQuerySet
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.registry import KINDS, Kind

MOST_IN_DIGEST = 50  # changes in a part of it
IS_FIRST = Q(action=LedgerEntry.Action.PUBLISHED, edition__number=1)
DIGEST_PARTS: dict[str, Q] = {
    "new": IS_FIRST,
    "revised": Q(action=LedgerEntry.Action.PUBLISHED) & ~Q(edition__number=1),
    "corrected": Q(action=LedgerEntry.Action.CORRECTED),
    "withdrawn": Q(action__in=LedgerEntry.REMOVALS),
}


@dataclass(frozen=True)
class DigestLine:
    """How many changes of each sort there were to records of a kind: `new`, `revised`, `corrected`, `withdrawn`."""

    kind: Kind
    counts: tuple[int, ...]


@dataclass(frozen=True)
class MonthDigest:
    """What changed in a month of London: counts by kind, what was mended or taken away, and what is new to read."""

    first: dt.date
    lines: tuple[DigestLine, ...]
    mended: tuple[LedgerChange, ...]
    fresh: tuple[LedgerChange, ...]
    before: dt.date | None  # the first day of the last month before in which something changed
    after: dt.date | None
    totals: tuple[int, ...] = field(default=())


def list_in_month(first: dt.date) -> LedgerEntryQuerySet:
    """The changes of a month."""
    start = timezone.make_aware(dt.datetime.combine(first, dt.time.min))
    return LedgerEntry.objects.filter(at__gte=start, at__lt=next_month_begins(first))


def next_month_begins(first: dt.date) -> dt.datetime:
    """The first moment after a month, in London."""
    following = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return timezone.make_aware(dt.datetime.combine(following, dt.time.min))


def find_month_of(rows: LedgerEntryQuerySet, order: str) -> dt.date | None:
    """The month of the first of these changes in this order. One query."""
    at = rows.order_by(order).values_list("at", flat=True).first()
    return timezone.localdate(at).replace(day=1) if at else None


def digest_month(first: dt.date) -> MonthDigest:
    """What changed in the month that begins on this day. Five queries; they read that month alone."""
    rows = list_in_month(first)
    counted: Counter[tuple[str, str]] = Counter()
    first_edition = Case(When(IS_FIRST, then=Value(True)), default=Value(False), output_field=BooleanField())
    grouped = rows.order_by().annotate(is_first=first_edition).values_list("edition__kind", "action", "is_first")
    for kind, action, is_first, number in grouped.annotate(number=Count("pk")):
        part = "new" if is_first else {"published": "revised", "corrected": "corrected"}.get(action, "withdrawn")
        counted[kind, part] += number
    read = [kind for kind in sorted(KINDS.values(), key=lambda each: each.reader_rank) if kind.is_news]
    by_rank = sorted({kind for kind, _ in counted}, key=lambda code: KINDS[code].reader_rank)
    lines = tuple(DigestLine(KINDS[code], tuple(counted[code, part] for part in DIGEST_PARTS)) for code in by_rank)
    mended = rows.filter(~Q(action=LedgerEntry.Action.PUBLISHED)).with_headlines().order_by("-number")
    fresh = rows.filter(IS_FIRST, edition__kind__in=[kind.code for kind in read], edition__withdrawn_at=None)
    ranks = {kind.code: rank for rank, kind in enumerate(read)}
    newest = list(fresh.with_headlines().order_by("-number")[:MOST_IN_DIGEST])
    start = timezone.make_aware(dt.datetime.combine(first, dt.time.min))
    return MonthDigest(
        first=first,
        lines=lines,
        mended=tuple(wrap_revisions(mended[:MOST_IN_DIGEST])),
        fresh=tuple(wrap_revisions(sorted(newest, key=lambda each: (ranks[each.edition.kind], each.edition.sort_key)))),
        before=find_month_of(LedgerEntry.objects.filter(at__lt=start), "-number"),
        after=find_month_of(LedgerEntry.objects.filter(at__gte=next_month_begins(first)), "number"),
        totals=tuple(sum(line.counts[place] for line in lines) for place in range(len(DIGEST_PARTS))),
    )
