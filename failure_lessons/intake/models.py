"""Messages from the public, what two people decided of each, what readers get of it, and who follows what by mail.

The process that takes messages in may only add rows to `PublicMessage` and `FollowRequest`: their keys are made here,
so that nothing has to be read back. Everything else is written by the workbench and by the worker.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from failure_lessons.constraints import Rule, Unique

LONGEST_MESSAGE = 4000  # characters of a message


class PublicMessage(models.Model):
    """One message that somebody sent in by the form at `/contact/`."""

    class Sort(models.TextChoices):
        ERROR = "error", "Something is wrong"
        BARRIER = "barrier", "Something cannot be used"  # by a screen reader, a keyboard, a phone …
        USED = "used", "We used this"
        REPLY = "reply", "Right of reply"  # of a body that is named
        TOKEN = "token", "A partner's token"

    class Use(models.TextChoices):
        BOARD_PAPER = "board-paper", "A board paper"
        POLICY = "policy", "A policy"
        TRAINING = "training", "A training"
        OTHER = "other", "Something else"

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sort = models.CharField(max_length=10, choices=Sort.choices)
    about_kind = models.CharField(max_length=24, blank=True, help_text="The kind of the record it is about.")
    about_slug = models.CharField(max_length=120, blank=True)
    about_record = models.UUIDField(null=True, blank=True)
    about_number = models.PositiveIntegerField(null=True, blank=True, help_text="The edition that was read.")
    text = models.TextField(max_length=LONGEST_MESSAGE)
    use = models.CharField(max_length=12, choices=Use.choices, blank=True)
    link = models.URLField(max_length=500, blank=True)
    name = models.CharField(max_length=200, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    may_publish = models.BooleanField(default=False, help_text="Whether the sender agrees that readers see it.")
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "messages sent in"
        verbose_name = "message sent in"
        ordering = ["sent_at", "uid"]
        permissions = [("moderate_message", "Can decide what becomes of messages sent in")]
        constraints = [
            Rule(condition=~Q(text=""), name="a_message_has_words"),
            Rule(
                condition=Q(about_kind="", about_slug="", about_record=None)
                | ~Q(about_kind="") & ~Q(about_slug="") & Q(about_record__isnull=False),
                name="a_message_names_its_record_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_sort_display()}, {self.sent_at:%-d %B %Y}"


class MessageDecision(models.Model):
    """What becomes of a message: proposed by one person, agreed by another, and then answered and done."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"

    sent = models.OneToOneField(PublicMessage, models.CASCADE, primary_key=True, related_name="decision")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    answer = models.TextField(max_length=LONGEST_MESSAGE, help_text="What the sender is told, by mail.")
    published = models.TextField(
        max_length=LONGEST_MESSAGE, blank=True, help_text="The words that readers get beside the record, if any."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            Rule(condition=Q(agreed_by=None) | ~Q(agreed_by=F("by")), name="two_people_decide_on_a_message"),
            Rule(
                condition=Q(agreed_by=None, agreed_at=None) | Q(agreed_by__isnull=False, agreed_at__isnull=False),
                name="an_agreement_says_when",
            ),
            Rule(condition=~Q(answer=""), name="a_decision_answers_the_sender"),
            Rule(condition=Q(outcome="accepted") | Q(published=""), name="what_is_declined_is_not_published"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.sent_id}"


class PublicNote(models.Model):
    """What readers get of a message, beside the record: that something was used, or a body's own words."""

    class Sort(models.TextChoices):
        USED = "used", "Used"
        REPLY = "reply", "Reply"

    sent = models.OneToOneField(PublicMessage, models.CASCADE, primary_key=True, related_name="note")
    sort = models.CharField(max_length=10, choices=Sort.choices)
    record_id = models.UUIDField(db_index=True)
    who = models.CharField(max_length=200)
    use = models.CharField(max_length=12, choices=PublicMessage.Use.choices, blank=True)
    text = models.TextField(max_length=LONGEST_MESSAGE)
    link = models.URLField(max_length=500, blank=True)
    day = models.DateField(help_text="When it was sent in.")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["day", "sent_id"]
        constraints = [
            Rule(condition=~Q(text="") & ~Q(who=""), name="a_note_has_words_and_says_whose_they_are"),
        ]

    def __str__(self) -> str:
        return f"{self.get_sort_display()}: {self.who}, {self.day}"


class HowOften(models.TextChoices):
    AT_ONCE = "at-once", "At once"
    DAILY = "daily", "Once a day"
    WEEKLY = "weekly", "Once a week"


class FollowRequest(models.Model):
    """What somebody asked of following by mail; the worker does it and deletes this."""

    class Act(models.TextChoices):
        FOLLOW = "follow", "Follow"
        CONFIRM = "confirm", "Confirm"
        LEAVE = "leave", "Leave"

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    act = models.CharField(max_length=8, choices=Act.choices)
    following = models.UUIDField(null=True)  # which one, of what is confirmed or left
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=1000, blank=True)  # on this site: of what is followed
    how_often = models.CharField(max_length=8, choices=HowOften.choices, blank=True)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["sent_at", "uid"]

    def __str__(self) -> str:
        return f"{self.act} {self.uid}"


class FollowingQuerySet(models.QuerySet["Following"]):
    """Named reads."""

    def confirmed(self) -> FollowingQuerySet:
        """Those whose owner said that the address is theirs."""
        return self.filter(confirmed_at__isnull=False)

    def behind(self, revision: int, day: dt.date) -> FollowingQuerySet:
        """Confirmed ones that have not been told of the library up to this revision and this day in London."""
        return self.confirmed().filter(Q(seen_revision__lt=revision) | Q(seen_day__lt=day))

    def stale(self, moment: dt.datetime) -> FollowingQuerySet:
        """Those that nobody confirmed by this moment."""
        return self.filter(confirmed_at=None, asked_at__lt=moment)


class Following(models.Model):
    """That somebody is told by mail what changes in a record, a body's dossiers, a filtered list or a search."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField()
    address = models.CharField(max_length=1000)
    record = models.UUIDField(null=True, help_text="The record that is followed, wherever it moves.")
    title = models.CharField(max_length=300)
    how_often = models.CharField(max_length=8, choices=HowOften.choices)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    seen_revision = models.PositiveBigIntegerField(default=0)
    seen_day = models.DateField(default=timezone.localdate)  # in London: answers that fell due before it were told of
    told_at = models.DateTimeField()

    objects = FollowingQuerySet.as_manager()

    class Meta:
        ordering = ["uid"]
        constraints = [Unique(fields=["email", "address"], name="somebody_follows_a_thing_once")]
        indexes = [models.Index(fields=["seen_revision"], name="following_seen")]

    def __str__(self) -> str:
        return f"{self.title}, {self.get_how_often_display().lower()}"
