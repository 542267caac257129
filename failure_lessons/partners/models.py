"""Tokens of partners, the drafts that are theirs to change, and the answers to what they sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from failure_lessons.constraints import Unique


class Draft(models.Model):
    """A workbench record that a partner may change by API while it is a draft: it sent it, or an editor assigned it."""

    record_id = models.UUIDField(unique=True, help_text="The record's permanent number.")
    kind = models.CharField(max_length=24, help_text="Such as case-study.")
    slug = models.CharField(max_length=120, help_text="Its key when it was sent or assigned.")
    partner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["partner", "kind", "id"], name="drafts_of_a_partner")]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"


class Sent(models.Model):
    """A request with an `Idempotency-Key` and, once it has run, its answer: kept for a day, so that a repetition gets
    the same answer and does nothing twice."""

    partner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "sent"
        constraints = [Unique(fields=["partner", "key"], name="a_key_of_a_partner_stands_once")]
        indexes = [models.Index(fields=["began_at"], name="sent_by_time")]

    def __str__(self) -> str:
        return f"{self.key} {self.status or 'running'}"
