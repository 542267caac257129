"""What the NHS can learn, and what it should do: lessons, recommendations and how they relate.

Consultation rounds, responses and assessments of what was done come here when there are any to record.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from casestudies.models import CaseFinding
from failure_lessons.confidence.models import CerqualBase, every_level_has_its_reason, two_people_agree
from failure_lessons.constraints import Rule, Unique, exactly_one_set
from failure_lessons.dates import EdtfBoundField, EdtfField
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.responsibility import Responsibility
from failure_lessons.vocabularies.choices import (
    SYMMETRIC_RELATIONS,
    Audience,
    ConfidenceLevel,
    CostLevel,
    EvidenceRelation,
    Level,
    Phase,
    QualityCheck,
    RecommendationKind,
    RelationType,
    Strength,
    TeamVocabulary,
    Wording,
    list_codes,
)
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.term_fields import TermField
from literature.models import ReviewFinding
from literature.statements import CitationBase


class Lesson(Responsibility, Publishable):
    """What the NHS can learn across cases, with the evidence for and against it."""

    slug = models.SlugField(max_length=80, unique=True, help_text="Part of the address. Never change it.")
    code = models.CharField(
        max_length=20,
        unique=True,
        help_text="Such as LS4. Never change it.",
        validators=[RegexValidator(r"\A[A-Z]+[0-9]+\Z", "Write capitals and a number, such as LS4.")],
    )
    title = models.CharField(max_length=300)
    statement = models.TextField(help_text="What was learnt, in one or two sentences.")
    explanation = models.TextField(blank=True)
    phase = models.CharField(max_length=20, choices=Phase.choices)
    themes = models.ManyToManyField(Theme, related_name="lessons", blank=True)
    transfer_alike = models.TextField(
        "alike", blank=True, help_text="In what the NHS is like the services the evidence comes from."
    )
    transfer_differs = models.TextField("differs", blank=True, help_text="In what it differs.")
    transfer_would_change_our_view = models.TextField(
        "would change our view", blank=True, help_text="Evidence that would make us think again."
    )

    class Meta:
        ordering = ["code", "pk"]
        constraints = [
            Rule(condition=~Q(title="") & ~Q(statement=""), name="a_lesson_has_a_title_and_statement"),
            Rule(condition=Q(phase__in=list_codes(Phase)), name="a_lesson_has_a_phase"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class LessonEvidence(models.Model):
    """A finding that supports, qualifies or contradicts a lesson."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="evidence")
    position = models.PositiveSmallIntegerField(default=0)
    case_finding = models.ForeignKey(CaseFinding, models.PROTECT, null=True, blank=True, related_name="bearings")
    review_finding = models.ForeignKey(ReviewFinding, models.PROTECT, null=True, blank=True, related_name="bearings")
    relation = models.CharField(max_length=12, choices=EvidenceRelation.choices)
    note = models.TextField(blank=True, help_text="How the finding bears on the lesson.")

    class Meta:
        ordering = ["lesson", "position", "pk"]
        verbose_name_plural = "evidence"
        constraints = [
            Rule(condition=exactly_one_set("case_finding", "review_finding"), name="lesson_evidence_is_one_finding"),
            Unique(fields=["lesson", "case_finding"], name="a_case_finding_bears_on_a_lesson_once"),
            Unique(fields=["lesson", "review_finding"], name="a_review_finding_bears_on_a_lesson_once"),
            Rule(condition=Q(relation__in=list_codes(EvidenceRelation)), name="evidence_has_a_relation"),
        ]

    def __str__(self) -> str:
        return f"{self.case_finding or self.review_finding} {self.get_relation_display().lower()} {self.lesson.code}"


