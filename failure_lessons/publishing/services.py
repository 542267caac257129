"""The verbs of publishing: the only code that writes editions or moves a record through its states.

Each takes who (`by`), why (`note`) and optionally when (`now`, an aware datetime), runs in one transaction, and raises
`CannotPublish` with every reason when it cannot.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Required, TypedDict, Unpack

from django.db import connection, transaction
from django.utils import timezone

from failure_lessons.database.state_lease import outwait_leases
from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.ledger import pinned_revisions, revision_sha256
from failure_lessons.publishing.ledger_queries import LEDGER_LOCK
from failure_lessons.publishing.models import Edition, EditionCitation, LedgerEntry, Publishable
from failure_lessons.publishing.pins import PinMeaning
from failure_lessons.publishing.plan import PublicationPlan, plan_publication, plan_withdrawal
from failure_lessons.publishing.planned import CarriedEdition, Made, rank_of_planned
from failure_lessons.publishing.renditions import (
    RecordKey,
    Rendition,
    companions_of,
    parts_of,
    render_records,
)
from failure_lessons.publishing.submissions import Submission
from failure_lessons.publishing.two_people import list_second_selves, reasons_against
from failure_lessons.publishing.validation import belongs_to, publication_statuses

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User


log = logging.getLogger(__name__)
MOST_BEHIND = dt.timedelta(seconds=5)  # clocks of several machines differ by less
REVIEWED = "Reviewed, nothing changes"


class CannotPublish(Exception):
    """The library refuses. `reasons` holds every reason, in sentences for the person who asked."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


class Submitted(TypedDict, total=False):
    """What the verbs are told beside the records."""

    by: Required[User]
    note: str
    now: dt.datetime | None
    change: ChangeKind | None
    says_the_same: bool


def hash_submitted(renditions: Sequence[Rendition]) -> dict[RecordKey, str]:
    """For each record the hash of what people wrote in it and its parts: what a reviewer agrees to."""
    hashes: dict[RecordKey, list[str]] = {}
    for rendition in renditions:
        hashes.setdefault(belongs_to(rendition), []).append(rendition.entry_sha256)
    return {key: hashlib.sha256("".join(sorted(parts)).encode()).hexdigest() for key, parts in hashes.items()}


def lock_publishables(records: Iterable[Publishable]) -> list[Publishable]:
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


def refuse_unseen(*, records: Sequence[Publishable], seen: str) -> None:
    """Refuse when these records would be published in other words than those of the plan with the digest `seen`."""
    if seen != plan_publication(records).digest:
        refuse_publishing("Something was changed since you opened this page: read what it is now, and decide again.")


def submit_record(*, record: Publishable, **said: Unpack[Submitted]) -> None:
    """Hand a record over for review. What is published later is exactly what is submitted now."""
    submit_many(records=[record], **said)


@transaction.atomic
@records_actor
def submit_many(
    *,
    records: Sequence[Publishable],
    by: User,
    note: str = "",
    now: dt.datetime | None = None,
    change: ChangeKind | None = None,
    says_the_same: bool = False,
) -> None:
    """Hand several records over for review.

    `change` is what kind of change readers will be told it is; who publishes may say otherwise. That it is a correction
    of form is refused where more differs; `says_the_same` confirms that changed words mean what they meant.
    """
    rows = lock_publishables(records)
    refuse_publishing(*(f"{row} is already in review." for row in rows if row.state == Publishable.State.IN_REVIEW))
    if change == ChangeKind.FORM:
        refuse_publishing(*plan_publication(rows, change, says_the_same).overstated)
    now = now or timezone.now()
    renditions = render_records([*rows, *parts_of(rows), *companions_of(rows)])
    hashes = hash_submitted(renditions)
    keys = {each.record.record_id: each.key for each in renditions}
    for row in rows:
        row.state = Publishable.State.IN_REVIEW
        row.submitted_by = by
        row.submitted_at = now
        row.submitted_sha256 = hashes[keys[row.record_id]]
        row.review_note = note
    if rows:
        Submission.objects.create(
            by=by,
            at=now,
            change=change or "",
            records=[row.record_id for row in rows],
            words={str(each.record.record_id): each.words_sha256 for each in renditions},
        )
    for model in {type(row) for row in rows}:
        model._default_manager.bulk_update(
            [row for row in rows if type(row) is model],
            ["state", "submitted_by", "submitted_at", "submitted_sha256", "review_note"],
            batch_size=500,
        )
    refresh_records(records, rows)


