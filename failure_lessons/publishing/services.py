"""The verbs of publishing: the only code that writes editions or moves a record through its states.

Each takes who (`by`), why (`note`) and optionally when (`now`, an aware datetime), runs in one transaction, and raises
`CannotPublish` with every reason when it cannot.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.ledger import revision_sha256
from failure_lessons.publishing.models import LEDGER_LOCK, Edition, EditionCitation, LedgerEntry, Publishable
from failure_lessons.publishing.renditions import RecordKey, Rendition, companions_of, parts_of, render_records
from failure_lessons.publishing.validation import belongs_to, describe_unpublished, find_unpublished_evidence

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

State = Publishable.State


class CannotPublish(Exception):
    """The library refuses. `reasons` holds every reason, in sentences for the person who asked."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


def submission_hashes(records: Sequence[Publishable]) -> dict[Any, str]:
    """For each record (by `record_id`) the hash of what people wrote in it and its parts: what a reviewer agrees to."""
    renditions = render_records([*records, *parts_of(records)])
    hashes: dict[RecordKey, list[str]] = {}
    for rendition in renditions:
        hashes.setdefault(belongs_to(rendition), []).append(rendition.entry_sha256)
    return {
        rendition.record.record_id: hashlib.sha256("".join(sorted(hashes[rendition.key])).encode()).hexdigest()
        for rendition in renditions
        if belongs_to(rendition) == rendition.key
    }


def lock_publishables(records: Iterable[Publishable]) -> list[Any]:
    """The records as they are now, held until the transaction ends. Missing ones are left out."""
    keys: dict[type[Publishable], list[int]] = {}
    for record in records:
        keys.setdefault(type(record), []).append(record.pk)
    return [
        row
        for model in sorted(keys, key=lambda model: model._meta.label)
        for row in model._default_manager.select_for_update().filter(pk__in=keys[model]).order_by("pk")
    ]


def refuse_publishing(*reasons: str) -> None:
    """Raise when there is any reason to."""
    if reasons:
        raise CannotPublish(reasons)


def submit_record(*, record: Publishable, by: User, note: str = "", now: dt.datetime | None = None) -> None:
    """Hand a record over for review. What is published later is exactly what is submitted now."""
    submit_many(records=[record], by=by, note=note, now=now)


@transaction.atomic
@records_actor
def submit_many(*, records: Sequence[Publishable], by: User, note: str = "", now: dt.datetime | None = None) -> None:
    """Hand several records over for review."""
    rows = lock_publishables(records)
    refuse_publishing(*(f"{row} is already in review." for row in rows if row.state == State.IN_REVIEW))
    hashes = submission_hashes(rows)
    for row in rows:
        row.state = State.IN_REVIEW
        row.submitted_by = by
        row.submitted_at = now or timezone.now()
        row.submitted_sha256 = hashes[row.record_id]
        row.review_note = note
    for model in {type(row) for row in rows}:
        model._default_manager.bulk_update(
            [row for row in rows if type(row) is model],
            ["state", "submitted_by", "submitted_at", "submitted_sha256", "review_note"],
            batch_size=500,
        )
    refresh_records(records, rows)


def refresh_records(records: Iterable[Publishable], rows: Iterable[Publishable]) -> None:
    """Let the caller's objects show what the rows now say."""
    by_id = {row.record_id: row for row in rows}
    for record in records:
        row = by_id.get(record.record_id)
        for name in ("state", "submitted_by", "submitted_at", "submitted_sha256", "review_note"):
            setattr(record, name, getattr(row, name))


@transaction.atomic
@records_actor
def return_to_author(*, record: Publishable, by: User, note: str, now: dt.datetime | None = None) -> None:
    """Give a submitted record back, with the reason."""
    if not note.strip():
        refuse_publishing("Say what the author should change.")
    for row in lock_publishables([record]):
        if row.state != State.IN_REVIEW:
            refuse_publishing(f"{row} is not in review.")
        row.state = State.DRAFT
        row.submitted_by = row.submitted_at = None
        row.submitted_sha256 = ""
        row.review_note = f"Returned by {by} on {(now or timezone.now()):%Y-%m-%d}: {note.strip()}"
        row.save()
    record.refresh_from_db()


def publish_record(*, record: Publishable, by: User, note: str = "", now: dt.datetime | None = None) -> list[Edition]:
    """Publish one submitted record with its parts and companions. Returns the editions made, if any."""
    return publish_many(records=[record], by=by, note=note, now=now)


def correct_record(*, record: Publishable, by: User, note: str, now: dt.datetime | None = None) -> list[Edition]:
    """Publish a submitted record as the correction of an error; `note` tells readers what was wrong."""
    if not note.strip():
        refuse_publishing("A correction tells readers what was wrong.")
    if not Edition.objects.current().filter(record_id=record.record_id).exists():
        refuse_publishing(f"{record} has no current edition to correct.")
    return publish_many(records=[record], by=by, note=note, now=now, action=LedgerEntry.Action.CORRECTED)


