"""The first records of a list by their keys, for questions that terms answer.

PostgreSQL would walk the order of a list and read the row of whatever it passes, or find all that carry a term and sort
them. The bitmaps know already who answers. What is wanting beside them is the order: the first keys of a kind in it are
read once, and hold for as long as the editions of the kind are the same, for none of them ever changes.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import cast

from django.db import connections
from django.db.models.expressions import RawSQL
from pyroaring import BitMap64

from failure_lessons.database.prepared import SqlValues
from failure_lessons.library.orders import Order, directed_orders_of
from failure_lessons.library.term_bitmaps import NO_EDITIONS, TermBitmaps
from failure_lessons.publishing.models import Edition, EditionQuerySet
from failure_lessons.publishing.registry import KINDS

ALL_AT_ONCE = 300  # answers that are handed over whole, to be sorted
MOST_COME = 50  # editions that were published since an order was read
LIBRARY_HASH = RawSQL("(select sha256 from publishing_ledgerentry order by number desc limit 1)", ())
HASH_COLUMN = {"library_sha256": LIBRARY_HASH}  # a column that tells the library that a statement reads
NO_KEYS: list[int] = []  # in whose place a statement gets its keys
SIZES = (1 << 10, 1 << 13, 1 << 16)  # keys of an order that are read at once


class SnapshotIsOld(Exception):
    """Something has been published since: the order that is there now is not that of these bitmaps."""


@cache
def editions_by_keys() -> EditionQuerySet:
    """Editions with the hash of the library, by keys that are still to be put into the statement."""
    return Edition.objects.filter(pk__among=NO_KEYS).annotate(**HASH_COLUMN)


def find_first_keys(
    bitmaps: TermBitmaps, kind: str, order: Order, answering: BitMap64, wanted: int
) -> Sequence[int] | None:
    """Keys of these editions of a kind, among which are the first `wanted` in this order; None if they lie too far.

    No query, or one after a publication in the kind. Raises `SnapshotIsOld`.
    """
    if len(answering) <= ALL_AT_ONCE:
        return list(answering)
    whole = bitmaps.keys_of(f"kind:{kind}")
    likely = wanted * len(whole) / len(answering)
    for size in SIZES:
        if size < likely and size != SIZES[-1]:
            continue
        keys, come = read_order(bitmaps, kind, order, whole, size)
        found = [*islice((key for key in keys if key in answering), wanted)]
        if len(found) == wanted or len(keys) < size:
            return [*found, *(come & answering)]
    return None


@lru_cache(maxsize=256)
def write_order_question(kind: str, order: str, size: int) -> tuple[str, SqlValues]:
    """The statement for the first `size` keys of a kind in this order, and the hash of the library, with its values."""
    editions = Edition.objects.current().of_kind(kind)
    rows = directed_orders_of(KINDS[kind])[order].sort(editions).values_list("pk")[:size]
    sql, values = rows.query.sql_with_params()
    return f"select array(select id from ({sql}) first (id)), {LIBRARY_HASH.sql}", values


def read_order(
    bitmaps: TermBitmaps, kind: str, order: Order, whole: BitMap64, size: int
) -> tuple[Sequence[int], BitMap64]:
    """The first `size` keys of a kind in this order as they once were, and what has come since, wherever it stands.

    They are read again when more than a few have come. One query at most.
    """
    name = f"first {size} of {kind} by {order.code}"
    if held := bitmaps.made.get(name):
        come = whole - held[0]
        if len(come) <= MOST_COME:
            return cast("Sequence[int]", held[1]), come

    def read(_: BitMap64) -> Sequence[int]:
        with connections[Edition.objects.db].cursor() as cursor:
            cursor.execute(*write_order_question(kind, order.code, size))
            keys, sha256 = cursor.fetchone()
        if sha256 != bitmaps.head.sha256:
            raise SnapshotIsOld
        return array("q", keys)

    return bitmaps.keep_made(name, whole, read), NO_EDITIONS
