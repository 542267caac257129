"""What others recommended, and what became of each recommendation, theirs and ours.

A dossier keeps three things apart: what was asked of whom, what the body says and says that it did, and what others and
we judge. Nothing here is about persons: posts are named as roles.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casestudies.models import Organisation
from failure_lessons.constraints import Rule, Unique, exactly_one_set
from failure_lessons.dates import EdtfBoundField, EdtfField
from failure_lessons.publishing.models import Publishable
from failure_lessons.vocabularies.choices import (
    BEYOND_THE_BODYS_WORD,
    DONE_STATES,
    OPEN_STATES,
    AssessmentStatus,
    Basis,
    BeforeOrAfter,
    Better,
    ClaimedState,
    Effect,
    Implementation,
    Position,
    list_codes,
)
from literature.statements import CitationBase
from recommendations.follow_up.rules import (
    ACTION_RULES,
    ASSESSMENT_RULES,
    CITATION_RULES,
    DUE_DATE_RULES,
    RESPONSE_RULES,
)
from recommendations.follow_up.sources import SourceRecommendation as SourceRecommendation
from recommendations.models import Recommendation


class FollowUp(Publishable):
    """The dossier of one recommendation: asked of whom, what they said and did, what others and we judge."""

    slug = models.SlugField(max_length=80, unique=True, help_text="Part of the address. Never change it.")
    source_recommendation = models.ForeignKey(
        SourceRecommendation, models.PROTECT, null=True, blank=True, related_name="dossiers"
    )
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, null=True, blank=True, related_name="dossiers")

    class Meta:
        ordering = ["slug", "pk"]
        verbose_name = "dossier"
        constraints = [
            Rule(
                condition=exactly_one_set("source_recommendation", "recommendation"),
                name="a_dossier_follows_one_recommendation",
            ),
            Unique(fields=["source_recommendation"], name="a_source_recommendation_has_one_dossier"),
            Unique(fields=["recommendation"], name="a_recommendation_has_one_dossier"),
        ]

    def __str__(self) -> str:
        return self.slug


class DossierPart(models.Model):
    """Something that stands in one dossier, in a given order."""

    dossier = models.ForeignKey(FollowUp, models.CASCADE, related_name="%(class)ss")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["dossier", "position", "pk"]


class Addressee(DossierPart):
    """A body, or a class of bodies, that was asked, or will be: a post in it, never a person.

    What others recommended was asked by its publication; `asked_day` says when we asked, with the proof.
    """

    body = models.ForeignKey(Organisation, models.PROTECT, related_name="asked")
    role = models.CharField("post", max_length=200, blank=True, help_text="Such as: governor. Never a name.")
    asked_day = models.DateField("asked on", null=True, blank=True, help_text="The day on which we asked.")
    asked_how = models.CharField("how", max_length=200, blank=True, help_text="Such as: by letter to the post.")
    proof = models.TextField(blank=True, help_text="How we can prove it. Kept here; readers do not see it.")
    answer_said = models.CharField("answer asked for", max_length=200, blank=True, help_text="In words.")
    answer_due = models.DateField(null=True, blank=True, help_text="The day by which an answer was asked for.")

    class Meta(DossierPart.Meta):
        constraints = [
            Unique(fields=["dossier", "body"], name="a_body_is_asked_once_in_a_dossier"),
            Rule(
                condition=Q(answer_due__isnull=True) | Q(asked_day__isnull=False, answer_due__gte=F("asked_day")),
                name="nothing_is_due_before_it_was_asked",
            ),
            Rule(condition=Q(asked_day__isnull=True) | ~Q(asked_how=""), name="who_was_asked_was_asked_in_some_way"),
        ]

    def __str__(self) -> str:
        return f"{self.body}{f', {self.role}' if self.role else ''}"


class Reminder(models.Model):
    """A further letter about the same thing: the second is number 2."""

    addressee = models.ForeignKey(Addressee, models.CASCADE, related_name="reminders")
    number = models.PositiveSmallIntegerField()
    day = models.DateField()
    how = models.CharField(max_length=200)
    proof = models.TextField(blank=True, help_text="How we can prove it. Kept here; readers do not see it.")

    class Meta:
        ordering = ["addressee", "number"]
        constraints = [
            Unique(fields=["addressee", "number"], name="each_letter_has_its_number"),
            Rule(condition=Q(number__gte=2), name="the_first_letter_is_the_asking"),
        ]

    def __str__(self) -> str:
        return f"letter {self.number} of {self.day}"


class Response(DossierPart):
    """What a body said to what was asked of it."""

    code = models.CharField(max_length=20, help_text="Such as S12-A1.")
    body = models.ForeignKey(Organisation, models.PROTECT, related_name="responses")
    role = models.CharField("post", max_length=200, blank=True)
    date = EdtfField("written on")
    latest = EdtfBoundField(source="date", bound="latest")
    received_day = models.DateField("received on", null=True, blank=True)
    says = models.TextField(help_text="In our words.")
    stance = models.CharField("position", max_length=24, choices=Position.choices)

    class Meta(DossierPart.Meta):
        constraints = [
            Unique(fields=["dossier", "code"], name="a_response_has_a_code_of_its_own"),
            Rule(condition=Q(stance__in=list_codes(Position)), name="a_position_is_known"),
            Rule(condition=~Q(says=""), name="a_response_says_something"),
        ]
        triggers = RESPONSE_RULES

    def __str__(self) -> str:
        return f"{self.code} {self.date}"


class Action(DossierPart):
    """What a body says that it did, does or will do."""

    code = models.CharField(max_length=20, help_text="Such as S12-D1.")
    body = models.ForeignKey(Organisation, models.PROTECT, related_name="claimed_actions")
    role = models.CharField("post", max_length=200, blank=True)
    date = EdtfField("said on")
    claimed = models.CharField(max_length=12, choices=ClaimedState.choices)
    what = models.TextField()

    class Meta(DossierPart.Meta):
        constraints = [
            Unique(fields=["dossier", "code"], name="an_action_has_a_code_of_its_own"),
            Rule(condition=Q(claimed__in=list_codes(ClaimedState)), name="a_claim_is_known"),
        ]
        triggers = ACTION_RULES

    def __str__(self) -> str:
        return f"{self.code} {self.what[:60]}"


class DueDate(models.Model):
    """The day by which an action was to be done. A new day is added, and the old one stays."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="due_dates")
    position = models.PositiveSmallIntegerField(default=0)
    day = models.DateField()
    said_on = EdtfField("said on", blank=True)
    reason = models.TextField(blank=True, help_text="Why it was moved. The first needs none.")

    verbs_only = "a due date, which is only added"  # no undo

    class Meta:
        ordering = ["action", "position", "pk"]
        constraints = [Unique(fields=["action", "position"], name="due_dates_stand_in_order")]
        triggers = DUE_DATE_RULES

    def __str__(self) -> str:
        return f"due {self.day}"


