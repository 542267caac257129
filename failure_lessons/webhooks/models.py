"""Who is told of changes, how far they have been told, and how each try went."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.crypto import salted_hmac

from failure_lessons.constraints import Rule
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.webhooks.addresses import CannotSend, checked_url

SIGNING_SALT = "failure_lessons.webhooks"
ACTIONS = LedgerEntry.Action.values
BOTH_SIGN = dt.timedelta(hours=24)  # after a change of secret


def new_nonce() -> str:
    """Random material for a secret."""
    return secrets.token_hex(32)


def check_url(url: str) -> None:
    """A validator: the reason, in words for the owner, why an address is refused."""
    try:
        checked_url(url)
    except CannotSend as refusal:
        raise ValidationError(str(refusal), code="refused") from None


def check_actions(actions: list[str]) -> None:
    """A validator: only what can happen to a record."""
    if strangers := set(actions) - set(ACTIONS):
        raise ValidationError(f"Nothing that happens: {', '.join(sorted(strangers))}. Use: {', '.join(ACTIONS)}.")


def check_kinds(kinds: list[str]) -> None:
    """A validator: only kinds that exist."""
    if strangers := set(kinds) - set(KINDS):
        raise ValidationError(f"Not a kind: {', '.join(sorted(strangers))}. Kinds are: {', '.join(KINDS)}.")


def secret_from(nonce: str, key: str | bytes) -> str:
    """The secret that this key makes of a nonce."""
    digest = salted_hmac(SIGNING_SALT, nonce, secret=key, algorithm="sha256").digest()
    return f"whsec_{base64.b64encode(digest).decode()}"


def remake_secret(nonce: str, fingerprint: str) -> str:
    """The secret that was given out with this fingerprint; an empty text when no key of ours makes it any more."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        made = secret_from(nonce, key)
        if secrets.compare_digest(fingerprint_of(made), fingerprint):
            return made
    return ""


def fingerprint_of(secret: str) -> str:
    """Tells whether a secret is the one that was given out, without telling the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Named reads."""

    def active(self) -> WebhookQuerySet:
        """Those that are not switched off."""
        return self.filter(disabled_at=None)

    def due(self, now: dt.datetime, head: int) -> WebhookQuerySet:
        """Those to be told something now, oldest debt first: changes up to revision `head`, or what owners asked for.

        What was asked for does not wait until a failing receiver is tried again: it is how an owner tries a repair.
        """
        asked = DeliveryRequest.objects.filter(webhook=OuterRef("pk")).order_by("pk").values("asked_at")[:1]
        rows = self.active().annotate(asked_at=Subquery(asked))
        behind = Q(cursor__lt=head, next_attempt_at__lte=now)
        return rows.filter(behind | Q(asked_at__lte=now)).order_by(Least("next_attempt_at", "asked_at"), "pk")

    def quick(self) -> WebhookQuerySet:
        """Those whose receiver answered quickly the last time, or was never tried."""
        return self.filter(is_slow=False)


class Webhook(models.Model):
    """An address that is told of every change, in the order of the ledger.

    Its secret is stored nowhere: it is made from `nonce` and the site's SECRET_KEY whenever something is signed.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="webhooks")
    description = models.CharField(max_length=200, blank=True, help_text="What it is for.")
    url = models.CharField(
        max_length=500, validators=[check_url], help_text="An https address that takes POST requests from us."
    )
    kinds = ArrayField(
        models.CharField(max_length=24),
        default=list,
        blank=True,
        validators=[check_kinds],
        help_text="Kinds of record to tell about, with commas between, such as recommendation,lesson. Empty: all.",
    )
    actions = ArrayField(
        models.CharField(max_length=10),
        default=list,
        blank=True,
        validators=[check_actions],
        help_text="What to tell of, with commas between, such as published,withdrawn. Empty: everything.",
    )
    nonce = models.CharField(max_length=64, default=new_nonce, editable=False)
    fingerprint = models.CharField(max_length=16, editable=False)
    former_nonce = models.CharField(max_length=64, blank=True, editable=False)  # of the secret before, while both sign
    former_fingerprint = models.CharField(max_length=16, blank=True, editable=False)
    secret_changed_at = models.DateTimeField(null=True, editable=False)
    cursor = models.PositiveBigIntegerField(default=0, editable=False)  # the last revision told of, or passed over
    next_attempt_at = models.DateTimeField(default=timezone.now, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)  # in a row
    failing_since = models.DateTimeField(null=True, editable=False)
    is_slow = models.BooleanField(default=False, editable=False)  # the last answer took long, or never came
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_reason = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            Rule(
                condition=Q(failures=0, failing_since=None) | Q(failures__gt=0, failing_since__isnull=False),
                name="a_failing_webhook_knows_since_when",
            ),
            Rule(
                condition=Q(disabled_at=None, disabled_reason="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_reason="")),
                name="a_disabled_webhook_gives_the_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(disabled_at=None), name="webhook_due"),
        ]

    def __str__(self) -> str:
        return f"webhook {self.pk} to {self.url}"

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def secret(self) -> str:
        """The signing secret. Raises `CannotSend` when SECRET_KEY changed since it was given out."""
        if made := remake_secret(self.nonce, self.fingerprint):
            return made
        raise CannotSend("The site's SECRET_KEY changed since this secret was given out: ask for a new secret.")

    def signing_secrets(self, now: dt.datetime) -> list[str]:
        """The secrets that sign a message: for a day after a change the one before too."""
        if self.former_secret_until is None or now >= self.former_secret_until:
            return [self.secret()]
        former = remake_secret(self.former_nonce, self.former_fingerprint)
        return [self.secret(), *([former] if former else [])]

    @property
    def former_secret_until(self) -> dt.datetime | None:
        """How long the secret before the last change signs too; None when there was no change."""
        return self.secret_changed_at and self.secret_changed_at + BOTH_SIGN

    def message_id(self, revision: int | str) -> str:
        """The same for every try to tell of this revision."""
        return f"msg_{self.uuid.hex}_{revision}"


class DeliveryRequest(models.Model):
    """One message that the owner asked for out of turn: a revision told again, or a test (no revision)."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="requests")
    revision = models.PositiveBigIntegerField(null=True)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"revision {self.revision or 'test'} asked for at {self.asked_at:%Y-%m-%d %H:%M:%S}"

    @property
    def message_id(self) -> str:
        """A revision keeps its name, so that a receiver that has it already can tell; each test has one of its own."""
        return self.webhook.message_id(self.revision or f"test_{self.pk}")


class Attempt(models.Model):
    """One try to tell of one revision, or one test (no revision)."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="attempts")
    revision = models.PositiveBigIntegerField(null=True)
    message_id = models.CharField(max_length=100, blank=True)  # blank: from before names were kept
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)  # of the answer, where there was one
    error = models.CharField(max_length=300, blank=True)  # empty: delivered
    duration = models.DurationField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["at"], name="attempt_at")]

    def __str__(self) -> str:
        return f"revision {self.revision or 'test'} at {self.at:%Y-%m-%d %H:%M:%S}: {self.error or self.status}"
