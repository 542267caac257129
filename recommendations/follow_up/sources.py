"""What others recommended."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from casestudies.models import CaseStudy, Organisation
from failure_lessons.constraints import Rule, exactly_one_set
from failure_lessons.dates import EdtfBoundField, EdtfField
from failure_lessons.publishing.models import Publishable
from failure_lessons.vocabularies.choices import Act, Phase, WordsGiven, list_codes
from literature.models import LiteratureReview


class SourceRecommendation(Publishable):
    """What an inspector, auditor, committee or court recommended in one of the cases or reviews."""

    slug = models.SlugField(max_length=80, unique=True, help_text="Part of the address. Never change it.")
    code = models.CharField(
        max_length=20,
        unique=True,
        help_text="Such as S12. Never change it.",
        validators=[RegexValidator(r"\A[A-Z]+[0-9]+\Z", "Write capitals and a number, such as S12.")],
    )
    case = models.ForeignKey(CaseStudy, models.PROTECT, null=True, blank=True, related_name="source_recommendations")
    review = models.ForeignKey(
        LiteratureReview, models.PROTECT, null=True, blank=True, related_name="source_recommendations"
    )
    act = models.CharField("what it was", max_length=20, choices=Act.choices, default=Act.RECOMMENDATION)
    made_by = models.ForeignKey(Organisation, models.PROTECT, related_name="recommendations_made")
    made_by_role = models.CharField("as", max_length=200, blank=True, help_text="A post, never a name.")
    made_on = EdtfField("made on")
    earliest = EdtfBoundField(source="made_on", bound="earliest")
    number = models.CharField(max_length=20, blank=True, help_text="In the source, where it has one.")
    words = models.CharField(max_length=10, choices=WordsGiven.choices, default=WordsGiven.REPORTED)
    text = models.TextField(help_text="What was asked for.")
    phase = models.CharField(max_length=20, choices=Phase.choices)
    deadline_said = models.CharField(max_length=200, blank=True, help_text="As the source says it.")
    deadline_day = models.DateField(null=True, blank=True, help_text="The day, where the words give one.")
    set_size = models.PositiveIntegerField(
        "how many", null=True, blank=True, help_text="Where several recommendations are taken together."
    )
    set_counts = models.JSONField(
        "outcomes", default=list, blank=True, help_text='Such as [{"label": "met", "count": 12}].'
    )
    set_note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["code", "pk"]
        constraints = [
            Rule(
                condition=exactly_one_set("case", "review"),
                name="a_source_recommendation_stands_in_a_case_or_a_review",
            ),
            Rule(condition=~Q(text="") & ~Q(made_on=""), name="a_source_recommendation_says_what_and_when"),
            Rule(
                condition=Q(act__in=list_codes(Act), words__in=list_codes(WordsGiven), phase__in=list_codes(Phase)),
                name="a_source_recommendation_is_fully_classified",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text[:80]}"
