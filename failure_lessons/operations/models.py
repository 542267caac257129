"""How the site is used, as sums in which nothing leads to a person; and whether cited sources can be reached."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from failure_lessons.constraints import Rule, Unique

LONGEST_SOUGHT = 80  # characters of a search that found nothing; who types more is telling a story


class UseCount(models.Model):
    """How often one thing was done with one record, or with none, on one day."""

    class Deed(models.TextChoices):
        OPENED = "opened", "Opened"  # the page of a record
        TAKEN = "taken", "Taken away"  # a file: chart, table, citation, sources, brief, download
        EMBEDDED = "embedded", "Embedded"  # a picture shown on a page of somebody else
        SEARCHED = "searched", "Searched"
        IN_VAIN = "in-vain", "Searched and not found"

    day = models.DateField()
    deed = models.CharField(max_length=10, choices=Deed.choices)
    kind = models.CharField(max_length=24, blank=True)
    slug = models.CharField("record", max_length=120, blank=True)
    number = models.PositiveBigIntegerField("times")

    class Meta:
        verbose_name = "use"
        verbose_name_plural = "use of the site"
        ordering = ["-day", "deed", "kind", "slug"]
        constraints = [
            Unique("day", "deed", "kind", "slug", name="one_count_for_each_day_deed_and_record"),
            Rule(condition=Q(number__gt=0), name="a_count_is_more_than_nought"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.deed} {self.kind} {self.slug}: {self.number}"


class VainSearch(models.Model):
    """Words that were searched and found nothing, by day. What few asked for is forgotten after a month."""

    words = models.CharField(max_length=LONGEST_SOUGHT)
    day = models.DateField()
    number = models.PositiveBigIntegerField("times")

    class Meta:
        verbose_name = "search that found nothing"
        verbose_name_plural = "searches that found nothing"
        ordering = ["-day", "words"]
        constraints = [Unique("words", "day", name="one_count_for_words_and_day")]

    def __str__(self) -> str:
        return f"{self.words} ({self.day})"


class LogRead(models.Model):
    """How far a log was read. It is known by its first line, whatever name it is given when it is rotated."""

    first_line = models.CharField(max_length=64, unique=True, help_text="Hash of its first line, without the address.")
    read_to = models.PositiveBigIntegerField(default=0, help_text="Bytes of whole lines that were counted.")
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.first_line[:12]} to {self.read_to}"


class CheckedLink(models.Model):
    """The address of a published source, and whether it could be reached when it was last tried."""

    class State(models.TextChoices):
        WAITING = "waiting", "Not tried yet"
        REACHED = "reached", "Reached"
        UNCLEAR = "unclear", "Answers, but not to a program"  # 403, 429, 5xx: says nothing about the source
        FAILED = "failed", "Not reached"

    FAILURES_TO_TELL = 3
    DAYS_TO_TELL = dt.timedelta(days=5)

    url = models.CharField("address", max_length=2000, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.CharField("what came back", max_length=200, blank=True)
    due_at = models.DateTimeField("next try")
    checked_at = models.DateTimeField("last tried", null=True, blank=True)
    reached_at = models.DateTimeField("last reached", null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField("tries that failed since", default=0)
    archived_url = models.CharField("archived copy", max_length=2000, blank=True)

    class Meta:
        verbose_name = "link to a source"
        verbose_name_plural = "links to sources"
        ordering = ["-failures", "due_at", "pk"]
        constraints = [
            Rule(
                condition=Q(failures=0, failing_since=None) | Q(failures__gt=0, failing_since__isnull=False),
                name="a_link_that_fails_says_since_when",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_lost(self) -> bool:
        """Whether readers are told: it failed several times, over more than a few days."""
        if self.failing_since is None or self.checked_at is None:
            return False
        return self.failures >= self.FAILURES_TO_TELL and self.checked_at - self.failing_since >= self.DAYS_TO_TELL
