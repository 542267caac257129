"""The history of the workbench: one row for each row of evidence that was written, by whatever way; and what colleagues
say to each other about a record while it is reviewed.

The database itself writes the history, so that bulk writes, scripts and SQL typed by hand are recorded like the admin's
forms. Comments are no evidence: they have no history and never leave the workbench.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from failure_lessons.constraints import Rule
from failure_lessons.workbench.scheduled_models import (
    ScheduledPublication as ScheduledPublication,  # a table of this app
)
from failure_lessons.workbench.task_models import Task as Task  # another

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User
    from failure_lessons.publishing.models import Record


class CommentQuerySet(models.QuerySet["Comment"]):
    """Named reads."""

    def about(self, *records: Record) -> CommentQuerySet:
        """Comments on these records."""
        return self.filter(record_id__in=[record.record_id for record in records])

    def open(self) -> CommentQuerySet:
        """What still waits to be resolved; a reply is resolved with what it answers."""
        return self.filter(parent=None, resolved_at=None)


class Comment(models.Model):
    """What a colleague says about a record, a place in it or words there, before it is published. Readers never see it.

    A reply stands under what it answers, and has no place of its own.
    """

    record_id = models.UUIDField(db_index=True)
    model = models.CharField(max_length=80, help_text="What kind of record, such as casestudies.casestudy.")
    place = models.CharField(max_length=80, blank=True, help_text="A field or a part. Empty: the whole record.")
    row = models.BigIntegerField(null=True, help_text="Of a part: the number of one row. Empty: the whole part.")
    words = models.CharField(max_length=500, blank=True, help_text="The words there that it is about.")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies", help_text="What it answers.")
    text = models.TextField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            Rule(condition=~models.Q(text=""), name="a_comment_says_something"),
            Rule(condition=~models.Q(place="", row__isnull=False), name="a_comment_on_a_row_says_of_which_part"),
            Rule(
                condition=models.Q(parent=None) | models.Q(place="", row=None, words="", resolved_at=None),
                name="a_reply_has_no_place_of_its_own",
            ),
            Rule(
                condition=models.Q(resolved_at=None, resolved_by=None)
                | models.Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="a_resolved_comment_says_who_resolved_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.place}: {self.text[:60]}"


class KeptWordsQuerySet(models.QuerySet["KeptWords"]):
    """Named reads."""

    def waiting_for(self, person: User) -> KeptWordsQuerySet:
        """What this person has not dealt with yet."""
        return self.filter(author=person, settled_at=None)


class KeptWords(models.Model):
    """What somebody wrote in a field in which somebody else wrote at the same time: theirs stands, this is not lost."""

    record_id = models.UUIDField(db_index=True)
    model = models.CharField(max_length=80, help_text="The form it was written in, such as casestudies.casestudy.")
    row = models.BigIntegerField(help_text="The number of the record or part whose form that is.")
    place = models.CharField(max_length=120, help_text="Where in the form.")
    label = models.CharField(max_length=300, help_text="What that place is called.")
    words = models.TextField(blank=True, help_text="Empty: it was emptied.")
    theirs = models.TextField(blank=True, help_text="What stands there instead.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = KeptWordsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "kept words"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.label}: {self.words[:60]}"
