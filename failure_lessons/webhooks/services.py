"""What the owner of a webhook can do. Each verb takes who (`by`), runs in one transaction, and refuses by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.webhooks.models import DeliveryRequest, Webhook, fingerprint_of, new_nonce, secret_from

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

MAX_REQUESTS = 20  # that wait for one webhook
SWITCHED_OFF = "Switched off by its owner."


class CannotChangeWebhook(Exception):
    """Refused. `reasons` holds every reason, in sentences for the person who asked; `by_field` those that have one."""

    def __init__(self, reasons: Sequence[str], by_field: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)
        self.by_field = by_field or {}


@transaction.atomic
def create_webhook(
    *,
    owner: User,
    url: str,
    kinds: Sequence[str] = (),
    actions: Sequence[str] = (),
    description: str = "",
    since: int | None = None,
    now: dt.datetime | None = None,
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is shown this once. It tells of what changes after `since` (default: now)."""
    moment = now or timezone.now()
    webhook = Webhook(
        owner=owner,
        url=url,
        kinds=sorted(set(kinds)),
        actions=sorted(set(actions)),
        description=description,
        next_attempt_at=moment,
        created_at=moment,
        cursor=known_revision(since),
    )
    secret = secret_from(webhook.nonce, settings.SECRET_KEY)
    webhook.fingerprint = fingerprint_of(secret)
    try:
        webhook.full_clean()
    except ValidationError as error:
        raise CannotChangeWebhook(error.messages, error.message_dict) from None
    webhook.save()
    return webhook, secret


@transaction.atomic
def change_webhook(
    *,
    webhook: Webhook,
    by: User,
    url: str | None = None,
    kinds: Sequence[str] | None = None,
    actions: Sequence[str] | None = None,
    description: str | None = None,
) -> None:
    """Change what is given; what is left out stays. Holds from the next message on."""
    row = lock_own_webhook(webhook, by)
    given = {"url": url, "kinds": kinds, "actions": actions, "description": description}
    for name, value in given.items():
        if value is not None:
            setattr(row, name, value if isinstance(value, str) else sorted(set(value)))
    try:
        row.full_clean()
    except ValidationError as error:
        raise CannotChangeWebhook(error.messages, error.message_dict) from None
    row.save()
    webhook.refresh_from_db()


@transaction.atomic
def delete_webhook(*, webhook: Webhook, by: User) -> None:
    """Take it away with its log. When this returns, nothing more is sent."""
    lock_own_webhook(webhook, by).delete()


@transaction.atomic
def request_delivery(
    *, webhook: Webhook, by: User, revision: int | None = None, now: dt.datetime | None = None
) -> DeliveryRequest:
    """Tell of one revision again, or send a test, out of turn and once."""
    row = lock_own_webhook(webhook, by)
    if not row.is_active:
        raise CannotChangeWebhook(["It is switched off: enable it first."])
    if row.requests.count() >= MAX_REQUESTS:
        raise CannotChangeWebhook([f"{MAX_REQUESTS} messages wait already. Ask again when they are sent."])
    if revision is not None and not LedgerEntry.objects.filter(number=revision).exists():
        raise CannotChangeWebhook([f"There is no revision {revision}."])
    return DeliveryRequest.objects.create(webhook=row, revision=revision, asked_at=now or timezone.now())


@transaction.atomic
def renew_secret(*, webhook: Webhook, by: User, now: dt.datetime | None = None) -> str:
    """A new secret, shown this once. For a day messages are signed with the one before too, so that none is lost."""
    row = lock_own_webhook(webhook, by)
    row.former_nonce, row.former_fingerprint = row.nonce, row.fingerprint
    row.secret_changed_at = now or timezone.now()
    row.nonce = new_nonce()
    secret = secret_from(row.nonce, settings.SECRET_KEY)
    row.fingerprint = fingerprint_of(secret)
    row.save()
    webhook.refresh_from_db()
    return secret


@transaction.atomic
def replay_changes(*, webhook: Webhook, by: User, since: int, now: dt.datetime | None = None) -> None:
    """Tell again of everything after revision `since`, from the next round on."""
    row = lock_own_webhook(webhook, by)
    row.cursor = known_revision(since)
    row.next_attempt_at = now or timezone.now()
    row.save()
    webhook.refresh_from_db()


@transaction.atomic
def disable_webhook(*, webhook: Webhook, by: User, reason: str = SWITCHED_OFF, now: dt.datetime | None = None) -> None:
    """Stop telling. When this returns, nothing more is sent."""
    row = lock_own_webhook(webhook, by)
    if row.is_active:
        row.disabled_at = now or timezone.now()
        row.disabled_reason = reason.strip()[:300] or SWITCHED_OFF
        row.save()
    webhook.refresh_from_db()


@transaction.atomic
def enable_webhook(*, webhook: Webhook, by: User, now: dt.datetime | None = None) -> None:
    """Go on telling, from where it stopped: what was missed meanwhile comes first."""
    row = lock_own_webhook(webhook, by)
    row.disabled_at = row.failing_since = None
    row.disabled_reason = ""
    row.failures = 0
    row.next_attempt_at = now or timezone.now()
    row.save()
    webhook.refresh_from_db()


def lock_own_webhook(webhook: Webhook, by: User) -> Webhook:
    """The webhook as it is now, held until the transaction ends; only for its owner and for administrators."""
    row = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if by.pk != row.owner_id and not by.is_superuser:
        raise CannotChangeWebhook(["This webhook belongs to somebody else."])
    return row


def known_revision(number: int | None) -> int:
    """The number, if the library has come so far; the newest one for None."""
    head = LedgerEntry.objects.head()
    latest = head.number if head else 0
    if number is None:
        return latest
    if not 0 <= number <= latest:
        raise CannotChangeWebhook([f"Choose a revision from 0 to {latest}."])
    return number
