"""What is to be published at a set time."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

from failure_lessons.constraints import Rule, Unique
from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.models import LedgerEntry

if TYPE_CHECKING:
    from failure_lessons.publishing.models import Publishable


def in_london(moment: dt.datetime) -> str:
    """A moment as the people of the workbench read it."""
    return f"{timezone.localtime(moment):%d %B %Y, %H:%M %Z}"


class ScheduledPublicationQuerySet(models.QuerySet["ScheduledPublication"]):
    """Named reads."""

    def waiting(self) -> ScheduledPublicationQuerySet:
        """What is still to come."""
        return self.filter(state=ScheduledPublication.State.WAITING)

    def waiting_for(self, records: Iterable[Publishable]) -> dict[uuid.UUID, ScheduledPublication]:
        """What is to come for these records, by `record_id`. One query."""
        found = self.waiting().filter(record_id__in=[record.record_id for record in records])
        return {each.record_id: each for each in found.select_related("approved_by")}


class ScheduledPublication(models.Model):
    """A second person has approved these words of a record in review, to be published at a set time.

    `digest` is the hash of all words that they approved, with what goes along. Readers see nothing of this.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        PUBLISHED = "published", "Published"
        REFUSED = "refused", "Refused"  # something had changed when the time came: `outcome` says what
        CANCELLED = "cancelled", "Cancelled"

    record_id = models.UUIDField()
    model = models.CharField(max_length=80)
    due_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    action = models.CharField(max_length=10, choices=LedgerEntry.Action.choices)
    change = models.CharField(max_length=20, choices=ChangeKind.choices, blank=True)
    says_the_same = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)

    objects = ScheduledPublicationQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            Unique(
                fields=["record_id"],
                condition=models.Q(state="waiting"),
                name="a_record_is_scheduled_once_at_a_time",
            ),
            Rule(condition=~models.Q(submitted_by=models.F("approved_by")), name="scheduling_takes_two_people"),
            Rule(
                condition=models.Q(state="waiting", settled_at=None)
                | ~models.Q(state="waiting") & models.Q(settled_at__isnull=False),
                name="what_is_settled_says_when",
            ),
        ]

    @property
    def sentence(self) -> str:
        """When it is published, and by whose approval."""
        return f"It is published on {in_london(self.due_at)}, as {self.approved_by} approved."

    def __str__(self) -> str:
        return f"{self.model} {self.record_id} at {self.due_at:%Y-%m-%d %H:%M} UTC"
