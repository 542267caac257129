"""The history of the workbench: one row for each row of evidence that was written, by whatever way.

The database itself writes it, so that bulk writes, scripts and SQL typed by hand are recorded like the admin's forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from failure_lessons.history.recording import parts_with_parts

if TYPE_CHECKING:
    from failure_lessons.publishing.models import Record


def row_key(table: str, pk: int) -> str:
    """How a row is named here: `casestudies_event:12`."""
    return f"{table}:{pk}"


TABLE = models.Func(
    models.F("key"), models.Value(":"), models.Value(1), function="split_part", output_field=models.TextField()
)


class ChangeQuerySet(models.QuerySet["Change"]):
    """Named reads."""

    def of(self, record: Record) -> ChangeQuerySet:
        """Every change of a record and of whatever was ever part of it.

        Rows that have parts themselves are asked for, a query a level, two at most; the others, of which there may be
        thousands, are found within the database.
        """
        owners = {row_key(record._meta.db_table, record.pk)}
        edge = owners
        while tables := parts_with_parts({key.partition(":")[0] for key in edge}):
            rows = self.filter(owners__overlap=list(edge)).annotate(of_table=TABLE).filter(of_table__in=tables)
            edge = set(rows.order_by().values_list("key", flat=True).distinct()) - owners
            owners = owners | edge
        known = self.filter(models.Q(key__in=owners) | models.Q(owners__overlap=list(owners)))
        return self.filter(key__in=known.order_by().values("key"))

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
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        help_text="Empty: a script that did not say for whom it works.",
    )
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


class Seal(models.Model):
    """A hash over the changes up to one of them and over the seal before: what was sealed cannot be altered unseen."""

    number = models.PositiveBigIntegerField(primary_key=True)
    up_to = models.PositiveBigIntegerField(unique=True)  # the newest change that it covers
    changes = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["number"]
        triggers = [
            pgtrigger.Protect(name="seals_are_never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"


def version_of(record: Record) -> int:
    """A number that grows with each change to a record or its parts: what an editor had before them."""
    newest = Change.objects.of(record).aggregate(newest=models.Max("pk"))["newest"]
    return int(newest or 0)
