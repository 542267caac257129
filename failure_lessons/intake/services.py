"""The verbs of messages: take one in, propose what becomes of it, agree, erase a sender, forget what is old."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from failure_lessons.database.state_lease import outwait_leases
from failure_lessons.intake.models import Following, FollowRequest, MessageDecision, PublicMessage, PublicNote
from failure_lessons.outbox.models import Message
from failure_lessons.outbox.services import queue_message
from failure_lessons.publishing.two_people import is_same_person

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

KEEP_SENT = dt.timedelta(days=365)  # after a message was answered; what readers see of it stays
KEEP_UNANSWERED = dt.timedelta(days=3 * 365)
PURPOSES = ("intake-", "following-")  # how the purposes of our mail begin


class CannotDecide(Exception):
    """The message is not decided so; the text says why."""


@transaction.atomic
def propose_decision(
    *, sent: PublicMessage, outcome: str, answer: str, published: str = "", by: User, now: dt.datetime | None = None
) -> MessageDecision:
    """What should become of a message, for another person to agree. Raises `CannotDecide`."""
    row = PublicMessage.objects.select_for_update().get(pk=sent.pk)
    before = MessageDecision.objects.filter(sent=row).first()
    if before and before.agreed_by_id:
        raise CannotDecide("Two people have decided already, and the sender was told.")
    if not answer.strip():
        raise CannotDecide("Write what the sender is told.")
    if published and (reason := reason_against_publishing(row, outcome)):
        raise CannotDecide(reason)
    if row.sort == PublicMessage.Sort.REPLY and published and published.strip() != row.text.strip():
        raise CannotDecide("A reply stands in the body's own words, or not at all. Ask for other words in the answer.")
    values = {"outcome": outcome, "answer": answer.strip(), "published": published.strip(), "by": by}
    made, _ = MessageDecision.objects.update_or_create(sent=row, defaults={**values, "at": now or timezone.now()})
    return made


def reason_against_publishing(sent: PublicMessage, outcome: str) -> str:
    """Why nothing of a message goes to readers; empty when it may."""
    if outcome != MessageDecision.Outcome.ACCEPTED:
        return "What is declined is not published."
    if sent.sort not in (PublicMessage.Sort.USED, PublicMessage.Sort.REPLY):
        return "Readers get notes of use and replies of bodies; an error becomes a correction of the record."
    if not sent.may_publish:
        return "The sender has not agreed that it is published."
    if not sent.about_record or not sent.organisation:
        return "It names no record, or no organisation."
    return ""


@transaction.atomic
def agree_decision(*, sent: PublicMessage, by: User, now: dt.datetime | None = None) -> MessageDecision:
    """A second person agrees: the sender is answered, and readers get what they are to get. Raises `CannotDecide`."""
    moment = now or timezone.now()
    decision = MessageDecision.objects.select_for_update().filter(sent=sent, agreed_by=None).first()
    if decision is None:
        raise CannotDecide("There is nothing to agree to.")
    if is_same_person(by, decision.by_id):
        raise CannotDecide("Somebody else has to agree.")
    decision.agreed_by, decision.agreed_at = by, moment
    decision.save(update_fields=["agreed_by", "agreed_at"])
    row = decision.sent
    if decision.published and row.about_record:
        outwait_leases()
        sort = PublicNote.Sort.REPLY if row.sort == PublicMessage.Sort.REPLY else PublicNote.Sort.USED
        PublicNote.objects.create(
            sent=row,
            sort=sort,
            record_id=row.about_record,
            who=row.organisation,
            use=row.use,
            text=decision.published,
            link=row.link,
            day=timezone.localdate(row.sent_at),
            published_at=moment,
        )
    if row.email:
        lines = [decision.answer, "", f"You wrote on {row.sent_at:%-d %B %Y}:", "", row.text]
        queue_message(
            purpose="intake-answer",
            recipient=row.email,
            subject=f"Your message to {settings.SITE.name}",
            lines=lines,
            now=moment,
        )
    return decision


@transaction.atomic
def erase_sender(*, email: str) -> dict[str, int]:
    """Everything that we hold of somebody who sent in or follows: messages, notes, followings, mail. By table."""
    address = email.strip()
    outwait_leases()
    mail = Message.objects.filter(recipient__iexact=address, purpose__regex=f"^({'|'.join(PURPOSES)})")
    gone: dict[str, int] = {}
    for rows in (
        PublicMessage.objects.filter(email__iexact=address),  # with their decisions and notes
        Following.objects.filter(email__iexact=address),
        FollowRequest.objects.filter(email__iexact=address),
        mail,
    ):
        for name, number in rows.delete()[1].items():
            gone[name] = gone.get(name, 0) + number
    return gone


@transaction.atomic
def forget_old_messages(*, now: dt.datetime | None = None) -> int:
    """Take the sender and the words out of answered messages after a year; delete what was never answered after three.

    What readers see of a message stays beside the record.
    """
    moment = now or timezone.now()
    answered = PublicMessage.objects.filter(decision__agreed_at__lt=moment - KEEP_SENT)
    number = answered.filter(note=None).delete()[0]
    number += answered.exclude(email="", name="").update(email="", name="", text="[forgotten]")
    return number + PublicMessage.objects.filter(decision=None, sent_at__lt=moment - KEEP_UNANSWERED).delete()[0]
