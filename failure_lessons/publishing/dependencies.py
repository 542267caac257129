"""What rests on what, downwards and upwards: the one place that follows pins from edition to edition.

An edition pins the very editions its author had before them, and a pin never changes. Only the pins that mean “rests
on” are followed; those that mean “is about” lead nowhere. What an edition rests on is therefore the same for ever; what
rests on it depends on the time at which one asks. Editions are named by their primary keys; each function asks one
question of the database, however many there are.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import connection
from django.db.models.expressions import RawSQL

from failure_lessons.publishing.models import Edition, EditionCitation, EditionQuerySet


def follow_pins(start: str, *, near: str, far: str, root: str) -> str:
    """The beginning of a query: a table `walk (root, id)` of what is reached from `start`, however far away."""
    return f"""
        with recursive walk (root, id) as (
            select {root}, {far} from publishing_editioncitation where {near} {start} and meaning = 'rests-on'
            union
            select walk.root, c.{far} from publishing_editioncitation c join walk on c.{near} = walk.id
            where c.meaning = 'rests-on'
        )"""


GIVEN = "= any(%s::bigint[])"  # some editions
OF_RECORD = "in (select id from publishing_edition where record_id = %s)"  # every edition of a record
OF_RECORDS = "in (select id from publishing_edition where record_id = any(%s::uuid[]))"

# Each takes a list of editions. A walk without roots meets each edition once, whatever the number of editions given.
EVIDENCE = follow_pins(GIVEN, near="edition_id", far="cites_id", root="0")
EVIDENCE_OF_EACH = follow_pins(GIVEN, near="edition_id", far="cites_id", root="edition_id")
DEPENDENTS = follow_pins(GIVEN, near="cites_id", far="edition_id", root="0")
DEPENDENTS_OF_EACH = follow_pins(GIVEN, near="cites_id", far="edition_id", root="cites_id")
DEPENDENTS_OF_RECORDS = follow_pins(OF_RECORDS, near="cites_id", far="edition_id", root="0")
DEPENDENTS_OF_RECORD = follow_pins(OF_RECORD, near="cites_id", far="edition_id", root="0")


def find_evidence(editions: Iterable[int]) -> EditionQuerySet:
    """Everything these rest on, however far down, in the very editions that were pinned."""
    return filter_reached(EVIDENCE, list(editions))


def find_dependents(editions: Iterable[int], as_of: dt.datetime | None = None) -> EditionQuerySet:
    """The editions readers see (saw, at the moment `as_of`) that rest on any of these, however far down."""
    return readable_at(filter_reached(DEPENDENTS, list(editions)), as_of)


def find_current_dependents(editions: Iterable[int], but: Iterable[int]) -> EditionQuerySet:
    """The current editions that reach any of these by current editions alone, and not through those of `but`."""
    walk = """
        with recursive walk (id) as (
            select unnest(%s::bigint[])
            union
            select e.id
            from publishing_editioncitation c
                 join walk on c.cites_id = walk.id
                 join publishing_edition e on e.id = c.edition_id
            where c.meaning = 'rests-on' and e.superseded_at is null and e.withdrawn_at is null
                  and e.id <> all(%s::bigint[])
        )
        select id from walk"""
    start = list(editions)
    return Edition.objects.filter(pk__in=RawSQL(walk, [start, list(but)])).exclude(pk__in=start)  # noqa: S611  # as below


def find_record_dependents(record_id: uuid.UUID, as_of: dt.datetime | None = None) -> EditionQuerySet:
    """The same for a record: what rests on any edition of it."""
    return readable_at(filter_reached(DEPENDENTS_OF_RECORD, record_id), as_of)


def reach_dependents(records: Iterable[uuid.UUID]) -> EditionQuerySet:
    """Whatever rests on any edition of these records, however far up, current or not: to narrow or to ask within."""
    return filter_reached(DEPENDENTS_OF_RECORDS, [str(each) for each in records])


def filter_reached(walk: str, start: object) -> EditionQuerySet:
    """The editions that a walk from `start` reaches, as a queryset to narrow further."""
    reached = RawSQL(f"{walk} select id from walk", [start])  # noqa: S611  # our own text; the start is a parameter
    return Edition.objects.filter(pk__in=reached)


def readable_at(editions: EditionQuerySet, as_of: dt.datetime | None) -> EditionQuerySet:
    """Of these, what readers see now, or saw at a moment."""
    return editions.as_of(as_of) if as_of else editions.current()


def map_evidence(editions: Iterable[int]) -> dict[int, set[int]]:
    """For each of these editions that rests on anything, the keys of all it rests on."""
    return map_walk(EVIDENCE_OF_EACH, editions)


def map_dependents(editions: Iterable[int]) -> dict[int, set[int]]:
    """For each of these editions that anything rests on, the keys of all that rests on it, current or not."""
    return map_walk(DEPENDENTS_OF_EACH, editions)


def map_walk(walk: str, editions: Iterable[int]) -> dict[int, set[int]]:
    """What is reached, by where the walk began."""
    found: dict[int, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"{walk} select root, id from walk", [list(editions)])
        for root, key in cursor.fetchall():
            found.setdefault(root, set()).add(key)
    return found


def list_cited_works(editions: Iterable[int]) -> list[Edition]:
    """The references that these rest on, however far down: each once, no withdrawn one. One query."""
    reached = find_evidence(editions).of_kind("reference").filter(withdrawn_at=None)
    found = reached.order_by("record_id", "-number").distinct("record_id").defer("body", "search")
    return sorted(found, key=lambda each: (each.sort_key, each.pk))


def list_evidence(edition: Edition) -> list[Edition]:
    """Everything an edition rests on or is about, with its documents, by kind.

    What it rests on by a pin of its own carries `direct`, what it is about `told_of`.
    """
    return list(
        Edition.objects.raw(
            f"""{EVIDENCE}, own as (select cites_id, meaning from publishing_editioncitation where edition_id = %s)
            select e.id, e.kind, e.slug, e.code, e.record_id, e.number, e.revision, e.title, e.summary, e.document,
                   e.published_at, e.superseded_at, e.withdrawn_at, e.withdrawal_reason, e.evidence_changed_at,
                   e.id in (select cites_id from own where meaning = 'rests-on') as direct,
                   e.id in (select cites_id from own where meaning = 'about') as told_of
            from publishing_edition e
            where e.id in (select id from walk union select cites_id from own)
            order by e.kind, e.sort_key, e.id
            """,
            [[edition.pk], edition.pk],
        )
    )


def list_gone_evidence(editions: Iterable[int]) -> dict[int, list[Edition]]:
    """For each of these editions, what it rests on that is no longer current, what went last first."""
    rows = Edition.objects.raw(
        f"""{EVIDENCE_OF_EACH}
        select walk.root, e.id, e.kind, e.code, e.title, e.superseded_at, e.withdrawn_at
        from walk join publishing_edition e using (id)
        where e.superseded_at is not null or e.withdrawn_at is not null
        order by walk.root, coalesce(e.withdrawn_at, e.superseded_at) desc, e.id
        """,
        [list(editions)],
    )
    found: dict[int, list[Edition]] = {}
    for row in rows:
        found.setdefault(row.root, []).append(row)  # type: ignore[attr-defined]  # a column of the query
    return found


def map_direct_pins(editions: Iterable[int]) -> dict[int, dict[int, str]]:
    """For each of these editions, the keys of what it pins itself, and what each pin means."""
    found: dict[int, dict[int, str]] = {key: {} for key in editions}
    pins = EditionCitation.objects.filter(edition__in=found).order_by()
    for edition, cites, meaning in pins.values_list("edition_id", "cites_id", "meaning"):
        found[edition][cites] = meaning
    return found
