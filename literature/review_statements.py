"""What a review says, and what that rests on: its findings, its synthesis, and what it looked for and did not find."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from failure_lessons.confidence.models import CerqualBase, every_level_has_its_reason, two_people_agree
from failure_lessons.constraints import Rule, Unique, exactly_one_set
from failure_lessons.vocabularies.choices import Phase, list_codes
from failure_lessons.vocabularies.models import Theme
from literature.statements import CitationBase, FindingBase, LookedForBase


class ReviewFinding(FindingBase):
    """What a literature review found."""

    review = models.ForeignKey("literature.LiteratureReview", models.CASCADE, related_name="findings")
    themes = models.ManyToManyField(Theme, related_name="review_findings", blank=True)

    class Meta:
        ordering = ["review", "position", "pk"]
        constraints = [
            Rule(condition=~Q(statement=""), name="a_review_finding_has_a_statement"),
            Rule(condition=Q(phase__in=list_codes(Phase)), name="a_review_finding_has_a_phase"),
        ]


class ReviewCitation(CitationBase):
    """What a statement of a review rests on: one of its findings, or its synthesis."""

    finding = models.ForeignKey(ReviewFinding, models.CASCADE, null=True, blank=True, related_name="citations")
    synthesis_of = models.ForeignKey(
        "literature.LiteratureReview", models.CASCADE, null=True, blank=True, related_name="synthesis_citations"
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            Rule(
                condition=exactly_one_set("finding", "synthesis_of"),
                name="a_review_citation_belongs_to_one_statement",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id or self.synthesis_of_id} cites {self.reference_id}"


class ReviewLookedFor(LookedForBase):
    """What a review looked for and did not find."""

    review = models.ForeignKey("literature.LiteratureReview", models.CASCADE, related_name="looked_for")

    class Meta(LookedForBase.Meta):
        ordering = ["review", "position", "pk"]
        constraints = [
            Unique(fields=["review", "phase", "theme"], name="a_review_says_once_that_it_looked"),
            Rule(condition=~Q(how=""), name="a_review_says_how_it_looked"),
        ]


class ReviewFindingAssessment(CerqualBase):
    """Confidence in a review finding."""

    finding = models.ForeignKey(ReviewFinding, models.CASCADE, related_name="assessments")

    class Meta:
        constraints = [
            Rule(condition=every_level_has_its_reason(), name="every_level_of_a_review_finding_has_its_reason"),
            Unique(fields=["finding"], condition=Q(agreed=True), name="a_review_finding_has_one_agreed_assessment"),
            Unique(fields=["finding", "rater"], name="a_rater_assesses_a_review_finding_once"),
            Rule(condition=two_people_agree(), name="two_people_agree_on_the_confidence_in_a_review_finding"),
            Unique(
                fields=["finding"],
                condition=Q(proposed_by__isnull=False, agreed=False),
                name="a_review_finding_has_one_proposed_assessment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.get_overall_display()}"
