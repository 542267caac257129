"""Who is invited, and what became of that: the side of people. No table here points to an answer."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from failure_lessons.constraints import Rule, Unique

MOST_REMINDERS = 3


class Participant(models.Model):
    """A person who is invited to a round. In an anonymous round the row says nothing of whether they answered."""

    class Standing(models.TextChoices):
        """How far a person has come."""

        INVITED = "invited", "Invited"
        CONSENTED = "consented", "Agreed to take part"
        ANSWERED = "answered", "Finished"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrew"
        BOUNCED = "bounced", "Could not be reached"

    round = models.ForeignKey("consultations.ConsultationRound", models.CASCADE, related_name="participants")
    person = models.UUIDField(default=uuid.uuid4, editable=False, help_text="The same in each round of a series.")
    group = models.ForeignKey("consultations.ReportingGroup", models.PROTECT, related_name="participants")
    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=200, blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.INVITED)
    reminders = models.PositiveSmallIntegerField(default=0)
    links_replaced = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["round", "email", "pk"]
        constraints = [
            Unique("round", Lower("email"), name="a_person_is_invited_to_a_round_once"),
            Unique(fields=["round", "person"], name="a_person_stands_in_a_round_once"),
            Rule(condition=Q(reminders__lte=MOST_REMINDERS), name="nobody_is_reminded_more_than_three_times"),
        ]

    def __str__(self) -> str:
        return self.email


class Invitation(models.Model):
    """A link that was sent to a person. The message in the outbox keeps the hash of its secret; nobody the secret."""

    class Purpose(models.TextChoices):
        """What the link opens."""

        ANSWER = "answer", "Take part"

    participant = models.ForeignKey(Participant, models.CASCADE, related_name="invitations")
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.ANSWER)
    message_uid = models.UUIDField(unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["participant", "created_at", "pk"]
        constraints = [
            Rule(
                condition=Q(expires_at__gt=F("created_at"))
                & Q(expires_at__lte=F("created_at") + models.Value(dt.timedelta(days=90), models.DurationField())),
                name="a_link_expires",
            )
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} until {self.expires_at:%Y-%m-%d}"


class LogLine(models.Model):
    """Who sent, took or erased what, and why: without any of the content."""

    class Act(models.TextChoices):
        """What was done."""

        IMPORTED = "imported", "Took participants in"
        INVITED = "invited", "Sent invitations"
        REMINDED = "reminded", "Sent reminders"
        REPLACED = "replaced", "Sent a new link"
        TAKEN = "taken", "Took answers away as a file"
        HANDED = "handed", "Took out what we hold of a person"
        ERASED = "erased", "Erased a person"
        EXPIRED = "expired", "Erased contacts after the retention"
        MOVED = "moved", "Moved the round on"
        SHOWN = "shown", "Made a note-taker's link"
        VOTED = "voted", "Opened or closed a vote, or counted paper"

    round = models.ForeignKey("consultations.ConsultationRound", models.CASCADE, related_name="log_lines")
    act = models.CharField(max_length=10, choices=Act.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    number = models.PositiveIntegerField(default=0, help_text="Of people or rows.")
    purpose = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["round", "-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_act_display()} ({self.number})"
