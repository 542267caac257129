"""The history of the workbench: one row for each row of evidence that was written, by whatever way; and what colleagues
say to each other about a record while it is reviewed.

The database itself writes the history, so that bulk writes, scripts and SQL typed by hand are recorded like the admin's
forms. Comments are no evidence: they have no history and never leave the workbench.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from failure_lessons.rules import Rule

if TYPE_CHECKING:
    from failure_lessons.publishing.models import Record


def key_of(table: str, pk: int) -> str:
    """How a row is named here: `casestudies_event:12`."""
    return f"{table}:{pk}"


class ChangeQuerySet(models.QuerySet["Change"]):
    """Named reads."""

    def of(self, record: Record) -> ChangeQuerySet:
        """Every change of a record and of whatever was ever part of it: one query a level, three at most."""
        known = {key_of(record._meta.db_table, record.pk)}
        edge = set(known)
        while edge:
            found = set(self.filter(owners__overlap=list(edge)).order_by().values_list("key", flat=True).distinct())
            edge = found - known
            known |= found
        return self.filter(key__in=known)

    def since(self, version: int) -> ChangeQuerySet:
        """Those after a version of the record."""
        return self.filter(pk__gt=version)


class Change(models.Model):
    """One row was added, altered or removed.

    `before` and `after` hold the whole row when it was removed or added, and only the columns that differ when it was
    altered. `owners` are the rows that it is part of. Rows of one `transaction` are one edit.
    """

    class Operation(models.TextChoices):
        INSERT = "insert", "Added"
        UPDATE = "update", "Changed"
        DELETE = "delete", "Removed"

    key = models.CharField(max_length=80)
    owners = ArrayField(models.CharField(max_length=80), default=list)
    operation = models.CharField(max_length=6, choices=Operation.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_constraint=False,
        help_text="Empty: a script that did not say for whom it works.",
    )  # fmt: skip
    reason = models.TextField(blank=True)
    transaction = models.BigIntegerField()

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["key"], name="change_key"),
            GinIndex(fields=["owners"], name="change_owners"),
        ]
        triggers = [
            pgtrigger.Protect(name="history_is_never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.operation}"

    @property
    def table(self) -> str:
        return self.key.partition(":")[0]

    @property
    def row(self) -> int:
        return int(self.key.partition(":")[2])


class CommentQuerySet(models.QuerySet["Comment"]):
    """Named reads."""

    def about(self, *records: Record) -> CommentQuerySet:
        """Comments on these records."""
        return self.filter(record_id__in=[record.record_id for record in records])

    def open(self) -> CommentQuerySet:
        """What still waits for an answer."""
        return self.filter(resolved_at=None)


class Comment(models.Model):
    """What a colleague says about a record, or one place in it, before it is published. Readers never see it."""

    record_id = models.UUIDField(db_index=True)
    model = models.CharField(max_length=80, help_text="What kind of record, such as casestudies.casestudy.")
    place = models.CharField(max_length=80, blank=True, help_text="A field or a part. Empty: the whole record.")
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
            Rule(
                condition=models.Q(resolved_at=None, resolved_by=None)
                | models.Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="a_resolved_comment_says_who_resolved_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.place}: {self.text[:60]}"


def version_of(record: Record) -> int:
    """A number that grows with each change to a record or its parts: what an editor had before them."""
    newest = Change.objects.of(record).aggregate(newest=models.Max("pk"))["newest"]
    return int(newest or 0)