@transaction.atomic
@records_actor
def publish_many(
    *,
    records: Sequence[Publishable],
    by: User,
    note: str = "",
    now: dt.datetime | None = None,
    action: LedgerEntry.Action = LedgerEntry.Action.PUBLISHED,
) -> list[Edition]:
    """Publish several submitted records in one transaction, so that they may rest on each other."""
    ledger = LedgerWriter(now)
    rows = lock_publishables(records)
    hashes = submission_hashes(rows)
    refuse_publishing(*(reason for row in rows for reason in reasons_against(row, by, hashes[row.record_id])))
    companions = companions_of(rows)
    refuse_publishing(
        *(
            f"{companion} was withdrawn: cite something else, or publish it again first."
            for companion in companions
            if isinstance(companion, Publishable) and companion.state == State.WITHDRAWN
        )
    )
    renditions = render_records([*rows, *parts_of(rows), *companions])
    row_of = {row.record_id: row for row in rows}
    submitted_by = {
        each.key: row_of[each.record.record_id].submitted_by for each in renditions if each.record.record_id in row_of
    }
    submitter = {each.record.record_id: submitted_by.get(belongs_to(each)) for each in renditions}
    made = write_editions(renditions, submitter, rows[0].submitted_by if rows else by, by, note, ledger, action)
    published = [*rows, *lock_publishables(record for record in companions if isinstance(record, Publishable))]
    for model in {type(record) for record in published}:
        model._default_manager.filter(pk__in=[each.pk for each in published if type(each) is model]).update(
            state=State.PUBLISHED, review_note=""
        )
    for row in rows:
        row.state, row.review_note = State.PUBLISHED, ""
    refresh_records(records, rows)
    return made


def reasons_against(record: Publishable, by: User, sha256: str) -> list[str]:
    """Why `by` may not publish this record now, apart from what its content lacks."""
    if record.state != State.IN_REVIEW:
        return [f"{record} is not in review: it is {record.get_state_display().lower()}."]
    reasons = []
    if record.submitted_by_id == by.pk:
        reasons.append(f"{record} was submitted by you; somebody else has to publish it.")
    if record.submitted_sha256 != sha256:
        reasons.append(f"{record} was changed after it was submitted; submit it again.")
    return reasons


class LedgerWriter:
    """The next revision numbers, held by one transaction at a time so that commit order is number order."""

    def __init__(self, now: dt.datetime | None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LEDGER_LOCK])
            # the time is taken once it is our turn: whoever waited must not write an earlier one than was promised
            # to those who follow (`RevisionQuerySet.settled_at`)
            cursor.execute("select clock_timestamp()")
            now = now or cursor.fetchone()[0]
        self.last = LedgerEntry.objects.head()
        self.number = self.last.number if self.last else 0
        self.sha256 = self.last.sha256 if self.last else ""
        # a clock may be put back, or the caller's own time lie in the past; the ledger's time never runs backwards
        self.now = max(now, self.last.at) if self.last else now

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def write(
        self, entries: Sequence[tuple[Edition, LedgerEntry.Action, Sequence[int]]], by: User, note: str, first: int
    ) -> None:
        """One revision for each (edition, action, revisions it pins), numbered from `first`."""
        rows = []
        for offset, (edition, action, pins) in enumerate(entries):
            row = LedgerEntry(
                number=first + offset,
                action=action,
                edition=edition,
                at=self.now,
                by=by,
                note=note,
                previous_sha256=self.sha256,
            )
            row.sha256 = self.sha256 = revision_sha256(row, edition, pins)
            rows.append(row)
        LedgerEntry.objects.bulk_create(rows)


