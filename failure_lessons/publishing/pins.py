"""Pins: which very editions an edition rests on, and which it is about."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from failure_lessons.constraints import Rule, Unique


class PinMeaning(models.TextChoices):
    """Why an edition names another."""

    RESTS_ON = "rests-on", "Rests on"  # readers of what rests on it are told when it changes
    ABOUT = "about", "Is about"  # it is what the other tells of: its changes leave that as true as it was


class EditionCitationQuerySet(models.QuerySet["EditionCitation"]):
    """Reads over what rests on what."""

    def resting(self) -> EditionCitationQuerySet:
        """Pins by which one rests on the other."""
        return self.filter(meaning=PinMeaning.RESTS_ON)

    def citing_record(self, record_id: uuid.UUID) -> models.QuerySet[EditionCitation, int]:
        """Keys of the editions that rest on any edition of this record."""
        return self.resting().filter(cites__record_id=record_id).values_list("edition_id", flat=True)

    def about_record(self, record_id: uuid.UUID) -> models.QuerySet[EditionCitation, int]:
        """Keys of the editions that tell of any edition of this record without resting on it."""
        told = self.filter(meaning=PinMeaning.ABOUT, cites__record_id=record_id)
        return told.values_list("edition_id", flat=True)


class EditionCitation(models.Model):
    """One edition pins another: the very edition its author had before them."""

    edition = models.ForeignKey("publishing.Edition", models.PROTECT, related_name="citations")
    cites = models.ForeignKey("publishing.Edition", models.PROTECT, related_name="citing")
    meaning = models.CharField(max_length=8, choices=PinMeaning.choices, default=PinMeaning.RESTS_ON)

    objects = EditionCitationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            Unique(fields=["edition", "cites"], name="an_edition_pins_another_once"),
            Rule(condition=~Q(edition=F("cites")), name="no_edition_rests_on_itself"),
        ]
        triggers = [
            pgtrigger.Protect(name="pins_are_never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.get_meaning_display().lower()} {self.cites_id}"
