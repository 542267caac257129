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
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from failure_lessons.constraints import Rule
from failure_lessons.publishing.registry import KINDS
from failure_lessons.webhooks.addresses import CannotSend, checked_url

SIGNING_SALT = "failure_lessons.webhooks"


def new_nonce() -> str:
    """Random material for a secret."""
    return secrets.token_hex(32)


def check_url(url: str) -> None:
    """A validator: the reason, in words for the owner, why an address is refused."""
    try:
        checked_url(url)
    except CannotSend as refusal:
        raise ValidationError(str(refusal), code="refused") from None


def check_kinds(kinds: list[str]) -> None:
    """A validator: only kinds that exist."""
    if strangers := set(kinds) - set(KINDS):
        raise ValidationError(f"Not a kind: {', '.join(sorted(strangers))}. Kinds are: {', '.join(KINDS)}.")


def secret_from(nonce: str, key: str | bytes) -> str:
    """The secret that this key makes of a nonce."""
    digest = salted_hmac(SIGNING_SALT, nonce, secret=key, algorithm="sha256").digest()
    return f"whsec_{base64.b64encode(digest).decode()}"


def fingerprint_of(secret: str) -> str:
    """Tells whether a secret is the one that was given out, without telling the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Named reads."""

    def active(self) -> WebhookQuerySet:
        """Those that are not switched off."""
        return self.filter(disabled_at=None)

    def due(self, now: dt.datetime, head: int) -> WebhookQuerySet:
        """Those that have not been told everything up to revision `head` and may be tried now, oldest debt first."""
        return self.active().filter(cursor__lt=head, next_attempt_at__lte=now).order_by("next_attempt_at", "pk")


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
    nonce = models.CharField(max_length=64, default=new_nonce, editable=False)
    fingerprint = models.CharField(max_length=16, editable=False)
    cursor = models.PositiveBigIntegerField(default=0, editable=False)  # the last revision told of, or passed over
    next_attempt_at = models.DateTimeField(default=timezone.now, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)  # in a row
    failing_since = models.DateTimeField(null=True, editable=False)
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
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            made = secret_from(self.nonce, key)
            if secrets.compare_digest(fingerprint_of(made), self.fingerprint):
                return made
        raise CannotSend("The site's SECRET_KEY changed since this secret was given out: ask for a new secret.")

    def message_id(self, revision: int) -> str:
        """The same for every try to tell of this revision."""
        return f"msg_{self.uuid.hex}_{revision}"


class Attempt(models.Model):
    """One try to tell of one change."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="attempts")
    revision = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)  # of the answer, where there was one
    error = models.CharField(max_length=300, blank=True)  # empty: delivered
    duration = models.DurationField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["at"], name="attempt_at")]

    def __str__(self) -> str:
        return f"revision {self.revision} at {self.at:%Y-%m-%d %H:%M:%S}: {self.error or self.status}"
