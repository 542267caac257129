"""The worker: tells each webhook of each change, in the order of the ledger, at least once.

The ledger of revisions is the outbox: it is written in the publishing transaction, and a webhook's cursor says how far
it has been told. A worker holds the webhook's row (`for update skip locked`) while it sends, and moves the cursor in
the same transaction that records the attempt. Killed at any point, it leaves the cursor where it was; the change is
told again, under the same `webhook-id`.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import logging
import random
import threading
import time

import orjson
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from failure_lessons.database.heartbeats import beat
from failure_lessons.outbox.services import queue_message
from failure_lessons.publishing.addresses import api_edition_path
from failure_lessons.publishing.ledger_head import signed_head
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.webhooks.addresses import CannotSend
from failure_lessons.webhooks.models import Attempt, DeliveryRequest, Webhook
from failure_lessons.webhooks.sending import send_post

log = logging.getLogger(__name__)
WAITS = [5, 30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600]  # seconds after each failure in a row; then the last
LONGEST_WAIT = 24 * 3600  # that a receiver may ask for
GIVE_UP = dt.timedelta(days=3)  # of failing without a single success
KEEP = dt.timedelta(days=30)  # attempts older than that are forgotten
SLOW = 2.0  # seconds for an answer, beyond which a receiver is served by some threads only
POLL = 1.0  # seconds between looks at the ledger


def build_payload(revision: LedgerEntry) -> bytes:
    """What is sent: thin, so that the receiver reads the rest where it is always up to date."""
    edition = revision.edition
    body = {
        "type": f"edition.{revision.action}",
        "timestamp": revision.at,
        "data": {
            "revision": revision.number,
            "record": edition.record_id,  # the same for ever, also when its address changes
            "kind": edition.kind,
            "slug": edition.slug,
            "edition": edition.number,
            "sha256": edition.sha256,
            "change": revision.change,
            "ledger": signed_head(revision),
            "url": settings.SITE_URL + api_edition_path(edition.kind, edition.slug, edition.number),
        },
    }
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def build_test(webhook: Webhook, now: dt.datetime) -> bytes:
    """What a test says: nothing happened."""
    body = {"type": "webhook.test", "timestamp": now, "data": {"webhook": webhook.uuid, "url": webhook.url}}
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def sign_message(secret: str, name: str, at: int, body: bytes) -> str:
    """The signature that Standard Webhooks asks for: HMAC-SHA256 of name, second and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def deliver_one(now: dt.datetime | None = None, *, quick_only: bool = False) -> bool:
    """Send the webhook that has waited longest its next message. Returns whether there was anything to do.

    With `quick_only` webhooks with a slow receiver are left to others, so that somebody always has time for the rest.
    """
    moment = now or timezone.now()
    # read before the webhook is: what is published meanwhile is left for the next round
    head = LedgerEntry.objects.head()
    latest = head.number if head else 0
    with transaction.atomic():
        due = Webhook.objects.due(moment, latest)
        due = due.quick() if quick_only else due
        webhook = due.select_for_update(skip_locked=True, of=("self",)).first()
        if webhook is None:
            return False
        asked = webhook.requests.first()
        if asked:
            answer_request(webhook, asked, moment)
            return True
        rows = LedgerEntry.objects.after(webhook.cursor).up_to(latest).with_headlines().order_by("number")
        rows = rows.of_kind(*webhook.kinds) if webhook.kinds else rows
        revision = (rows.filter(action__in=webhook.actions) if webhook.actions else rows).first()
        if revision is None:
            webhook.cursor = latest  # nothing for this one among what is new
            webhook.save(update_fields=["cursor"])
            return True
        attempt_delivery(webhook, revision, moment)
    return True


def answer_request(webhook: Webhook, asked: DeliveryRequest, now: dt.datetime) -> None:
    """Send what the owner asked for: once, whatever comes of it."""
    body = build_test(webhook, now)
    if asked.revision is not None:
        body = build_payload(LedgerEntry.objects.with_headlines().get(number=asked.revision))
    send_message(webhook, asked.message_id, body, asked.revision, now)
    webhook.save(update_fields=["is_slow"])
    asked.delete()


def attempt_delivery(webhook: Webhook, revision: LedgerEntry, now: dt.datetime) -> None:
    """Tell of a revision once; note when to go on."""
    name = webhook.message_id(revision.number)
    attempt, wait = send_message(webhook, name, build_payload(revision), revision.number, now)
    if attempt.error:
        record_failure(webhook, attempt.status, attempt.error, wait, now)
    else:
        webhook.cursor = revision.number
        webhook.failures, webhook.failing_since, webhook.next_attempt_at = 0, None, now
    webhook.save()


