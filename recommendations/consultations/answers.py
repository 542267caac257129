"""What was answered: the side of answers. Only in a named round does it point to a person; it holds days, no times."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from failure_lessons.constraints import Rule, Unique
from failure_lessons.publishing.models import Edition
from recommendations.consultations.people import Participant

LONGEST_WORDS = 4000


class Answerer(models.Model):
    """Whoever gives answers, under a pseudonym that only the software, or only the link, can work out."""

    round = models.ForeignKey("consultations.ConsultationRound", models.CASCADE, related_name="answerers")
    group = models.ForeignKey("consultations.ReportingGroup", models.PROTECT, related_name="answerers")
    pseudonym = models.CharField(max_length=64)
    participant = models.OneToOneField(
        Participant, models.CASCADE, null=True, related_name="answerer", help_text="In a named round alone."
    )
    notice_version = models.PositiveSmallIntegerField(default=0, help_text="The notice agreed to; 0 before.")
    consented_on = models.DateField(null=True)
    gave_own_view = models.BooleanField(default=False, help_text="Was asked for a view before others' wording.")
    finished_on = models.DateField(null=True)

    class Meta:
        ordering = ["round", "pseudonym"]
        constraints = [
            Unique(fields=["round", "pseudonym"], name="an_answerer_belongs_to_one_reporting_group"),
            Rule(condition=Q(notice_version=0) | Q(consented_on__isnull=False), name="consent_has_a_day"),
        ]

    def __str__(self) -> str:
        return self.pseudonym[:8]


class Conflict(models.Model):
    """An interest that an answerer declares in a statement: what they rate there is not counted."""

    answerer = models.ForeignKey(Answerer, models.CASCADE, related_name="conflicts")
    statement = models.ForeignKey("consultations.Statement", models.CASCADE, related_name="conflicts")

    class Meta:
        ordering = ["answerer", "statement"]
        constraints = [Unique(fields=["answerer", "statement"], name="a_conflict_is_declared_once")]

    def __str__(self) -> str:
        return f"{self.answerer_id} in {self.statement_id}"


class Rating(models.Model):
    """An answer to one question about one statement."""

    answerer = models.ForeignKey(Answerer, models.CASCADE, related_name="ratings")
    statement = models.ForeignKey("consultations.Statement", models.CASCADE, related_name="ratings")
    question = models.ForeignKey("consultations.Question", models.CASCADE, related_name="ratings")
    value = models.PositiveSmallIntegerField(null=True, help_text="1 to 9.")
    choice = models.CharField(max_length=200, blank=True)
    cannot_judge = models.BooleanField(default=False)
    is_counted = models.BooleanField(default=True, help_text="Not where one cannot judge, or has an interest.")
    reason = models.TextField(blank=True, max_length=500, help_text="Why it lies in another band than before.")
    version = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["answerer", "statement", "question"]
        constraints = [
            Unique(fields=["statement", "question", "answerer"], name="a_question_is_answered_once_by_an_answerer"),
            Rule(condition=Q(value=None) | Q(value__range=(1, 9)), name="an_answer_lies_on_its_scale"),
            Rule(
                condition=Q(value__isnull=False, choice="", cannot_judge=False)
                | Q(value=None, cannot_judge=False) & ~Q(choice="")
                | Q(value=None, choice="", cannot_judge=True),
                name="an_answer_says_one_thing",
            ),
            Rule(condition=Q(is_counted=False) | Q(cannot_judge=False), name="who_cannot_judge_is_not_counted"),
        ]

    def __str__(self) -> str:
        return str(self.value or self.choice or "cannot judge")


class Submitted(models.Model):
    """Words of a participant: a view of their own, a comment on a statement, or a proposal. Two people read them."""

    class Form(models.TextChoices):
        """What the words are."""

        OWN_VIEW = "own-view", "Own view, before others' wording"
        COMMENT = "comment", "Comment"
        PROPOSAL = "proposal", "Proposal: a lesson, recommendation, missing evidence or harm"

    class Permission(models.TextChoices):
        """What may be done with the words."""

        WORDS = "words", "You may publish my words"
        PARAPHRASE = "paraphrase", "You may say in your words what I said"
        NEITHER = "neither", "Read it, and publish nothing of it"

    answerer = models.ForeignKey(Answerer, models.CASCADE, related_name="submitted")
    statement = models.ForeignKey("consultations.Statement", models.CASCADE, null=True, related_name="submitted")
    form = models.CharField(max_length=8, choices=Form.choices)
    text = models.TextField(max_length=LONGEST_WORDS)
    permission = models.CharField(max_length=10, choices=Permission.choices, default=Permission.PARAPHRASE)
    number = models.PositiveIntegerField(null=True, help_text="Given at closing, in a random order.")
    public_text = models.TextField(blank=True, help_text="What readers get: the words, or a paraphrase.")
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    read_again_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "submitted words"
        ordering = ["number", "pk"]
        constraints = [
            Unique(
                fields=["answerer", "statement", "form"],
                nulls_distinct=False,
                name="an_answerer_says_one_thing_of_a_sort_about_a_statement",
            ),
            Rule(
                condition=Q(permission__in=["words", "paraphrase", "neither"]),
                name="a_comment_says_what_may_be_done_with_it",
            ),
            Rule(
                condition=~Q(text="") & Q(LessThanOrEqual(Length("text"), LONGEST_WORDS)),
                name="a_comment_has_words_and_not_too_many",
            ),
            Rule(
                condition=Q(public_text="") | Q(read_by__isnull=False) & ~Q(permission="neither"),
                name="published_words_were_read_and_allowed",
            ),
            Rule(
                condition=Q(read_again_by=None) | Q(read_by__isnull=False) & ~Q(read_by=F("read_again_by")),
                name="two_people_read_a_comment",
            ),
        ]

    def __str__(self) -> str:
        return f"C{self.number}" if self.number else "a comment"

    @property
    def may_be_shown(self) -> bool:
        """Whether two people have read what readers would get."""
        return bool(self.read_again_by_id and self.public_text)


class Disposition(models.Model):
    """What became of a comment or proposal, told in public."""

    class Outcome(models.TextChoices):
        """What became of it."""

        ACCEPTED = "accepted", "Accepted"
        IN_PART = "accepted-in-part", "Accepted in part"
        NOT_ACCEPTED = "not-accepted", "Not accepted"
        ALREADY_SO = "already-so", "Already so"
        OUT_OF_SCOPE = "out-of-scope", "Out of scope"
        REPEATS = "repeats", "Repeats another"
        WITHHELD = "withheld", "Withheld: law, abuse or names"

    submitted = models.OneToOneField(Submitted, models.CASCADE, related_name="disposition")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reason = models.TextField(help_text="In public, in plain words.")
    change = models.CharField(
        max_length=200, blank=True, help_text="The record that changed, such as recommendation R4."
    )
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, blank=True, related_name="+")
    repeats = models.ForeignKey(Submitted, models.CASCADE, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["submitted"]
        constraints = [
            Unique(fields=["submitted"], name="a_comment_has_one_disposition"),
            Rule(condition=~Q(reason=""), name="a_disposition_gives_its_reason"),
            Rule(
                condition=~Q(outcome__in=["accepted", "accepted-in-part"]) | ~Q(change=""),
                name="an_accepted_comment_names_its_change",
            ),
            Rule(condition=~Q(outcome="repeats") | Q(repeats__isnull=False), name="a_repetition_names_the_other"),
            Rule(condition=Q(agreed_by=None) | ~Q(agreed_by=F("by")), name="two_people_agree_on_a_disposition"),
        ]

    def __str__(self) -> str:
        return f"{self.submitted}: {self.get_outcome_display()}"
