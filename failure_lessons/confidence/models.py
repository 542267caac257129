"""What every GRADE-CERQual assessment holds, whatever it is about."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from failure_lessons.types import JSONObject
from failure_lessons.vocabularies.choices import (
    CerqualLevel,
    ConfidenceLevel,
    list_codes,
)


class CerqualBase(models.Model):
    """A GRADE-CERQual assessment: four components, each a level and a reason, and an overall level chosen by a person.

    Source: Lewin and others (2018), Implementation Science 13(Suppl 1):2. Several raters may assess independently;
    one assessment is the agreed one.
    """

    COMPONENTS = ("methodological_limitations", "coherence", "adequacy", "relevance")

    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty on an agreed assessment.",
    )
    agreed = models.BooleanField(default=False, help_text="The assessment that is published.")
    methodological_limitations = models.CharField(max_length=30, choices=CerqualLevel.choices)
    methodological_limitations_reason = models.TextField()
    coherence = models.CharField(max_length=30, choices=CerqualLevel.choices)
    coherence_reason = models.TextField()
    adequacy = models.CharField(max_length=30, choices=CerqualLevel.choices)
    adequacy_reason = models.TextField()
    relevance = models.CharField(max_length=30, choices=CerqualLevel.choices)
    relevance_reason = models.TextField()
    overall = models.CharField(max_length=10, choices=ConfidenceLevel.choices, help_text="Chosen, never added up.")
    overall_reason = models.TextField(blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="Who wrote down what the raters agreed on.",
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="Who confirmed it: somebody else.",
    )

    verbs_only = "a rating or an agreed confidence, which only the pages of confidence change"  # no undo

    class Meta:
        abstract = True

    def entry(self) -> JSONObject:
        """The assessment in package form."""
        parts = {
            name: {"level": getattr(self, name), "reason": getattr(self, f"{name}_reason")} for name in self.COMPONENTS
        }
        return {**parts, "overall": {"level": self.overall, "reason": self.overall_reason}}


def every_level_has_its_reason() -> Q:
    """A condition: each component has a known level and a reason, and there is an overall level."""
    condition = Q(overall__in=list_codes(ConfidenceLevel))
    for name in CerqualBase.COMPONENTS:
        condition &= Q(**{f"{name}__in": list_codes(CerqualLevel)}) & ~Q(**{f"{name}_reason": ""})
    return condition


def two_people_agree() -> Q:
    """A condition: what is proposed is nobody's own rating, and counts as agreed once somebody else confirms it."""
    open_ = Q(proposed_by__isnull=False, confirmed_by__isnull=True, agreed=False, rater__isnull=True)
    done = Q(proposed_by__isnull=False, confirmed_by__isnull=False, agreed=True, rater__isnull=True)
    return Q(proposed_by__isnull=True, confirmed_by__isnull=True) | open_ | done & ~Q(proposed_by=F("confirmed_by"))