class Judgement(DossierPart):
    """What others judged, in their words and on their scale: inspectorates, auditors, trackers."""

    body = models.ForeignKey(Organisation, models.PROTECT, related_name="judgements")
    role = models.CharField("post", max_length=200, blank=True)
    date = EdtfField("judged on")
    says = models.TextField("judgement")

    class Meta(DossierPart.Meta):
        verbose_name = "judgement of others"
        verbose_name_plural = "judgements of others"

    def __str__(self) -> str:
        return f"{self.date} {self.says[:60]}"


class Assessment(DossierPart):
    """What we judge: whether it was done, whether it helped, on what basis. One reader's is provisional."""

    status = models.CharField(
        max_length=12, choices=AssessmentStatus.choices, default=AssessmentStatus.PROVISIONAL, editable=False
    )
    implementation = models.CharField(max_length=20, choices=Implementation.choices)
    effect = models.CharField(max_length=12, choices=Effect.choices, default=Effect.NOT_KNOWN)
    basis = ArrayField(models.CharField(max_length=12, choices=Basis.choices), default=list)
    reason = models.TextField()
    overtaken_by = models.CharField(max_length=300, blank=True, help_text="What took its place, if it was overtaken.")
    known_to = EdtfField("known to", help_text="The day of the newest evidence.")
    known_earliest = EdtfBoundField(source="known_to", bound="earliest")
    day = models.DateField("assessed on")
    look_again_by = models.DateField(null=True, blank=True)
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    verbs_only = "an assessment, which takes two people"  # no undo

    class Meta(DossierPart.Meta):
        constraints = [
            Rule(
                condition=Q(
                    implementation__in=list_codes(Implementation),
                    effect__in=list_codes(Effect),
                    status__in=list_codes(AssessmentStatus),
                    basis__contained_by=list_codes(Basis),
                ),
                name="an_assessment_is_made_of_known_codes",
            ),
            Rule(condition=~Q(reason=""), name="an_assessment_has_a_reason"),
            Rule(
                condition=~Q(implementation__in=[str(each) for each in DONE_STATES])
                | Q(basis__overlap=[str(each) for each in BEYOND_THE_BODYS_WORD]),
                name="done_rests_on_more_than_the_bodys_word",
            ),
            Rule(
                condition=~Q(implementation__in=[str(each) for each in OPEN_STATES]) | Q(look_again_by__isnull=False),
                name="an_open_assessment_says_when_to_look_again",
            ),
            Rule(
                condition=~Q(implementation=Implementation.OVERTAKEN) | ~Q(overtaken_by=""),
                name="overtaken_says_by_what",
            ),
            Rule(
                condition=Q(known_earliest__isnull=True) | Q(known_earliest__lte=F("day")),
                name="an_assessment_is_not_older_than_its_evidence",
            ),
            Rule(
                condition=Q(status=AssessmentStatus.PROVISIONAL, agreed_by__isnull=True)
                | ~Q(status=AssessmentStatus.PROVISIONAL)
                & (Q(assessor__isnull=True, agreed_by__isnull=True) | Q(agreed_by__isnull=False)),
                name="what_is_agreed_says_who_agreed",
            ),
            Rule(
                condition=Q(agreed_by__isnull=True) | Q(assessor__isnull=True) | ~Q(assessor=F("agreed_by")),
                name="two_people_assess",
            ),
            Unique(
                fields=["dossier"],
                condition=Q(status=AssessmentStatus.CURRENT),
                name="a_dossier_has_one_current_assessment",
            ),
            Unique(
                fields=["dossier"],
                condition=Q(status=AssessmentStatus.PROVISIONAL),
                name="a_dossier_has_one_provisional_assessment",
            ),
            Unique(fields=["dossier", "position"], name="assessments_stand_in_order"),
        ]
        triggers = ASSESSMENT_RULES

    def __str__(self) -> str:
        return f"{self.get_implementation_display()} ({self.get_status_display().lower()})"