@transaction.atomic
@records_actor
def confirm_many(*, records: Sequence[Publishable], by: User, note: str, now: dt.datetime | None = None) -> None:
    """Say of records whose evidence has changed that nothing in them changes, and why. Another person publishes it."""
    if not note.strip():
        refuse_publishing("Say why nothing changes.")
    rows = lock_publishables(records)
    shown = Edition.objects.current().filter(record_id__in=[row.record_id for row in rows])
    marked = set(shown.exclude(evidence_changed_at=None).values_list("record_id", flat=True))
    statuses = publication_statuses(rows)
    refuse_publishing(
        *(f"{row} is not marked “evidence has changed”." for row in rows if row.record_id not in marked),
        *(
            f"{row} has changes that readers have not seen: submit it by itself."
            for row in rows
            if statuses[row.record_id].is_edited
        ),
    )
    submit_many(records=records, by=by, note=f"{REVIEWED}: {note.strip()}", now=now, change=ChangeKind.EVIDENCE)


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
        if row.state != Publishable.State.IN_REVIEW:
            refuse_publishing(f"{row} is not in review.")
        row.state = Publishable.State.DRAFT
        row.submitted_by = row.submitted_at = None
        row.submitted_sha256 = ""
        row.review_note = f"Returned by {by} on {(now or timezone.now()):%Y-%m-%d}: {note.strip()}"
        row.save()
    record.refresh_from_db()


@transaction.atomic
@records_actor
def take_back_record(*, record: Publishable, by: User, note: str = "", now: dt.datetime | None = None) -> None:
    """Take back what one submitted oneself: it is a draft again, and the history says who took it back."""
    for row in lock_publishables([record]):
        if row.state != Publishable.State.IN_REVIEW:
            refuse_publishing(f"{row} is not in review.")
        if row.submitted_by_id != by.pk and getattr(row.submitted_by, "successor_id", None) != by.pk:
            refuse_publishing(f"{row} was submitted by somebody else: a reviewer can return it.")
        row.state = Publishable.State.DRAFT
        row.submitted_by = row.submitted_at = None
        row.submitted_sha256 = ""
        row.review_note = f"Taken back on {(now or timezone.now()):%Y-%m-%d}. {note.strip()}".strip()
        row.save()
    record.refresh_from_db()


def publish_record(*, record: Publishable, **said: Unpack[Submitted]) -> list[Edition]:
    """Publish one submitted record with its parts and companions. Returns the editions made, if any."""
    return publish_many(records=[record], **said)


def correct_record(*, record: Publishable, **said: Unpack[Submitted]) -> list[Edition]:
    """Publish a submitted record as the correction of an error; `note` tells readers what was wrong."""
    if not said.get("note", "").strip():
        refuse_publishing("A correction tells readers what was wrong.")
    if not Edition.objects.current().filter(record_id=record.record_id).exists():
        refuse_publishing(f"{record} has no current edition to correct.")
    return publish_many(records=[record], action=LedgerEntry.Action.CORRECTED, **said)


@transaction.atomic
@records_actor
def publish_many(
    *,
    records: Sequence[Publishable],
    by: User,
    note: str = "",
    now: dt.datetime | None = None,
    action: LedgerEntry.Action = LedgerEntry.Action.PUBLISHED,
    change: ChangeKind | None = None,
    says_the_same: bool = False,
) -> list[Edition]:
    """Publish several submitted records in one transaction, so that they may rest on each other.

    `change` is what kind of change it is, in place of what was said when they were submitted. Returns the editions
    made, with those to which a correction of form was carried through.
    """
    ledger = LedgerWriter(now)
    rows = lock_publishables(records)
    plan = plan_publication(rows, change, says_the_same)
    hashes = hash_submitted(plan.renditions)
    keys = {each.record.record_id: each.key for each in plan.renditions}
    selves = list_second_selves(by)
    changed = [row for row in rows if row.submitted_sha256 != hashes[keys[row.record_id]]]
    refuse_publishing(*(reason for row in rows for reason in reasons_against(row, by, row in changed, selves)))
    refuse_publishing(*plan.refused, *plan.unseen)
    submitter = {record_id: submission.by for record_id, submission in plan.seen_in.items()}
    made = write_editions(plan, submitter, by, note, ledger, action)
    withdraw_editions([(each, explain_leaving(each, note)) for each in plan.withdrawn], by, ledger)
    published = [*rows, *lock_publishables(each for each in plan.companions if isinstance(each, Publishable))]
    for model in {type(record) for record in published}:
        model._default_manager.filter(pk__in=[each.pk for each in published if type(each) is model]).update(
            state=Publishable.State.PUBLISHED, review_note=""
        )
    for row in rows:
        row.state, row.review_note = Publishable.State.PUBLISHED, ""
    refresh_records(records, rows)
    return made


