"""What people saw when they submitted: the pins by which a second person publishes exactly these words."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from failure_lessons.constraints import Rule
from failure_lessons.publishing.change_kinds import ChangeKind

if TYPE_CHECKING:
    from failure_lessons.publishing.models import Publishable


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Named reads."""

    def standing_for(self, records: Iterable[Publishable]) -> dict[uuid.UUID, Submission]:
        """For each of these records that is in review, by `record_id`, the submission that put it there. One query."""
        waiting = {
            (each.submitted_by_id, each.submitted_at, each.record_id): each.record_id
            for each in records
            if each.state == each.State.IN_REVIEW and each.submitted_at
        }
        if not waiting:
            return {}
        found = self.filter(
            by__in={by for by, _, _ in waiting},
            at__in={at for _, at, _ in waiting},
            records__overlap=list(waiting.values()),
        )
        return {
            waiting[key]: submission
            for submission in found.select_related("by").order_by("pk")
            for record_id in submission.records
            if (key := (submission.by_id, submission.at, record_id)) in waiting
        }


class Submission(models.Model):
    """One person handed these records over for review, and saw these words. Kept for ever, as the ledger is.

    `words` holds, for each record that would be published along (the records themselves, their parts and companions),
    the hash of everything that readers would get of it, by `record_id`. `change` is what kind of change they called it.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at: models.DateTimeField[dt.datetime, dt.datetime] = models.DateTimeField()
    records = ArrayField(models.UUIDField())
    change = models.CharField(max_length=20, choices=ChangeKind.choices, blank=True)
    words: models.JSONField[Mapping[str, str], Mapping[str, str]] = models.JSONField()

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [Rule(condition=~models.Q(records=[]), name="a_submission_names_its_records")]
        indexes = [GinIndex(fields=["records"], name="submission_records")]
        triggers = [
            pgtrigger.Protect(name="submissions_are_never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"submission {self.pk} of {len(self.records)} records"

    def covers(self, record_id: uuid.UUID, sha256: str) -> bool:
        """Whether whoever submitted saw these words of this record."""
        return self.words.get(str(record_id)) == sha256


def hash_words(texts: Sequence[str]) -> str:
    """One hash of several texts, which cannot be confused with other texts at other places."""
    digest = hashlib.sha256()
    for text in texts:
        part = text.encode()
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()
