"""The worker: hands each message to the mail server, at most once.

A message is marked as being sent, and that is certain, before the mail server hears of it. If the worker ends before it
has written down how that went, the mark stays and the next worker says that the outcome is not known. Only what the
mail server certainly did not take is tried again.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from failure_lessons.database.heartbeats import beat
from failure_lessons.outbox.models import LINK_SALT, Message, hash_secret

log = logging.getLogger(__name__)
State = Message.State
WAITS = [60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600]  # seconds after each failure in a row; then the last
GIVE_UP = dt.timedelta(days=3)  # after it was written
KEEP = dt.timedelta(days=90)  # messages that were sent are forgotten then
OUTBOX_LOCK = 7_140_913
POLL = 2.0  # seconds between looks at the outbox


@contextmanager
def hold_outbox() -> Iterator[bool]:
    """Whether this is the only worker. The lock is of a transaction, on a connection of its own: so a pool keeps it."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [OUTBOX_LOCK])
            yield bool(cursor.fetchone()[0])
        other.rollback()
    finally:
        other.close()


def deliver_waiting(now: dt.datetime | None = None) -> int:
    """Send everything that is due. Returns how many were handed over or tried; 0 while another worker is at it."""
    moment = now or timezone.now()
    if not Message.objects.due(moment).exists() and not Message.objects.filter(state=State.SENDING).exists():
        return 0
    with hold_outbox() as alone:
        if not alone:
            return 0
        mark_unknown(moment)
        count = 0
        while deliver_one(moment):
            count += 1
        return count


def mark_unknown(now: dt.datetime) -> None:
    """What a worker left half done may have been sent. Only under the lock."""
    words = "The worker ended while it was being sent."
    Message.objects.filter(state=State.SENDING).update(state=State.UNKNOWN, settled_at=now, error=words)


def deliver_one(now: dt.datetime) -> bool:
    """Send the message that has waited longest. Returns whether there was one."""
    with transaction.atomic():
        message = Message.objects.due(now).select_for_update(skip_locked=True).first()
        if message is None:
            return False
        message.state, message.attempts = State.SENDING, message.attempts + 1
        mail = write_mail(message)
        message.save(update_fields=["state", "attempts", "secret_sha256"])
    state, error = hand_over(mail)
    settle_message(message, state, error, now)
    return True


def write_mail(message: Message) -> EmailMessage:
    """The mail as it leaves, with a new secret in its link; the message keeps the secret's hash."""
    context, link = message.context, ""
    if path := context.get("link"):
        signs = context.get("signs")
        secret = signing.dumps(signs, salt=LINK_SALT, compress=True) if signs else secrets.token_urlsafe(32)
        message.secret_sha256 = hash_secret(secret)
        link = settings.SITE_URL + path.replace("{secret}", secret)
    body = "\n".join(line.replace("{link}", link) if link else line for line in context["lines"])
    headers = {"Message-ID": f"<{message.uid}@{settings.REPOSITORY_DOMAIN}>"}
    if context.get("leaves"):
        headers |= {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(context["subject"], body, None, [message.recipient], headers=headers)


def hand_over(mail: EmailMessage) -> tuple[str, str]:
    """Give a mail to the server. Returns the state it is in now, and what went wrong."""
    server = get_connection()
    try:
        server.open()
    except Exception as error:  # whatever a server does before it has heard of the mail
        return State.WAITING, f"The mail server cannot be used: {error}"
    try:
        server.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as refusal:
        code, said = next(iter(refusal.recipients.values()))
        return state_after(code), f"{code} {decode_answer(said)}"
    except smtplib.SMTPResponseException as refusal:
        return state_after(refusal.smtp_code), f"{refusal.smtp_code} {decode_answer(refusal.smtp_error)}"
    except ValueError as error:  # nothing has left: the mail cannot be written
        return State.REFUSED, f"It cannot be written: {error}"
    except Exception as error:
        return State.UNKNOWN, f"The mail server went away in the middle: {error}"
    finally:
        with suppress(Exception):  # what was taken stays taken
            server.close()
    return State.SENT, ""


def state_after(code: int) -> str:
    """A server that answers 4xx wants to be asked again, one that answers 5xx does not."""
    return State.REFUSED if code >= 500 else State.WAITING


def decode_answer(said: bytes | str) -> str:
    """What a mail server said, as text."""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def settle_message(message: Message, state: str, error: str, now: dt.datetime) -> None:
    """Write down how it went, and when it is tried again."""
    if state == State.WAITING and now - message.created_at >= GIVE_UP:
        state = State.REFUSED
    message.state, message.error = state, error.replace("\0", "")[:300]
    message.settled_at = None if state == State.WAITING else now
    if state == State.WAITING:
        message.due_at = now + dt.timedelta(seconds=WAITS[min(message.attempts, len(WAITS)) - 1])
    message.save(update_fields=["state", "error", "settled_at", "due_at"])
    if error:
        log.warning("Message %s (%s) is %s: %s", message.pk, message.purpose, message.state, message.error)


def delete_old_messages(now: dt.datetime | None = None) -> int:
    """Forget what was sent long ago. Returns how many."""
    return Message.objects.filter(state=State.SENT, settled_at__lt=(now or timezone.now()) - KEEP).delete()[0]


def run_worker(stop: threading.Event) -> None:
    """Deliver until `stop` is set."""
    while not stop.is_set():
        beat("deliver_mail")
        try:
            if deliver_waiting():
                delete_old_messages()
        except OperationalError:
            log.warning("The database cannot be reached just now; trying again.")
            connection.close()
        close_old_connections()
        stop.wait(POLL)