class LedgerWriter:
    """The next revision numbers, held by one transaction at a time so that commit order is number order."""

    def __init__(self, now: dt.datetime | None) -> None:
        outwait_leases()
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
        if self.now - now > MOST_BEHIND:
            log.warning("The clock says %s, the ledger's newest entry %s: its time is written again.", now, self.now)

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def write(
        self,
        entries: Sequence[tuple[Edition, LedgerEntry.Action, Sequence[tuple[int, str]]]],
        by: User,
        note: str,
        first: int,
    ) -> None:
        """One revision for each (edition, action, revisions it pins with their meaning), numbered from `first`."""
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
    plan: PublicationPlan,
    submitter: Mapping[uuid.UUID, User],
    by: User,
    note: str,
    ledger: LedgerWriter,
    action: LedgerEntry.Action,
) -> list[Edition]:
    """Store the editions of a plan, which has to be made while the ledger is held.

    `submitter` says for each, by `record_id`, who saw and submitted these words.
    """
    first = ledger.number + 1
    made: dict[Made, Edition] = {}
    pins: list[list[tuple[Edition, str]]] = []
    everything: list[Made] = [*plan.planned, *plan.carried]
    everything.sort(key=rank_of_planned)
    for each in everything:
        meant = [(pin, PinMeaning.RESTS_ON) for pin in each.pins] + [(pin, PinMeaning.ABOUT) for pin in each.about]
        pins.append([(pin if isinstance(pin, Edition) else made[pin], meaning) for pin, meaning in meant])
        edition = made[each] = each.build_edition()
        edition.revision = ledger.next_number()
        if isinstance(each, CarriedEdition):
            edition.submitted_by, edition.note = made[each.causes[0]].submitted_by, explain_carrying(each, note)
        else:
            edition.submitted_by, edition.note = submitter[each.record_id], note
        edition.published_by, edition.published_at = by, ledger.now
        edition.evidence_changed_at = (each.marked_at or ledger.now) if each.evidence_changed else None
    editions = list(made.values())
    gone = [each.replaces.pk for each in everything if each.replaces]
    Edition.objects.filter(pk__in=gone).update(superseded_at=ledger.now)
    Edition.objects.bulk_create(editions, batch_size=500)
    EditionCitation.objects.bulk_create(
        [
            EditionCitation(edition=edition, cites=pin, meaning=meaning)
            for edition, pinned in zip(editions, pins, strict=True)
            for pin, meaning in pinned
        ],
        batch_size=2000,
    )
    ledger.write(
        [
            (edition, action, [(pin.revision, meaning) for pin, meaning in pinned])
            for edition, pinned in zip(editions, pins, strict=True)
        ],
        by,
        note,
        first,
    )
    mark_evidence_changed([*plan.marked, *plan.marked_in_passing], ledger.now)
    return editions


def explain_carrying(carried: CarriedEdition, note: str) -> str:
    """What readers are told of an edition that a correction of form brought."""
    names = [f"“{each.title}”" for each in carried.causes[:3]]
    more = len(carried.causes) - len(names)
    told = ", ".join(names) + (f" and {more} more" if more else "")
    return f"The form was corrected in what it rests on: {told}. {note}".strip()


def mark_evidence_changed(editions: Sequence[Edition], now: dt.datetime) -> None:
    """Tell readers of these editions that something they rest on has changed since."""
    if editions:
        Edition.objects.filter(pk__in=[edition.pk for edition in editions]).update(evidence_changed_at=now)


def explain_leaving(edition: Edition, note: str) -> str:
    """What readers are told, at its address, of a part that its record no longer has."""
    owner = edition.content["derived"]["part_of"]
    return f"It is no longer part of “{owner['title']}”. {note}".strip()


def withdraw_editions(gone: Sequence[tuple[Edition, str]], by: User, ledger: LedgerWriter) -> None:
    """Withdraw current editions, each for its reason, with all earlier ones: they said the same things."""
    pins = pinned_revisions([edition.pk for edition, _ in gone])
    by_reason: dict[str, list[Edition]] = {}
    for edition, reason in gone:
        by_reason.setdefault(reason, []).append(edition)
    for reason, editions in by_reason.items():
        records = [edition.record_id for edition in editions]
        Edition.objects.filter(record_id__in=records, withdrawn_at=None).update(
            withdrawn_at=ledger.now, withdrawal_reason=reason
        )
        first = ledger.number + 1
        ledger.number += len(editions)
        ledger.write(
            [(edition, LedgerEntry.Action.WITHDRAWN, pins.get(edition.pk, [])) for edition in editions],
            by,
            reason,
            first,
        )


def withdraw_record(*, record: Publishable, by: User, note: str, now: dt.datetime | None = None) -> list[Edition]:
    """Take a record and its parts out of the library. Readers are told that it went, when and why."""
    gone = withdraw_many(records=[record], by=by, note=note, now=now)
    record.refresh_from_db()
    return gone


@transaction.atomic
@records_actor
def withdraw_many(
    *, records: Sequence[Publishable], by: User, note: str, now: dt.datetime | None = None
) -> list[Edition]:
    """The same for many at once: what rests on one of them and goes too is not marked on its way."""
    if not note.strip():
        refuse_publishing("A withdrawal tells readers why.")
    ledger = LedgerWriter(now)
    rows = lock_publishables(records)
    plan = plan_withdrawal(records)
    refuse_publishing(*plan.refused)
    gone = list(plan.withdrawn)
    withdraw_editions([(edition, note.strip()) for edition in gone], by, ledger)
    mark_evidence_changed(plan.marked, ledger.now)
    for row in rows:
        type(row)._default_manager.filter(pk=row.pk).update(
            state=Publishable.State.WITHDRAWN, submitted_by=None, submitted_sha256=""
        )
    return gone
