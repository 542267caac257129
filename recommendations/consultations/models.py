"""Consultation rounds: what is asked, of whom, and by which rules. What people answer lies in `answers`.

None of these tables is evidence, so the history of the workbench does not record them: it keeps everything for ever,
and what people said in confidence has to be erasable.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from failure_lessons.constraints import Rule, Unique, exactly_one_set
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.vocabularies.choices import list_sectors
from recommendations.consultations.answers import Answerer as Answerer  # so that Django finds them
from recommendations.consultations.answers import Conflict as Conflict
from recommendations.consultations.answers import Disposition as Disposition
from recommendations.consultations.answers import Rating as Rating
from recommendations.consultations.answers import Submitted as Submitted
from recommendations.consultations.people import Invitation as Invitation
from recommendations.consultations.people import LogLine as LogLine
from recommendations.consultations.people import Participant as Participant
from recommendations.consultations.workshops import WorkshopSession as WorkshopSession
from recommendations.models import ConsultationTemplate

LEAST_K = 5
LONGEST_LINK = dt.timedelta(days=90)
CODE = RegexValidator(r"\A[a-z][a-z0-9-]{0,39}\Z", "Write lower-case letters, digits and hyphens.")


class ConsultationRound(Publishable):
    """One round in which invited people rate and discuss. Its protocol is published before anybody answers."""

    class Method(models.TextChoices):
        """How the round is run."""

        DELPHI = "delphi", "Delphi round"
        APPROPRIATENESS = "appropriateness", "Appropriateness round (RAND/UCLA)"
        REAL_TIME = "real-time", "Real-time Delphi"
        WORKSHOP = "workshop", "Workshop"

    class Anonymity(models.TextChoices):
        """Who can know who gave an answer. It may be raised and is never lowered."""

        NAMED = "named", "Named"  # staff see who answered what
        PSEUDONYMOUS = "pseudonymous", "Pseudonymous"  # one role sees who has finished, another what was answered
        ANONYMOUS = "anonymous", "Anonymous"  # nobody can join a person and an answer

    class Stage(models.TextChoices):
        """How far a round has come."""

        DRAFT = "draft", "Draft"  # nobody outside knows of it
        ANNOUNCED = "announced", "Announced"  # the protocol is published, and what is asked stays as it is
        OPEN = "open", "Open"  # people answer
        CLOSED = "closed", "Closed"  # nobody can answer any more
        REPORTED = "reported", "Reported"  # the report is published
        CANCELLED = "cancelled", "Cancelled"  # it was given up, and what was answered is erased

    slug = models.SlugField(max_length=80, unique=True, help_text="Part of the address. Never change it.")
    title = models.CharField(max_length=300)
    purpose = models.TextField(help_text="What the round is for.")
    template = models.ForeignKey(ConsultationTemplate, models.PROTECT, null=True, blank=True, related_name="rounds")
    method = models.CharField(max_length=16, choices=Method.choices, default=Method.APPROPRIATENESS)
    follows = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    number = models.PositiveSmallIntegerField(default=1, help_text="Of the round in its series.")
    topics = ArrayField(models.TextField(), default=list, blank=True, help_text="What people are asked to talk about.")
    scale_words = models.TextField(help_text="What the numbers from 1 to 9 mean.")
    rules = models.JSONField(default=list, help_text="Rules of agreement; see the guide on consultations.")
    anonymity = models.CharField(max_length=12, choices=Anonymity.choices, default=Anonymity.PSEUDONYMOUS)
    least_shown = models.PositiveSmallIntegerField(
        default=LEAST_K, help_text="No group of fewer people is shown; at least five."
    )
    lawful_basis = models.CharField(max_length=300, help_text="Such as: consent, UK GDPR article 6(1)(a).")
    notice = models.TextField(help_text="The privacy notice that people agree to.")
    notice_version = models.PositiveSmallIntegerField(default=1)
    retention_days = models.PositiveSmallIntegerField(
        default=90, validators=[MinValueValidator(1), MaxValueValidator(3650)], help_text="Until contacts are erased."
    )
    contact = models.EmailField(help_text="Whom participants may write to.")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.DRAFT, editable=False)
    stage_reason = models.TextField(blank=True, editable=False, help_text="Why it was cancelled.")
    closed_at = models.DateTimeField(null=True, editable=False)
    reported_at = models.DateTimeField(null=True, editable=False)
    results = models.JSONField(null=True, editable=False, help_text="Computed when the round is closed.")
    interpretation = models.TextField(blank=True, help_text="What the facilitators make of it, in their words.")
    limits = models.TextField(blank=True, help_text="What the round cannot show.")
    run_by = models.TextField(blank=True, help_text="Who ran it, and what each did; roles and bodies.")
    staff_interests = models.TextField(blank=True, help_text="Interests of those who ran it, or that they have none.")
    funding = models.TextField(blank=True, help_text="Who paid for it, and what part they had in it.")
    ethics = models.TextField(blank=True, help_text="Which committee approved it, or why none had to.")
    public_part = models.TextField(blank=True, help_text="What patients and the public had to do with it.")
    tried_out = models.TextField(blank=True, help_text="Whether statements and questions were tried beforehand.")
    thanks = models.TextField(blank=True, help_text="What participants got for taking part, or that they got nothing.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+")

    # what only those who ran it can say, for the guidelines on such reports
    CONDUCT = ("run_by", "staff_interests", "funding", "ethics", "public_part", "tried_out", "thanks")
    # what was published beforehand; `triggers.py` lets nobody change it once the round is announced
    FROZEN = (
        *("slug", "title", "purpose", "template_id", "method", "follows_id", "number", "topics", "scale_words"),
        *("rules", "anonymity", "least_shown", "lawful_basis", "notice", "notice_version", "retention_days"),
        *("contact", "opens_at"),
    )

    class Meta:
        ordering = ["-opens_at", "-pk"]
        permissions = [
            ("run_round", "Can set up and run consultation rounds"),
            ("analyse_round", "Can take the answers of a round, without who gave them"),
        ]
        constraints = [
            Rule(condition=Q(least_shown__gte=LEAST_K), name="k_is_at_least_five"),
            Rule(condition=Q(closes_at__gt=F("opens_at")), name="a_round_closes_after_it_opens"),
            Rule(condition=~Q(stage="cancelled") | ~Q(stage_reason=""), name="a_cancelled_round_says_why"),
            Rule(
                condition=Q(follows=None, number=1) | Q(follows__isnull=False, number__gte=2),
                name="a_round_that_follows_another_has_the_next_number",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_joinable(self) -> bool:
        """Whether the software can find a person's answers again without their link."""
        return self.anonymity != self.Anonymity.ANONYMOUS


