"""The verbs of the outbox: write a message, send one again, note that one came back."""

from __future__ import annotations

import datetime as dt
import email.policy
import re
import uuid
from collections.abc import Sequence
from email import message_from_bytes
from typing import Required, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from failure_lessons.outbox.models import Message
from failure_lessons.types import JSONObject

LONGEST_SUBJECT = 160
DAILY_HOUR = 7  # the hour, in London, at which the mail of the day leaves
OUR_MESSAGE_ID = re.compile(rb"Message-ID:\s*<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)


class CannotSendAgain(Exception):
    """The message is not sent again; the message of this says why."""


class NotOurBounce(Exception):
    """No message of ours is named in what came back."""


class MessageWords(TypedDict, total=False):
    """What a message is made of; see `write_message`."""

    purpose: Required[str]
    recipient: Required[str]
    subject: Required[str]
    lines: Required[Sequence[str]]
    link: str
    signs: Sequence[str]
    leaves: bool
    now: dt.datetime | None


def write_message(
    *,
    purpose: str,
    recipient: str,
    subject: str,
    lines: Sequence[str],
    link: str = "",
    signs: Sequence[str] = (),
    leaves: bool = False,
    now: dt.datetime | None = None,
) -> Message:
    """A message that is not queued yet.

    `link` is a path with `{secret}` in it. The secret is made when the mail is sent and stands in it where a line
    says `{link}`; we keep its hash. With `signs` it is these words signed, and holds for as long as whoever reads it
    says. With `leaves` the link is the one by which mail programs unsubscribe (RFC 8058).
    """
    now = now or timezone.now()
    context: JSONObject = {
        "subject": " ".join(subject.split())[:LONGEST_SUBJECT],
        "lines": [line.replace("\0", "") for line in lines],
    }
    if link:
        context |= {"link": link, "signs": list(signs), "leaves": leaves}
    return Message(purpose=purpose, recipient=recipient, context=context, created_at=now, due_at=now)


def queue_message(**told: Unpack[MessageWords]) -> Message:
    """Write a message, to be sent once the transaction that causes it has come to its good end."""
    message = write_message(**told)
    message.save(force_insert=True)
    return message


@transaction.atomic
def queue_for_the_day(
    *,
    purpose: str,
    recipient: str,
    subject: str,
    lines: Sequence[str],
    footer: Sequence[str] = (),
    now: dt.datetime | None = None,
) -> Message:
    """Put something into the one mail that somebody gets each morning: into the one that waits, or into a new one.

    `footer` stands at its end, once. The worker holds a row that it sends, so what comes too late begins the next.
    """
    now = now or timezone.now()
    item: JSONObject = {"subject": " ".join(subject.split())[:LONGEST_SUBJECT], "lines": list(lines)}
    waiting = Message.objects.select_for_update().filter(
        purpose=purpose, recipient=recipient, state=Message.State.WAITING, attempts=0, due_at__gt=now
    )
    message = waiting.order_by("pk").first()
    items = [*(message.context["items"] if message else []), item]
    told = [
        f"{number}. {each['subject']}\n\n" + "\n".join(each["lines"]) + "\n" for number, each in enumerate(items, 1)
    ]
    context: JSONObject = {
        "subject": items[0]["subject"] if len(items) == 1 else f"{len(items)} notices from the workbench",
        "lines": [line.replace("\0", "") for line in (items[0]["lines"] if len(items) == 1 else told)] + list(footer),
        "items": items,
    }
    if message is None:
        return Message.objects.create(
            purpose=purpose, recipient=recipient, context=context, created_at=now, due_at=next_morning(now)
        )
    message.context = context
    message.save(update_fields=["context"])
    return message


def next_morning(now: dt.datetime) -> dt.datetime:
    """The next time at which the mail of the day leaves."""
    morning = timezone.localtime(now).replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return morning if morning > now else morning + dt.timedelta(days=1)


@transaction.atomic
def send_again(*, message: Message, now: dt.datetime | None = None) -> None:
    """A person has decided that a message goes out once more. Raises `CannotSendAgain`."""
    now = now or timezone.now()
    chosen = Message.objects.unsettled().filter(pk=message.pk)
    if not chosen.update(state=Message.State.WAITING, attempts=0, due_at=now, settled_at=None):
        raise CannotSendAgain(f"“{message}” waits or was sent.")


@transaction.atomic
def record_bounce(*, raw: bytes, now: dt.datetime | None = None) -> Message:
    """Note that a message came back, as the mail `raw` says, which quotes it. Raises `NotOurBounce`."""
    named = OUR_MESSAGE_ID.findall(raw)
    message = Message.objects.filter(uid__in=[uuid.UUID(each.decode()) for each in named]).first()
    if message is None:
        raise NotOurBounce("This mail quotes none of ours.")
    message.state, message.settled_at = Message.State.BOUNCED, now or timezone.now()
    message.error = (find_diagnosis(raw) or "It came back without a reason.")[:300]
    message.save(update_fields=["state", "settled_at", "error"])
    return message


def find_diagnosis(raw: bytes) -> str:
    """What the other mail server said (RFC 3464), or an empty text."""
    for part in message_from_bytes(raw, policy=email.policy.compat32).walk():
        if part["Diagnostic-Code"] or part["Status"]:
            return " ".join(str(part["Diagnostic-Code"] or part["Status"]).replace("\0", "").split())
    return ""
