"""Who does what by when: one table for the records of every kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from failure_lessons.constraints import Rule, Unique
from failure_lessons.publishing.models import Edition

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User
    from failure_lessons.publishing.models import Record

WRITE, REVIEW_WORDS = "write", "review"
ENDED_BY_EDITIONS = (WRITE, REVIEW_WORDS)  # done as soon as readers have what was written and reviewed


class TaskQuerySet(models.QuerySet["Task"]):
    """Named reads."""

    def about(self, records: Collection[Record]) -> TaskQuerySet:
        """Tasks on these records."""
        return self.filter(record_id__in=[record.record_id for record in records])

    def open(self) -> TaskQuerySet:
        """What is still to be done: nobody said it is, and no edition came out of it since it was given.

        The editions are asked, so that it does not matter who published: a person, a set time or a script.
        """
        came_out = Edition.objects.filter(
            record_id=models.OuterRef("record_id"), published_at__gte=models.OuterRef("given_at")
        ).order_by()
        ended = models.Q(job__in=ENDED_BY_EDITIONS) & models.Exists(came_out)
        return self.filter(~ended, done_at=None)

    def given_to(self, people: Collection[User]) -> TaskQuerySet:
        """What these people are to do, what is due first, first."""
        return self.filter(person__in=people).order_by(models.F("due_date").asc(nulls_last=True), "given_at", "pk")


class Task(models.Model):
    """What a colleague is asked to do on a record, perhaps by a day. Readers never see it."""

    record_id = models.UUIDField(db_index=True)
    model = models.CharField(max_length=80, help_text="What kind of record, such as casestudies.casestudy.")
    job = models.SlugField(max_length=40, help_text="What is to be done: the code of a job of this kind of record.")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tasks")
    due_date = models.DateField("by", null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["given_at", "pk"]
        constraints = [
            Rule(
                condition=models.Q(done_at=None, done_by=None) | models.Q(done_at__isnull=False, done_by__isnull=False),
                name="a_finished_task_says_who_finished_it",
            ),
            Unique(
                fields=["record_id", "job", "person"],
                condition=models.Q(done_at=None),
                name="a_task_is_given_to_a_person_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job}: {self.person}"

    def is_late(self, today: dt.date) -> bool:
        """Whether its day has passed."""
        return self.due_date is not None and self.due_date < today
