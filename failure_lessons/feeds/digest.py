"""A month of the library in short, for whoever comes once a month: how much changed, and what they should read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from failure_lessons.feeds.changes import LedgerChange, wrap_revisions
from failure_lessons.publishing.ledger_queries import LedgerEntryQuerySet
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.registry import KINDS, Kind

MOST_IN_DIGEST = 50  # corrections and withdrawals
MOST_OF_A_KIND = 20  # new records
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
class FreshRecords:
    """New records of a kind, in the order of its lists, and how many there are beside them."""

    kind: Kind
    changes: tuple[LedgerChange, ...]
    more: int


@dataclass(frozen=True)
class MonthDigest:
    """What changed in a month of London: counts by kind, what was mended or taken away, and what is new to read."""

    first: dt.date
    lines: tuple[DigestLine, ...]
    mended: tuple[LedgerChange, ...]
    fresh: tuple[FreshRecords, ...]
    before: dt.date | None  # the first day of the last month before in which something changed
    after: dt.date | None

    @property
    def totals(self) -> tuple[int, ...]:
        """The counts of all kinds together."""
        return tuple(sum(line.counts[place] for line in self.lines) for place in range(len(DIGEST_PARTS)))


def bound_month(first: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The first moment of a month in London, and the first one after it."""
    following = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    start, end = (timezone.make_aware(dt.datetime.combine(day, dt.time.min)) for day in (first, following))
    return start, end


def list_in_month(first: dt.date) -> LedgerEntryQuerySet:
    """The changes of a month."""
    start, end = bound_month(first)
    return LedgerEntry.objects.filter(at__gte=start, at__lt=end)


def find_month_of(rows: LedgerEntryQuerySet, order: str) -> dt.date | None:
    """The month of the first of these changes in this order. One query."""
    at = rows.order_by(order).values_list("at", flat=True).first()
    return timezone.localdate(at).replace(day=1) if at else None


def list_fresh(rows: LedgerEntryQuerySet, readable: Mapping[str, int]) -> tuple[FreshRecords, ...]:
    """What is new of the kinds that are news, those that readers come for first. One query.

    `readable` says how many new records of each kind were not withdrawn since.
    """
    kinds = sorted((kind for kind in KINDS.values() if kind.is_news), key=lambda each: each.reader_rank)
    place = Window(RowNumber(), partition_by=F("edition__kind"), order_by=[F("edition__sort_key"), F("number")])
    new = rows.filter(IS_FIRST, edition__kind__in=[kind.code for kind in kinds], edition__withdrawn_at=None)
    found: dict[str, list[LedgerEntry]] = {}
    for row in new.with_headlines().annotate(place=place).filter(place__lte=MOST_OF_A_KIND).order_by("place"):
        found.setdefault(row.edition.kind, []).append(row)
    return tuple(
        FreshRecords(kind, tuple(wrap_revisions(listed)), readable[kind.code] - len(listed))
        for kind in kinds
        if (listed := found.get(kind.code))
    )


def digest_month(first: dt.date) -> MonthDigest:
    """What changed in the month that begins on this day. Five queries; they read that month alone."""
    rows, (start, end) = list_in_month(first), bound_month(first)
    parts = {part: Count("pk", filter=asked) for part, asked in DIGEST_PARTS.items()}
    readable = Count("pk", filter=IS_FIRST & Q(edition__withdrawn_at=None))
    grouped = rows.order_by().values("edition__kind").annotate(**parts, readable=readable)
    counted = {
        kind: (still_readable, tuple(numbers))
        for kind, still_readable, *numbers in grouped.values_list("edition__kind", "readable", *DIGEST_PARTS)
    }
    by_rank = sorted(counted, key=lambda code: KINDS[code].reader_rank)
    mended = rows.filter(~Q(action=LedgerEntry.Action.PUBLISHED)).with_headlines().order_by("-number")
    return MonthDigest(
        first=first,
        lines=tuple(DigestLine(KINDS[code], counted[code][1]) for code in by_rank),
        mended=tuple(wrap_revisions(mended[:MOST_IN_DIGEST])),
        fresh=list_fresh(rows, {code: still_readable for code, (still_readable, _) in counted.items()}),
        # times rise with numbers, and have an index
        before=find_month_of(LedgerEntry.objects.filter(at__lt=start), "-at"),
        after=find_month_of(LedgerEntry.objects.filter(at__gte=end), "at"),
    )