def write_editions(
    renditions: Sequence[Rendition],
    submitter: dict[Any, User | None],
    otherwise: User | None,
    by: User,
    note: str,
    ledger: LedgerWriter,
    action: LedgerEntry.Action,
) -> list[Edition]:
    """Store what changed among `renditions`, which come in the order of dependence."""
    reasons = [f"{each.name}: {problem}" for each in renditions for problem in each.missing]
    keys = {each.key for each in renditions}
    wanted = {key for each in renditions for key in each.rests_on}
    current = {
        RecordKey(edition.kind, edition.slug): edition
        for edition in Edition.objects.current().filter(slug__in={key.slug for key in wanted - keys}).without_text()
    }
    reasons += [
        describe_unpublished(each, key) for each, key in find_unpublished_evidence(renditions, keys | current.keys())
    ]
    previous = {
        edition.record_id: edition
        for edition in Edition.objects.current()
        .filter(record_id__in=[each.record.record_id for each in renditions])
        .without_text()
    }
    taken = {
        (edition.kind, edition.slug): edition.record_id
        for edition in Edition.objects.current().filter(slug__in={each.slug for each in renditions}).without_text()
    }
    for each in renditions:
        if taken.get((each.kind, each.slug), each.record.record_id) != each.record.record_id:
            reasons.append(f"{each.name}: another published record already has the address {each.slug}.")
    refuse_publishing(*dict.fromkeys(reasons))
    numbers = dict(
        Edition.objects.filter(record_id__in=[each.record.record_id for each in renditions])
        .order_by()
        .values_list("record_id")
        .annotate(Max("number"))
    )
    pinned: dict[int, set[int]] = {edition.pk: set() for edition in previous.values()}
    for edition_id, cites_id in EditionCitation.objects.filter(edition__in=pinned).values_list("edition", "cites"):
        pinned[edition_id].add(cites_id)

    made: list[Edition] = []
    by_kind: dict[str, list[Rendition]] = {}
    for each in renditions:
        by_kind.setdefault(each.kind, []).append(each)
    for group in by_kind.values():
        changed: list[tuple[Edition, list[Edition]]] = []
        superseded: list[int] = []
        first = ledger.number + 1
        for each in group:
            pins = [current[key] for key in sorted(each.rests_on)]
            before = previous.get(each.record.record_id)
            if before and before.sha256 == each.sha256 and pinned[before.pk] == {pin.pk for pin in pins}:
                current[each.key] = before
                continue
            if before:
                superseded.append(before.pk)
            edition = Edition(
                kind=each.kind,
                slug=each.slug,
                code=each.code,
                record_id=each.record.record_id,
                number=(numbers.get(each.record.record_id) or 0) + 1,
                revision=ledger.next_number(),
                title=each.title,
                summary=each.summary,
                body=each.body,
                document=each.document,
                sha256=each.sha256,
                terms=sorted(each.terms),
                sort_key=each.sort_key,
                note=note,
                submitted_by=submitter.get(each.record.record_id) or otherwise,
                published_by=by,
                published_at=ledger.now,
                evidence_changed_at=ledger.now if any(pin.evidence_changed_at for pin in pins) else None,
            )
            changed.append((edition, pins))
        Edition.objects.filter(pk__in=superseded).update(superseded_at=ledger.now)
        Edition.objects.bulk_create([edition for edition, _ in changed], batch_size=500)
        EditionCitation.objects.bulk_create(
            [EditionCitation(edition=edition, cites=pin) for edition, pins in changed for pin in pins], batch_size=2000
        )
        ledger.write([(edition, action, [pin.revision for pin in pins]) for edition, pins in changed], by, note, first)
        current.update({RecordKey(edition.kind, edition.slug): edition for edition, _ in changed})
        mark_evidence_changed(superseded, ledger.now)
        made += [edition for edition, _ in changed]
    return made


def mark_evidence_changed(gone: Sequence[int], now: dt.datetime) -> None:
    """Mark every current edition that rests, however far down, on an edition that is no longer current."""
    if not gone:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive reached (id) as (
                select edition_id from publishing_editioncitation where cites_id = any(%s)
                union
                select c.edition_id from publishing_editioncitation c join reached on c.cites_id = reached.id
            )
            update publishing_edition set evidence_changed_at = %s
            where id in (select id from reached)
              and superseded_at is null and withdrawn_at is null and evidence_changed_at is null
            """,
            [list(gone), now],
        )


@transaction.atomic
@records_actor
def withdraw_record(*, record: Publishable, by: User, note: str, now: dt.datetime | None = None) -> list[Edition]:
    """Take a record and its parts out of the library. Readers are told that it went, when and why."""
    if not note.strip():
        refuse_publishing("A withdrawal tells readers why.")
    ledger = LedgerWriter(now)
    rows = lock_publishables([record])
    gone = list(
        Edition.objects.current()
        .filter(record_id__in=[each.record_id for each in (*rows, *parts_of(rows))])
        .without_text()
        .order_by("pk")
    )
    if not gone:
        refuse_publishing(f"{record} is not published.")
    keys = [edition.pk for edition in gone]
    records = [edition.record_id for edition in gone]
    # earlier editions said the same things: they go too
    Edition.objects.filter(record_id__in=records, withdrawn_at=None).update(
        withdrawn_at=ledger.now, withdrawal_reason=note.strip()
    )
    first = ledger.number + 1
    pins: dict[int, list[int]] = {key: [] for key in keys}
    for edition_id, revision in EditionCitation.objects.filter(edition__in=keys).values_list(
        "edition", "cites__revision"
    ):
        pins[edition_id].append(revision)
    ledger.write(
        [(edition, LedgerEntry.Action.WITHDRAWN, pins[edition.pk]) for edition in gone], by, note.strip(), first
    )
    mark_evidence_changed(keys, ledger.now)
    for row in rows:
        type(row)._default_manager.filter(pk=row.pk).update(
            state=State.WITHDRAWN, submitted_by=None, submitted_sha256=""
        )
    record.refresh_from_db()
    return gone
