"""Calibrated comparisons of cases: conditions and an outcome, what each score means, and the score of each case."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from failure_lessons.constraints import Rule, Unique
from failure_lessons.publishing.models import Publishable


class Comparison(Publishable):
    """A calibrated comparison of cases: conditions and an outcome, each with written anchors (fuzzy-set QCA)."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=300)
    notes = ArrayField(models.TextField(), default=list, blank=True, help_text="Cautions, one a line.")

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class Condition(models.Model):
    """A condition, or the outcome, on which every case is scored from 0 to 1."""

    comparison = models.ForeignKey(Comparison, models.CASCADE, related_name="conditions")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.CharField(
        max_length=40,
        validators=[RegexValidator(r"\A[a-z][a-z0-9_]*\Z", "Lower case with underscores: it names a column in R.")],
    )
    label = models.CharField(max_length=100)
    definition = models.TextField()
    is_outcome = models.BooleanField(default=False)

    class Meta:
        ordering = ["comparison", "is_outcome", "position", "pk"]
        constraints = [
            Unique(fields=["comparison", "key"], name="a_comparison_has_each_condition_once"),
            Unique(fields=["comparison"], condition=Q(is_outcome=True), name="a_comparison_has_one_outcome"),
        ]

    def __str__(self) -> str:
        return self.label


UNIT = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))]


class Anchor(models.Model):
    """What a score means, in words written before scoring."""

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="anchors")
    score = models.DecimalField(max_digits=3, decimal_places=2, validators=UNIT)
    text = models.TextField()

    class Meta:
        ordering = ["condition", "-score"]
        constraints = [
            Unique(fields=["condition", "score"], name="a_score_has_one_anchor"),
            Rule(condition=Q(score__gte=0, score__lte=1), name="an_anchor_lies_between_0_and_1"),
        ]

    def __str__(self) -> str:
        return f"{self.score}: {self.text[:60]}"


class Calibration(models.Model):
    """The score of one case on one condition, why, and the findings it rests on."""

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="calibrations")
    case = models.ForeignKey("casestudies.CaseStudy", models.PROTECT, related_name="calibrations")
    position = models.PositiveSmallIntegerField(default=0)
    score = models.DecimalField(max_digits=3, decimal_places=2, validators=UNIT)
    reason = models.TextField()
    findings = models.ManyToManyField("casestudies.CaseFinding", related_name="calibrations", blank=True)

    class Meta:
        ordering = ["condition", "position", "pk"]
        constraints = [
            Unique(fields=["condition", "case"], name="a_case_is_scored_once_a_condition"),
            Rule(condition=Q(score__gte=0, score__lte=1), name="a_score_lies_between_0_and_1"),
            Rule(condition=~Q(reason=""), name="a_score_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.condition.label.lower()} scored {self.score}"
