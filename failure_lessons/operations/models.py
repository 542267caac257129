"""How the site is used, as sums: counted from the access log, and nothing in it leads to a person."""

from __future__ import annotations

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
