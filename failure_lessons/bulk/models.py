"""What somebody handed in and has not confirmed yet. A working paper, no evidence: nobody else sees it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from failure_lessons.constraints import Rule


class Upload(models.Model):
    """A spreadsheet that was handed in: kept until it is confirmed, emptied then, and thrown away when old."""

    class State(models.TextChoices):
        OPEN = "open", "Waits for you"
        DONE = "done", "Done"

    name = models.CharField("file", max_length=200)
    list = models.CharField(max_length=80, help_text="The list it is for, such as literature.reference.")
    read_as = models.CharField(max_length=100, help_text="Excel workbook, or CSV and its character set.")
    rows = models.JSONField(default=dict, help_text="The cells as text, headings first.")
    plan = models.JSONField(default=dict, help_text="What it would change, as it was shown last.")
    decisions = models.JSONField(default=dict, help_text="“sheet” for each conflict that the sheet wins, by row.field.")
    result = models.JSONField(default=dict, help_text="What was done.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)

    class Meta:
        ordering = ["-made_at", "pk"]
        constraints = [
            Rule(condition=Q(state__in=["open", "done"]), name="an_upload_is_open_or_done"),
        ]

    def __str__(self) -> str:
        return self.name