class ReportingGroup(models.Model):
    """People whose answers are reported together: the roles of a template map onto it, many to one."""

    round = models.ForeignKey(ConsultationRound, models.CASCADE, related_name="groups")
    position = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40, validators=[CODE])
    name = models.CharField(max_length=120)
    sector = models.CharField(max_length=20, choices=list_sectors)
    expected = models.PositiveSmallIntegerField(help_text="How many people are to be invited.")
    roles = ArrayField(models.CharField(max_length=200), default=list, blank=True, help_text="Whom to invite.")

    class Meta:
        ordering = ["round", "position", "pk"]
        constraints = [
            Unique(fields=["round", "code"], name="a_group_has_a_code_of_its_own"),
            Rule(condition=~Q(sector=""), name="a_group_belongs_to_a_sector"),
        ]

    def __str__(self) -> str:
        return self.name


class Statement(models.Model):
    """What people are asked about: an edition that was published, or a draft of which the words are kept as proof."""

    round = models.ForeignKey(ConsultationRound, models.CASCADE, related_name="statements")
    position = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40, help_text="Such as R4.")
    wording = models.TextField()
    reason = models.TextField(blank=True, help_text="Why.")
    against = models.TextField(blank=True, help_text="What speaks against it; people read it first.")
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, blank=True, related_name="+")
    proof = models.TextField(null=True, blank=True, editable=False, help_text="The document of a draft.")
    proof_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    came_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="became")
    is_from_participant = models.BooleanField(default=False)

    class Meta:
        ordering = ["round", "position", "pk"]
        constraints = [
            Unique(fields=["round", "code"], name="a_statement_has_a_code_of_its_own"),
            Rule(condition=exactly_one_set("edition", "proof"), name="a_statement_is_about_an_edition_or_a_kept_draft"),
            Rule(condition=Q(proof=None) | Q(proof_sha256__regex="^[0-9a-f]{64}$"), name="a_kept_draft_has_its_hash"),
        ]

    def __str__(self) -> str:
        return self.code


class Question(models.Model):
    """What is asked about statements."""

    class Form(models.TextChoices):
        """How a question is answered."""

        SCALE = "scale", "Number from 1 to 9"
        CHOICE = "choice", "One of several"
        FREE = "free", "In words"

    round = models.ForeignKey(ConsultationRound, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40, validators=[CODE])
    wording = models.TextField()
    form = models.CharField(max_length=6, choices=Form.choices, default=Form.SCALE)
    options = ArrayField(models.CharField(max_length=200), default=list, blank=True, help_text="Of a choice.")
    low_words = models.CharField(max_length=120, blank=True, help_text="What 1 means.")
    high_words = models.CharField(max_length=120, blank=True, help_text="What 9 means.")
    statement_codes = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text="Empty: all.")

    class Meta:
        ordering = ["round", "position", "pk"]
        constraints = [
            Unique(fields=["round", "code"], name="a_question_has_a_code_of_its_own"),
            Rule(condition=~Q(form="choice") | Q(options__len__gte=2), name="a_choice_has_options"),
        ]

    def __str__(self) -> str:
        return self.code

    def is_about(self, statement: Statement) -> bool:
        return not self.statement_codes or statement.code in self.statement_codes


class ClosingMove(models.Model):
    """The closing day was moved later, for a reason that readers are told."""

    round = models.ForeignKey(ConsultationRound, models.CASCADE, related_name="closing_moves")
    before = models.DateTimeField()
    after = models.DateTimeField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["round", "at", "pk"]
        constraints = [Rule(condition=~Q(reason=""), name="a_moved_closing_day_says_why")]

    def __str__(self) -> str:
        return f"{self.before:%Y-%m-%d} to {self.after:%Y-%m-%d}"
