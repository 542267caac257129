"""What is proposed to be taken out of the library by two people: words for reasons of law or privacy, and a package."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from failure_lessons.constraints import Rule


class Redaction(models.Model):
    """Words to be replaced by a mark in everything that was published: proposed by one person, confirmed by another.

    Once it is confirmed, the words themselves are kept nowhere.
    """

    words = ArrayField(models.TextField(), default=list, blank=True)
    reason = models.TextField(help_text="Readers see it. Do not repeat the words.")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            Rule(
                condition=Q(confirmed_by=None) | ~Q(proposed_by=F("confirmed_by")),
                name="redacting_takes_two_people",
            ),
            Rule(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, words=[]),
                name="a_confirmed_redaction_keeps_no_words",
            ),
        ]

    def __str__(self) -> str:
        return f"redaction {self.pk}"


class PackageRemoval(models.Model):
    """A package that was loaded, such as the sample, to be withdrawn: proposed by one person, confirmed by another."""

    records = ArrayField(models.UUIDField(), help_text="Those that were listed to whoever proposed it, and no others.")
    reason = models.TextField(help_text="Readers see it at each address.")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            Rule(
                condition=Q(confirmed_by=None) | ~Q(proposed_by=F("confirmed_by")),
                name="removing_a_package_takes_two_people",
            ),
            Rule(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="a_confirmed_removal_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"removal {self.pk}"