def send_message(
    webhook: Webhook, name: str, body: bytes, revision: int | None, now: dt.datetime
) -> tuple[Attempt, str]:
    """Send once, signed. Returns how it went, recorded, and the wait that the receiver asks for."""
    started = time.monotonic()
    status, error, wait = None, "", ""
    at = int(now.timestamp())
    try:
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(at),
            "webhook-signature": " ".join(sign_message(each, name, at, body) for each in webhook.signing_secrets(now)),
        }
        status, wait = send_post(webhook.url, headers, body)
        if not 200 <= status < 300:
            error = f"The answer was {status}" + (", and redirects are not followed." if 300 <= status < 400 else ".")
    except CannotSend as refusal:
        error = str(refusal)[:300]
    except Exception:  # one webhook must not stop the worker for all others
        log.exception("Webhook %s could not be sent %s", webhook.pk, name)
        error = "Something went wrong on our side. It has been logged."
    seconds = time.monotonic() - started
    webhook.is_slow = seconds > SLOW
    attempt = Attempt.objects.create(
        webhook=webhook,
        message_id=name,
        revision=revision,
        at=now,
        status=status,
        error=error,
        duration=dt.timedelta(seconds=seconds),
    )
    return attempt, wait


def record_failure(webhook: Webhook, status: int | None, error: str, wait: str, now: dt.datetime) -> None:
    """Put the next try off, or give up and tell the owner."""
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or now
    webhook.next_attempt_at = now + retry_delay(webhook.failures, wait)
    if status == 410:
        give_up(webhook, "The receiver answered 410: it wants nothing more.", now)
    elif now - webhook.failing_since >= GIVE_UP:
        give_up(webhook, f"Nothing could be delivered for {GIVE_UP.days} days. Last time: {error}", now)


def retry_delay(failures: int, wait: str) -> dt.timedelta:
    """How long to wait after so many failures in a row: ever longer, never quite the same, as asked if asked."""
    seconds = WAITS[min(failures, len(WAITS)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311  # spreads load
    asked = int(wait) if wait.isascii() and wait.isdigit() and len(wait) < 8 else 0
    return dt.timedelta(seconds=max(seconds, min(asked, LONGEST_WAIT)))


def give_up(webhook: Webhook, reason: str, now: dt.datetime) -> None:
    """Switch the webhook off, and write to its owner."""
    webhook.disabled_at, webhook.disabled_reason = now, reason[:300]
    log.warning("Webhook %s of %s was switched off: %s", webhook.pk, webhook.owner, reason)
    if not webhook.owner.email:
        return
    lines = [
        f"Your webhook to {webhook.url} was switched off.",
        "",
        reason,
        "",
        f"It was told of everything up to revision {webhook.cursor}. Once the receiver works again, switch the webhook "
        "on in the workbench: it goes on from there, and nothing is lost.",
        "",
        f"{settings.SITE_URL}/",
        "",
    ]
    queue_message(
        purpose="webhook-off",
        recipient=webhook.owner.email,
        subject=f"{settings.SITE.name}: your webhook was switched off",
        lines=lines,
        now=now,
    )


def delete_old_attempts(now: dt.datetime | None = None) -> int:
    """Forget old attempts. Returns how many."""
    return Attempt.objects.filter(at__lt=(now or timezone.now()) - KEEP).delete()[0]


def run_worker(stop: threading.Event, *, once: bool = False, quick_only: bool = False) -> None:
    """Deliver until `stop` is set; with `once`, until nothing is due any more. For `quick_only` see `deliver_one`."""
    forgotten = 0.0
    try:
        while not stop.is_set():
            beat("deliver_webhooks")
            try:
                if time.monotonic() - forgotten > 3600 or not forgotten:
                    delete_old_attempts()
                    forgotten = time.monotonic()
                busy = deliver_one(quick_only=quick_only)
            except OperationalError:
                log.warning("The database cannot be reached just now; trying again.", exc_info=once)
                connection.close()
                busy = False
                if once:
                    raise
            if busy:
                continue
            if once:
                return
            close_old_connections()
            stop.wait(POLL)
    finally:
        if not once:  # then this is a thread of its own
            connection.close()
