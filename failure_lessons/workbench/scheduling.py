"""Publishing at a set time: approved now by a second person, done then by a worker, with exactly the words approved.

When the time comes, everything is looked at that `publish` looks at, the role of whoever approved included. What no
longer holds is refused, and both people are told; nobody else's words go out in their place.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import DatabaseError, transaction
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.models import Edition, LedgerEntry, Publishable
from failure_lessons.publishing.plan import plan_publication
from failure_lessons.publishing.services import (
    CannotPublish,
    lock_publishables,
    publish_many,
    refuse_publishing,
)
from failure_lessons.publishing.two_people import list_second_selves, reasons_against
from failure_lessons.workbench.notices import edit_address, select_recipients, send_notices
from failure_lessons.workbench.scheduled_models import ScheduledPublication, in_london

if TYPE_CHECKING:
    from collections.abc import Sequence

MAY_PUBLISH = "publishing.publish_record"
FARTHEST = dt.timedelta(days=366 * 2)
log = logging.getLogger(__name__)


@transaction.atomic
@records_actor
def schedule_publication(
    *,
    record: Publishable,
    by: User,
    due_at: dt.datetime,
    note: str = "",
    change: ChangeKind | None = None,
    says_the_same: bool = False,
    now: dt.datetime | None = None,
) -> ScheduledPublication:
    """Approve a submitted record, to be published at `due_at` (aware). Raises `CannotPublish` with every reason."""
    now = now or timezone.now()
    if not now < due_at < now + FARTHEST:
        refuse_publishing("Choose a time that is still to come, at most two years ahead.")
    rows = lock_publishables([record])
    plan = plan_publication(rows, change, says_the_same)
    partners = list_second_selves(by)
    refuse_publishing(*(reason for row in rows for reason in reasons_against(row, by, False, partners)))
    refuse_publishing(*plan.refused, *plan.unseen)
    if ScheduledPublication.objects.waiting_for(rows):
        refuse_publishing(f"{record} has a time set already: cancel that first.")
    author = rows[0].submitted_by
    if author is None:  # the database knows who submitted what is in review
        raise CannotPublish([f"{record} names nobody who submitted it."])
    is_published = Edition.objects.current().filter(record_id=record.record_id).exists()
    return ScheduledPublication.objects.create(
        record_id=record.record_id,
        model=record._meta.label_lower,
        due_at=due_at,
        digest=plan.digest,
        action=LedgerEntry.Action.PUBLISHED,
        change=change or "" if is_published else "",
        says_the_same=says_the_same,
        note=note,
        submitted_by=author,
        approved_by=by,
        approved_at=now,
    )


@transaction.atomic
def cancel_scheduled(*, record: Publishable, by: User, note: str = "", now: dt.datetime | None = None) -> None:
    """Take the set time back: who submitted or approved it, or anybody who may publish. The record stays in review."""
    waiting = ScheduledPublication.objects.waiting().select_for_update().filter(record_id=record.record_id).first()
    if waiting is None:
        refuse_publishing(f"{record} has no time set.")
        return
    if by.pk not in (waiting.submitted_by_id, waiting.approved_by_id) and not by.has_perm(MAY_PUBLISH):
        refuse_publishing("Whoever submitted or approved it can cancel it, or somebody who may publish.")
    settle_scheduled(waiting, ScheduledPublication.State.CANCELLED, now or timezone.now(), by, note)
    tell_both(waiting, record, f"Cancelled by {by}", [note] if note else [])


def publish_due(now: dt.datetime | None = None) -> int:
    """Publish, or refuse, what is due. Two at once share the work: each record is taken by one. Says how many."""
    done = 0
    while settle_next(now or timezone.now()):
        done += 1
    return done


@transaction.atomic
def settle_next(now: dt.datetime) -> bool:
    """Publish or refuse the next that is due. False when there is none."""
    due = ScheduledPublication.objects.waiting().filter(due_at__lte=now)
    scheduled = due.select_for_update(skip_locked=True).order_by("due_at", "pk").first()
    if scheduled is None:
        return False
    record = find_record(scheduled)
    try:
        with transaction.atomic():
            publish_scheduled(scheduled, record)
    except CannotPublish as refusal:
        settle_scheduled(scheduled, ScheduledPublication.State.REFUSED, now, None, "\n".join(refusal.reasons))
        tell_both(scheduled, record, "Not published", ["What was approved no longer holds:", *refusal.reasons])
    except DatabaseError as error:
        log.exception("Scheduled publication %s failed", scheduled.pk)
        settle_scheduled(scheduled, ScheduledPublication.State.REFUSED, now, None, "The database refused it.")
        tell_both(scheduled, record, "Not published", [f"The database refused it: {type(error).__name__}."])
    else:
        settle_scheduled(scheduled, ScheduledPublication.State.PUBLISHED, now, None, "")
        tell_both(scheduled, record, "Published", [scheduled.note] if scheduled.note else [])
    return True


def find_record(scheduled: ScheduledPublication) -> Publishable | None:
    """The record, if it is still there."""
    found: Publishable | None = (
        apps.get_model(scheduled.model)._default_manager.filter(record_id=scheduled.record_id).first()
    )
    return found


def publish_scheduled(scheduled: ScheduledPublication, record: Publishable | None) -> None:
    """Publish exactly what was approved. Raises `CannotPublish` with every reason."""
    approver = User.objects.get(pk=scheduled.approved_by_id)  # as they are now, with the roles they have now
    if record is None:
        raise CannotPublish(["The record was deleted."])
    if not approver.is_active or not approver.has_perm(MAY_PUBLISH):
        raise CannotPublish([f"{approver}, who approved it, may not publish any more."])
    change = ChangeKind(scheduled.change) if scheduled.change else None
    [row] = lock_publishables([record])
    if row.submitted_by_id != scheduled.submitted_by_id and row.state == Publishable.State.IN_REVIEW:
        raise CannotPublish([f"{row} was submitted anew by somebody else since: approve that."])
    if row.state == Publishable.State.IN_REVIEW and plan_publication([row]).digest != scheduled.digest:
        raise CannotPublish([f"{row}, or something that goes along with it, was changed since it was approved."])
    publish_many(records=[row], by=approver, note=scheduled.note, change=change, says_the_same=scheduled.says_the_same)


def settle_scheduled(
    scheduled: ScheduledPublication, state: str, now: dt.datetime, by: User | None, outcome: str
) -> None:
    """Note how it ended."""
    scheduled.state, scheduled.settled_at, scheduled.settled_by, scheduled.outcome = state, now, by, outcome
    scheduled.save(update_fields=["state", "settled_at", "settled_by", "outcome"])


def tell_both(scheduled: ScheduledPublication, record: Publishable | None, deed: str, lines: Sequence[str]) -> None:
    """Tell whoever submitted and whoever approved what became of it."""
    both = User.objects.filter(pk__in=[scheduled.submitted_by_id, scheduled.approved_by_id])
    what = str(record) if record else "a record that was deleted"
    where = [edit_address(record)] if record else []
    told = [f"{deed}: {what}", f"It was to be published on {in_london(scheduled.due_at)}.", *where, "", *lines]
    send_notices(list(select_recipients(both)), "scheduled", f"{deed}: {what}", told)