class LessonAssessment(CerqualBase):
    """Confidence in a lesson."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="assessments")

    class Meta:
        constraints = [
            Rule(condition=every_level_has_its_reason(), name="every_level_of_a_lesson_has_its_reason"),
            Unique(fields=["lesson"], condition=Q(agreed=True), name="a_lesson_has_one_agreed_assessment"),
            Unique(fields=["lesson", "rater"], name="a_rater_assesses_a_lesson_once"),
            Rule(condition=two_people_agree(), name="two_people_agree_on_the_confidence_in_a_lesson"),
            Unique(
                fields=["lesson"],
                condition=Q(proposed_by__isnull=False, agreed=False),
                name="a_lesson_has_one_proposed_assessment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lesson_id}: {self.get_overall_display()}"


class Recommendation(Responsibility, Publishable):
    """One action for the NHS: who should do what, by when, why, and what speaks against it."""

    slug = models.SlugField(max_length=80, unique=True, help_text="Part of the address. Never change it.")
    code = models.CharField(
        max_length=20,
        unique=True,
        help_text="Such as R4. Never change it.",
        validators=[RegexValidator(r"\A[A-Z]+[0-9]+\Z", "Write capitals and a number, such as R4.")],
    )
    title = models.CharField(max_length=300)
    statement = models.TextField(help_text="One action: who should do what.")
    plain_summary = models.TextField(
        blank=True,
        max_length=700,
        validators=[MaxLengthValidator(700)],
        help_text="The same in short sentences and everyday words: what the problem is, who should do what, how sure "
        "we are, what could go wrong. At most 700 characters.",
    )
    short_question = models.CharField(
        max_length=110, blank=True, help_text="The question that it answers. At most 110 characters."
    )
    short_action = models.CharField(
        max_length=160, blank=True, help_text="What to do, without who and by when. At most 160 characters."
    )
    short_steps = ArrayField(
        models.CharField(max_length=80),
        size=4,
        default=list,
        blank=True,
        help_text="At most four steps of 80 characters.",
    )
    short_sureness = models.CharField(
        "how sure, and why",
        max_length=180,
        blank=True,
        help_text="The confidence in one word, then its reason. At most 180 characters.",
    )
    short_against = models.CharField(
        "what speaks against it", max_length=180, blank=True, help_text="With its codes. At most 180 characters."
    )
    rationale = models.TextField(blank=True)
    actions = ArrayField(models.TextField(), default=list, blank=True, help_text="Steps.")
    audiences = ArrayField(models.CharField(max_length=30, choices=Audience.choices), default=list)
    level = models.CharField(max_length=10, choices=Level.choices)
    phase = models.CharField(max_length=20, choices=Phase.choices)
    failure_types = ArrayField(TermField(vocabulary=TeamVocabulary.FAILURE_TYPE), default=list)
    owner = models.CharField(max_length=200, help_text="The body or post that must act.")
    timescale_label = models.CharField("timescale", max_length=200, help_text="Such as: within 12 months.")
    timescale_months = models.PositiveSmallIntegerField("months", null=True, blank=True)
    measures = ArrayField(models.TextField(), default=list, blank=True, help_text="How we would know that it worked.")
    resources = models.TextField("what it takes", blank=True)
    cost = models.CharField(max_length=20, blank=True, choices=CostLevel.choices, help_text="How much money it takes.")
    worse_off = models.TextField(
        "who could be worse off", blank=True, help_text="Whom it may harm or cost, as far as the evidence says."
    )
    conditions = models.TextField(blank=True, help_text="What has to be in place for it to work.")
    risks = models.TextField(blank=True, help_text="What may go wrong if it is done.")
    counter_evidence = models.TextField(blank=True, help_text="The evidence against it.")
    strength = models.CharField(max_length=12, choices=Strength.choices)
    strength_reason = models.TextField("why this strength", blank=True, help_text="Why this strength and no other.")
    confidence = models.CharField(max_length=10, choices=ConfidenceLevel.choices)
    kind = models.CharField(max_length=20, choices=RecommendationKind.choices)
    wording = models.CharField(max_length=10, choices=Wording.choices)
    lessons = models.ManyToManyField(Lesson, through="Grounds", related_name="recommendations")

    class Meta:
        ordering = ["code", "pk"]
        constraints = [
            Rule(
                condition=~Q(title="") & ~Q(statement="") & ~Q(owner=""),
                name="a_recommendation_says_who_should_do_what",
            ),
            Rule(
                condition=Q(audiences__contained_by=list_codes(Audience)), name="a_recommendation_has_known_audiences"
            ),
            Rule(
                condition=Q(
                    phase__in=list_codes(Phase),
                    level__in=list_codes(Level),
                    strength__in=list_codes(Strength),
                    confidence__in=list_codes(ConfidenceLevel),
                    wording__in=list_codes(Wording),
                ),
                name="a_recommendation_is_fully_classified",
            ),
            Rule(
                condition=~Q(strength=Strength.STRONG, wording=Wording.CONSIDER),
                name="a_strong_recommendation_is_not_worded_consider",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class PolicyContext(models.Model):
    """What stands around a recommendation as of a day: what exists, what it adds, whose power it is, what may change.

    `as_of` is the date of the newest source that was seen, not the day of writing.
    """

    recommendation = models.OneToOneField(Recommendation, models.CASCADE, related_name="policy_context")
    as_of = EdtfField("as of", help_text="Date of the newest source that was seen, such as 2026-06.")
    exists_already = models.TextField("what exists already", blank=True)
    what_this_adds = models.TextField(blank=True)
    who_holds_the_power = models.TextField(blank=True)
    what_may_change = models.TextField(blank=True)
    review_by = EdtfField(
        blank=True, help_text="When it should be looked at again. The first page of the workbench reminds you."
    )
    review_due = EdtfBoundField(source="review_by", bound="earliest")

    class Meta:
        ordering = ["recommendation", "pk"]
        constraints = [Rule(condition=~Q(as_of=""), name="a_policy_context_says_as_of_when")]

    def __str__(self) -> str:
        return f"policy as of {self.as_of}"


class PolicyCitation(CitationBase):
    """What a policy context rests on."""

    context = models.ForeignKey(PolicyContext, models.CASCADE, related_name="citations")

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.context_id} cites {self.reference_id}"


class Grounds(models.Model):
    """A recommendation rests on a lesson."""

    recommendation = models.ForeignKey(Recommendation, models.CASCADE, related_name="grounds")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="grounds")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["recommendation", "position", "pk"]
        verbose_name = "lesson it rests on"
        verbose_name_plural = "lessons it rests on"
        constraints = [
            Unique(fields=["recommendation", "lesson"], name="a_recommendation_rests_on_a_lesson_once"),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation.code} rests on {self.lesson.code}"


class Relation(models.Model):
    """How one recommendation relates to another, stated once a pair.

    Symmetric types hold in both directions however they are stated, so the mirrored row cannot be stored.
    """

    source = models.ForeignKey(Recommendation, models.CASCADE, related_name="relations")
    target = models.ForeignKey(Recommendation, models.CASCADE, related_name="relations_from")
    type = models.CharField(max_length=12, choices=RelationType.choices)
    note = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["source", "position", "pk"]
        constraints = [
            Rule(condition=~Q(source=F("target")), name="no_recommendation_relates_to_itself"),
            Rule(condition=Q(type__in=list_codes(RelationType)), name="a_relation_has_a_known_type"),
            Unique(fields=["source", "target", "type"], name="a_relation_is_stated_once"),
            Unique(
                Least("source", "target"),
                Greatest("source", "target"),
                "type",
                condition=Q(type__in=[str(t) for t in SYMMETRIC_RELATIONS]),
                name="a_symmetric_relation_is_stated_once_a_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source.code} {self.get_type_display().lower()} {self.target.code}"


class Departure(models.Model):
    """Why a recommendation departs from what good practice asks: a reason that is published with it."""

    recommendation = models.ForeignKey(Recommendation, models.CASCADE, related_name="departures")
    check_code = models.CharField("check", max_length=20, choices=QualityCheck.choices)
    found = models.CharField(max_length=500, help_text="What the check found, with the words it is about.")
    reason = models.TextField(help_text="Why it stays so. Readers see it.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who gave the reason. Empty: it came with a package.",
    )
    at = models.DateTimeField(default=timezone.now, help_text="When.")

    verbs_only = "a reason for departing from good practice, which is given anew at submission"  # no undo

    class Meta:
        ordering = ["recommendation", "check_code", "found", "pk"]
        constraints = [
            Rule(condition=Q(check_code__in=list_codes(QualityCheck)), name="a_departure_is_from_a_known_check"),
            Rule(condition=~Q(reason="") & ~Q(found=""), name="a_departure_says_what_was_found_and_why_it_stays"),
            Unique(fields=["recommendation", "check_code", "found"], name="a_departure_is_explained_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_check_code_display()}: {self.reason}"


class Situation(Responsibility, Publishable):
    """A situation that readers are in, and the answer that recommendations and lessons give to it."""

    slug = models.SlugField(max_length=80, unique=True, help_text="Part of the address. Never change it.")
    code = models.CharField(
        max_length=20,
        unique=True,
        help_text="Such as SIT4. Never change it.",
        validators=[RegexValidator(r"\A[A-Z]+[0-9]+\Z", "Write capitals and a number, such as SIT4.")],
    )
    title = models.CharField(max_length=300, help_text="The situation in a few words: A merger is proposed.")
    question = models.CharField(max_length=300, help_text="What a reader in this situation asks, as they would ask it.")
    answer = models.TextField(
        "short answer",
        help_text="In two to four sentences, each with the codes of what it rests on, such as (R1, LS4).",
    )
    confidence = models.CharField("how sure", max_length=10, choices=ConfidenceLevel.choices)
    confidence_reason = models.TextField("why this sure", help_text="Why no surer, and why no less sure.")
    counter_evidence = models.TextField("what speaks against it", help_text="With its codes.")
    steps = ArrayField(models.TextField(), default=list, verbose_name="what to do on Monday")
    words = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        verbose_name="words readers use for it",
        help_text="So that searching for them finds it.",
    )

    class Meta:
        ordering = ["code", "pk"]
        constraints = [
            Rule(
                condition=~Q(title="") & ~Q(question="") & ~Q(answer=""),
                name="a_situation_has_a_question_and_an_answer",
            ),
            Rule(condition=Q(confidence__in=list_codes(ConfidenceLevel)), name="a_situation_says_how_sure_we_are"),
            Rule(condition=~Q(confidence_reason=""), name="a_situation_says_why_we_are_this_sure"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class SituationGrounds(models.Model):
    """A recommendation or a lesson that the answer to a situation rests on."""

    situation = models.ForeignKey(Situation, models.CASCADE, related_name="grounds")
    position = models.PositiveSmallIntegerField(default=0)
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, null=True, blank=True, related_name="situation_grounds"
    )
    lesson = models.ForeignKey(Lesson, models.PROTECT, null=True, blank=True, related_name="situation_grounds")

    class Meta:
        ordering = ["situation", "position", "pk"]
        verbose_name = "recommendation or lesson it rests on"
        verbose_name_plural = "recommendations and lessons it rests on"
        constraints = [
            Rule(
                condition=exactly_one_set("recommendation", "lesson"),
                name="a_situation_rests_on_a_recommendation_or_a_lesson",
            ),
            Unique(fields=["situation", "recommendation"], name="a_situation_rests_on_a_recommendation_once"),
            Unique(fields=["situation", "lesson"], name="a_situation_rests_on_a_lesson_once"),
        ]

    def __str__(self) -> str:
        return f"{self.situation.code} rests on {self.recommendation or self.lesson}"


class ConsultationTemplate(Publishable):
    """How a future consultation round will be run. It holds no participant, rating or result."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    status = models.TextField(help_text="What has and has not taken place.")
    purpose = models.TextField()
    questions = ArrayField(models.TextField(), default=list)
    rating_scale = models.TextField()

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class StakeholderGroup(models.Model):
    """A kind of person to invite."""

    template = models.ForeignKey(ConsultationTemplate, models.CASCADE, related_name="stakeholder_groups")
    position = models.PositiveSmallIntegerField(default=0)
    sector = models.CharField(max_length=30)
    role = models.CharField(max_length=200)

    class Meta:
        ordering = ["template", "position", "pk"]

    def __str__(self) -> str:
        return self.role
