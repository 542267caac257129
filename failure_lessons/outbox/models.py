"""The messages that wait, and what became of those that did."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

from django.db import models
from django.db.models import Q

from failure_lessons.constraints import Rule

LINK_SALT = "failure_lessons.outbox.link"  # of links whose secret is a signature


def hash_secret(secret: str) -> str:
    """What is kept of the secret in a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


class MessageQuerySet(models.QuerySet["Message"]):
    """Named reads."""

    def due(self, now: dt.datetime) -> MessageQuerySet:
        """Those to be sent now, the one that has waited longest first."""
        return self.filter(state=Message.State.WAITING, due_at__lte=now).order_by("due_at", "pk")

    def holding_secret(self, secret: str) -> MessageQuerySet:
        """The one whose link has this secret."""
        return self.filter(secret_sha256=hash_secret(secret))

    def unsettled(self) -> MessageQuerySet:
        """Those that a person has to look at: nobody knows whether they arrived, or they did not."""
        return self.filter(state__in=[Message.State.UNKNOWN, Message.State.REFUSED, Message.State.BOUNCED])


class Message(models.Model):
    """One mail to one address. It holds no secret: a link that has one is made when the mail is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waits"
        SENDING = "sending", "Is being sent"
        SENT = "sent", "Sent"  # the mail server has taken it
        REFUSED = "refused", "Refused"  # the mail server wants it now and never, or was away for days
        UNKNOWN = "unknown", "Not known"  # it may have been sent: nobody sends it a second time unasked
        BOUNCED = "bounced", "Came back"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="Stands in its Message-ID.")
    purpose = models.SlugField(max_length=40, help_text="What it is for, such as submitted.")
    recipient = models.EmailField()
    context = models.JSONField(help_text="Subject and lines; perhaps the path of a link, with {secret} in it.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, help_text="What went wrong last.")
    secret_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the secret in its link.")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="message_due"),
            models.Index(fields=["secret_sha256"], condition=~Q(secret_sha256=""), name="message_secret"),
        ]
        constraints = [
            Rule(
                condition=Q(state__in=["waiting", "sending"], settled_at=None)
                | (~Q(state__in=["waiting", "sending"]) & Q(settled_at__isnull=False)),
                name="a_settled_message_says_when",
            ),
            Rule(condition=Q(("secret_sha256__regex", "^([0-9a-f]{64})?$")), name="a_link_is_kept_as_a_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.recipient}"