class AllowedMove(models.Model):
    """From which state of implementation an assessment may move to which; from the empty one, the first."""

    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20)

    class Meta:
        ordering = ["pk"]
        constraints = [Unique(fields=["before", "after"], name="a_move_is_allowed_once")]

    def __str__(self) -> str:
        return f"{self.before or 'none'} to {self.after}"


class Look(DossierPart):
    """Somebody searched for an answer: when, where, and what they found. It says nothing about the body."""

    day = models.DateField("searched on")
    where = models.CharField(max_length=300, help_text="Where they looked.")
    found = models.CharField(max_length=300, help_text="What they found, such as: no response.")

    class Meta(DossierPart.Meta):
        constraints = [
            Rule(condition=~Q(where="") & ~Q(found=""), name="none_found_says_where_we_looked"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.found}"


class Series(DossierPart):
    """An indicator that shows whether one measure of the recommendation is met, followed over time."""

    measure = models.TextField(blank=True, help_text="The measure of the recommendation that it answers.")
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=100)
    definition = models.TextField(blank=True)
    better = models.CharField(max_length=10, choices=Better.choices)

    class Meta(DossierPart.Meta):
        verbose_name_plural = "series"
        constraints = [Unique(fields=["dossier", "name"], name="a_dossier_has_each_series_once")]

    def __str__(self) -> str:
        return self.name


class SeriesValue(models.Model):
    """One figure of a series."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="points")
    position = models.PositiveSmallIntegerField(default=0)
    period = models.CharField(max_length=30, help_text="As the source gives it.")
    value = models.DecimalField(max_digits=20, decimal_places=6)
    moment = models.CharField(
        max_length=6, choices=BeforeOrAfter.choices, help_text="Before what was asked was done, or after."
    )
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["series", "position", "pk"]
        constraints = [
            Unique(fields=["series", "period"], name="a_series_has_one_value_a_period"),
            Rule(condition=Q(moment__in=list_codes(BeforeOrAfter)), name="a_value_is_of_before_or_after"),
        ]

    def __str__(self) -> str:
        return f"{self.period}: {self.value.normalize():f}"


class Reply(DossierPart):
    """A named body's own words on our page. They stand beside ours and change nothing of them."""

    body = models.ForeignKey(Organisation, models.PROTECT, related_name="replies")
    day = models.DateField("received on")
    text = models.TextField()

    class Meta(DossierPart.Meta):
        verbose_name_plural = "replies"
        constraints = [Rule(condition=~Q(text=""), name="a_reply_has_words")]

    def __str__(self) -> str:
        return f"{self.body_id}, {self.day}"


class FollowUpCitation(CitationBase):
    """Where something of a source recommendation or of a dossier was read."""

    TARGETS = ("source_recommendation", "response", "action", "due_date", "judgement", "assessment", "point")

    source_recommendation = models.ForeignKey(
        SourceRecommendation, models.CASCADE, null=True, blank=True, related_name="citations"
    )
    response = models.ForeignKey(Response, models.CASCADE, null=True, blank=True, related_name="citations")
    action = models.ForeignKey(Action, models.CASCADE, null=True, blank=True, related_name="citations")
    due_date = models.ForeignKey(DueDate, models.CASCADE, null=True, blank=True, related_name="citations")
    judgement = models.ForeignKey(Judgement, models.CASCADE, null=True, blank=True, related_name="citations")
    assessment = models.ForeignKey(Assessment, models.CASCADE, null=True, blank=True, related_name="citations")
    point = models.ForeignKey(SeriesValue, models.CASCADE, null=True, blank=True, related_name="citations")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            Rule(
                condition=exactly_one_set(
                    *("source_recommendation", "response", "action", "due_date", "judgement", "assessment", "point")
                ),
                name="a_citation_of_a_dossier_belongs_to_one_statement",
            ),
        ]
        triggers = CITATION_RULES

    def __str__(self) -> str:
        return f"cites {self.reference_id}"
