"""People who work in the repository: accounts, how they sign in, and the links by which they choose a password."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from failure_lessons.constraints import Rule

if TYPE_CHECKING:
    from failure_lessons.outbox.models import Message


class User(AbstractUser):
    """Somebody who signs in to the workbench."""

    class Notices(models.TextChoices):
        AT_ONCE = "at-once", "At once"
        DAILY = "daily", "Once a day, in one mail"
        NONE = "none", "Never"

    notices = models.CharField(
        "e-mail notices",
        max_length=10,
        choices=Notices.choices,
        default=Notices.AT_ONCE,
        help_text="Be told by e-mail of your tasks, comments, what waits for review, and what became of your work.",
    )
    invited_by = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    vouched_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text="Who beside the inviter knows whose account it is; until then the inviter counts as that person.",
    )
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="predecessors",
        help_text="Who has taken over what somebody who left had under way.",
    )
    sessions_ended_at = models.DateTimeField(null=True, editable=False, help_text="Sessions begun before are over.")
    erased_at = models.DateTimeField(null=True, editable=False, help_text="When the name, address and all else went.")

    class Meta(AbstractUser.Meta):
        permissions = [("manage_people", "Can invite people, give roles and end accounts")]
        constraints = [
            Rule(condition=~Q(vouched_by=F("invited_by")), name="who_invited_somebody_does_not_vouch_for_them"),
            Rule(condition=~Q(successor=F("id")), name="nobody_succeeds_themselves"),
            Rule(condition=Q(erased_at=None) | Q(email="", is_active=False), name="who_was_erased_signs_in_nowhere"),
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What every session carries: it ends with the password, and when somebody ends all sessions."""
        words = f"{self.password} {self.sessions_ended_at.isoformat() if self.sessions_ended_at else ''}"
        return salted_hmac("failure_lessons.accounts.session", words, secret=secret, algorithm="sha256").hexdigest()


class SignIn(models.Model):
    """A sign-in or an attempt at one: whose account, when, from where and how it ended. Kept for a limited time."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", "Signed in"
        FAILED = "failed", "Wrong password or code"
        REFUSED = "refused", "Too many attempts"  # the password was not looked at

    class Way(models.TextChoices):
        PASSWORD = "password", "Password"
        LINK = "link", "Link in a mail"
        FACTOR = "factor", "Password and second factor"
        PASSKEY = "passkey", "Passkey"
        PROVIDER = "provider", "Single sign-on"

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sign_ins", help_text="None: no such account."
    )
    at = models.DateTimeField()
    address = models.GenericIPAddressField()
    browser = models.CharField(max_length=200, blank=True)
    way = models.CharField(max_length=10, choices=Way.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["account", "-at"], name="sign_in_of_account")]

    def __str__(self) -> str:
        return f"{self.account or 'nobody'} from {self.address} on {self.at:%Y-%m-%d %H:%M}: {self.outcome}"


class PasswordLinkQuerySet(models.QuerySet["PasswordLink"]):
    """Named reads."""

    def open(self, now: dt.datetime) -> PasswordLinkQuerySet:
        """Those that still open something: neither used nor expired, of an account that may sign in."""
        return self.filter(used_at=None, expires_at__gt=now, account__is_active=True, account__is_staff=True)

    def sent_in(self, messages: models.QuerySet[Message]) -> PasswordLinkQuerySet:
        """Those whose mail is one of these."""
        return self.filter(message__in=messages)


class PasswordLink(models.Model):
    """A link in a mail by which somebody chooses a password, once. Of its secret the outbox keeps the hash alone."""

    class Purpose(models.TextChoices):
        INVITED = "invited", "Invitation"
        FORGOTTEN = "forgotten", "Forgotten password"

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="password_links")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    message = models.OneToOneField("outbox.Message", models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = PasswordLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} for {self.account}"


class Limit(models.Model):
    """How often something was tried: the table of Django's database cache, which several processes share."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_limit"

    def __str__(self) -> str:
        return self.cache_key
