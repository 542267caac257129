"""Which workers live: each writes down, every few seconds, that it went round once more."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """The newest sign of life of a worker, by the name of its command."""

    worker = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()
    every = models.PositiveIntegerField(help_text="Seconds within which the next one is due.")

    def __str__(self) -> str:
        return f"{self.worker} at {self.beat_at}"
