"""Tokens of partners."""

from __future__ import annotations

import datetime as dt
import ipaddress

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from failure_lessons.constraints import Rule

PARTNERS = "partner"  # the group whose members may have tokens


class Scope(models.TextChoices):
    """What a token may do. Reading what is published needs no token; with `read` it has more quota."""

    READ = "read", "Read with a partner's quota"
    REFERENCES = "write:references", "Send and change references"
    CASES = "write:case-studies", "Send and change case studies"
    FINDINGS = "write:findings", "Send and change findings of one's own case studies and reviews"
    PACKAGES = "write:packages", "Send whole evidence packages"
    WEBHOOKS = "webhooks", "Manage webhooks"


def is_network(text: str) -> None:
    """Refuse what is not a network such as 192.0.2.0/24."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValidationError(f"“{text}” is not a network: write 192.0.2.0/24 or 2001:db8::/32.") from None


class TokenQuerySet(models.QuerySet["Token"]):
    """Named reads."""

    def good(self, now: dt.datetime) -> TokenQuerySet:
        """Tokens that still open something: neither revoked nor expired, of a partner who is still one."""
        return self.filter(
            revoked_at=None,
            expires_at__gt=now,
            partner__is_active=True,
            partner__is_staff=False,
            partner__groups__name=PARTNERS,
        ).distinct()


class Token(models.Model):
    """A secret with which a partner's program shows who it is. Only its hash is kept; it is shown once."""

    partner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100, help_text="What it is for, such as “nightly import at the institute”.")
    prefix = models.CharField(max_length=12, unique=True, editable=False, help_text="Its first, public letters.")
    hashed = models.CharField(max_length=150, editable=False)
    scopes = ArrayField(models.CharField(max_length=24, choices=Scope.choices), help_text="What it may do.")
    networks = ArrayField(
        models.CharField(max_length=43, validators=[is_network]),
        default=list,
        blank=True,
        help_text="Networks from which it is accepted, such as 192.0.2.0/24. None: from everywhere.",
    )
    is_test = models.BooleanField(
        "for trying out",
        default=False,
        help_text="Whatever it writes is checked and answered as always, and nothing of it is kept.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    expires_at = models.DateTimeField("expires", help_text="A year from now unless there is a reason.")
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField("revoked", null=True, blank=True, editable=False)

    text: str  # the secret itself, on the one object that has just been issued: no column keeps it

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            Rule(condition=~Q(scopes=[]), name="a_token_may_do_something"),
            Rule(condition=Q(scopes__contained_by=sorted(Scope.values)), name="a_token_has_known_scopes"),
            Rule(condition=Q(expires_at__gt=F("created_at")), name="a_token_expires_after_it_was_made"),
            Rule(condition=~Q(hashed=""), name="a_token_is_kept_as_a_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
