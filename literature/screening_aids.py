"""What helps a team to screen, beside votes: how the review is screened, and what a screener notes of a record.

Working papers: readers never see them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from failure_lessons.constraints import Rule, Unique


class ScreeningPlan(models.Model):
    """How a review is screened: words to mark, a pilot round, and when votes are shown."""

    class Unblinding(models.TextChoices):
        BOTH = "both", "A record’s votes, as soon as both have voted on it"
        STAGE = "stage", "All votes of a stage, once no record of it waits for a vote"

    review = models.OneToOneField("literature.LiteratureReview", models.CASCADE, related_name="screening_plan")
    words_for = models.TextField(
        "words that speak for a record", blank=True, help_text="One a line. They are marked in titles and abstracts."
    )
    words_against = models.TextField(
        "words that speak against it", blank=True, help_text="One a line. They are marked in another way."
    )
    pilot = models.PositiveIntegerField(
        "records of the pilot round",
        default=0,
        help_text="How many of the first records both screen before all others, to see whether they agree. 0: none.",
    )
    pilot_ended = models.BooleanField(
        "the pilot round has ended", default=False, help_text="Tick it once you have talked about the conflicts."
    )
    unblinding = models.CharField(
        "when votes are shown", max_length=10, choices=Unblinding.choices, default=Unblinding.BOTH
    )
    ranked_from = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [Rule(condition=Q(unblinding__in=["both", "stage"]), name="votes_are_shown_at_a_known_time")]

    def __str__(self) -> str:
        return f"How {self.review_id} is screened"


class ScreeningNote(models.Model):
    """What a screener noted of a record, and how they labelled it. Others see it when they may see the vote."""

    review = models.ForeignKey("literature.LiteratureReview", models.CASCADE, related_name="screening_notes")
    reference = models.ForeignKey("literature.Reference", models.PROTECT, related_name="screening_notes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    labels = models.TextField(blank=True, help_text="One a line.")
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            Unique(fields=["review", "reference", "person"], name="a_person_notes_once_on_a_record"),
            Rule(condition=~Q(labels="", text=""), name="a_note_or_label_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.reference_id}"

    @property
    def label_list(self) -> list[str]:
        """The labels, each once."""
        return list(dict.fromkeys(filter(None, (line.strip() for line in self.labels.splitlines()))))
