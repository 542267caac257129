"""What has been read: references, the reviews that searched for them, and what the reviews found."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from failure_lessons.dates import EdtfField
from failure_lessons.models import Theme
from failure_lessons.publishing.models import Publishable, Record
from failure_lessons.rules import Rule, Unique
from failure_lessons.vocabulary import (
    AppraisalJudgement,
    AppraisalTool,
    CerqualLevel,
    ConfidenceLevel,
    CslType,
    Framework,
    Phase,
    ReviewType,
    ScreeningDecision,
    ScreeningStage,
    Sector,
    listed,
)


def one_of(*fields: str) -> Q:
    """A condition: exactly one of these foreign keys is set."""
    condition = Q()
    for chosen in fields:
        condition |= Q(**{f"{field}__isnull": field != chosen for field in fields})
    return condition


class Reference(Publishable):
    """A bibliographic record with the meaning of CSL-JSON.

    The columns are what people search, sort and check; `csl` keeps every other CSL variable, so a record leaves as it
    came.
    """

    slug = models.CharField(
        "key",
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Use lower-case letters, digits and single hyphens.")
        ],
        help_text="Short key that citations use, such as hmip-2018. Never change it.",
    )
    type = models.CharField(max_length=30, choices=CslType.choices, help_text="Kind of work.")
    title = models.CharField(max_length=500)
    author = models.JSONField(
        "authors",
        default=list,
        blank=True,
        help_text='CSL names: [{"family": "Allen", "given": "Rebecca"}] or [{"literal": "Ofsted"}].',
    )
    issued = models.JSONField(
        null=True, blank=True, help_text='CSL date: {"date-parts": [[2018, 8, 20]]}; add "circa": true when uncertain.'
    )
    container_title = models.CharField(
        max_length=300, blank=True, help_text="Journal, newspaper or site in which the work appeared."
    )
    publisher = models.CharField(max_length=300, blank=True)
    doi = models.CharField(
        "DOI", max_length=200, blank=True, help_text="Without https://doi.org/, such as 10.1080/1234."
    )
    isbn = models.CharField("ISBN", max_length=40, blank=True)
    url = models.URLField("address", max_length=1000, blank=True, help_text="Where the work can be read.")
    abstract = models.TextField(blank=True, help_text="What the work says, in our own words.")
    note = models.TextField(blank=True, help_text="What a reader should know about this record.")
    csl = models.JSONField(
        "other CSL variables", default=dict, blank=True, help_text="Volume, issue, page, number and so on, by CSL name."
    )
    licence = models.CharField(max_length=100, blank=True, help_text="Licence of the work, where known.")

    class Meta:
        ordering = ["slug"]
        constraints = [
            Rule(condition=~Q(title=""), name="a_reference_has_a_title"),
            Rule(condition=Q(type__in=listed(CslType)), name="a_reference_has_a_csl_type"),
            Unique(fields=["doi"], condition=~Q(doi=""), name="a_doi_belongs_to_one_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.title} [{self.slug}]"


class ReferenceImport(models.Model):
    """A file of references that somebody handed in: kept until they have decided on each row, so that nothing is lost.

    Not evidence: it is a working paper of the person who made it, emptied when it is done and thrown away when old.
    """

    class State(models.TextChoices):
        OPEN = "open", "To be decided"
        DONE = "done", "Done"

    name = models.CharField("file", max_length=200)
    text = models.TextField(blank=True)
    form = models.CharField(max_length=20)
    encoding = models.CharField("character set", max_length=100)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decisions = models.JSONField(default=dict, blank=True, help_text="What to do with a row, by its number.")
    result = models.JSONField(default=list, blank=True, help_text="What was done: action, key and title of each row.")

    class Meta:
        ordering = ["-made_at", "pk"]
        constraints = [
            Rule(condition=Q(state="done") | ~Q(text=""), name="an_open_import_has_its_text"),
        ]

    def __str__(self) -> str:
        return self.name


class NotDuplicate(models.Model):
    """Somebody looked at two references and found two works: the pair does not come up again. Not evidence."""

    first = models.ForeignKey(Reference, models.CASCADE, related_name="+")
    second = models.ForeignKey(Reference, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            Unique(fields=["first", "second"], name="a_pair_is_set_apart_once"),
            Rule(condition=Q(first__lt=models.F("second")), name="a_pair_is_kept_in_one_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"


class CitationBase(models.Model):
    """A statement's pointer to a reference: where in it, and optionally its very words."""

    reference = models.ForeignKey(Reference, models.PROTECT, related_name="%(class)ss")
    locator = models.CharField(
        max_length=200, blank=True, help_text="Page, paragraph or section, such as “para. 12”. Empty: no page given."
    )
    quotation = models.TextField(blank=True, help_text="Word for word, at most forty words.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


class CerqualBase(models.Model):
    """A GRADE-CERQual assessment: four components, each a level and a reason, and an overall level chosen by a person.

    Source: Lewin and others (2018), Implementation Science 13(Suppl 1):2. Several raters may assess independently;
    one assessment is the agreed one.
    """

    COMPONENTS = ("methodological_limitations", "coherence", "adequacy", "relevance")

    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Empty on an agreed assessment.",
    )  # fmt: skip
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

    class Meta:
        abstract = True

    def entry(self) -> dict[str, Any]:
        """The assessment in package form."""
        parts = {
            name: {"level": getattr(self, name), "reason": getattr(self, f"{name}_reason")} for name in self.COMPONENTS
        }
        return {**parts, "overall": {"level": self.overall, "reason": self.overall_reason}}


def every_level_has_its_reason() -> Q:
    """A condition: each component has a known level and a reason, and there is an overall level."""
    condition = Q(overall__in=listed(ConfidenceLevel))
    for name in CerqualBase.COMPONENTS:
        condition &= Q(**{f"{name}__in": listed(CerqualLevel)}) & ~Q(**{f"{name}_reason": ""})
    return condition


class FindingBase(Record):
    """One thing that a case or a review shows: a sentence, its explanation, its phase and its themes."""

    slug = models.SlugField(max_length=40, unique=True, editable=False)
    code = models.CharField(
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"\A[A-Z]+[0-9]+-F[0-9]+\Z", "Write a code such as E1-F3.")],
        help_text="Such as E1-F3. Never change it after publication.",
    )
    statement = models.TextField(help_text="One sentence.")
    explanation = models.TextField(blank=True)
    phase = models.CharField(max_length=20, choices=Phase.choices)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.statement[:80]}"

    def clean(self) -> None:
        self.slug = self.code.lower()


class LiteratureReview(Publishable):
    """A review of the literature: question, searches, screening, appraisal, synthesis and findings.

    Its PRISMA 2020 flow is computed from the searches and the screening decisions, never typed.
    """

    slug = models.SlugField(max_length=80, unique=True, help_text="Part of the address. Never change it.")
    title = models.CharField(max_length=300)
    question = models.TextField()
    review_type = models.CharField(max_length=30, choices=ReviewType.choices)
    framework = models.CharField(max_length=10, choices=Framework.choices, blank=True)
    framework_elements = models.JSONField(
        default=dict, blank=True, help_text="The framework's elements by name, such as setting or perspective."
    )
    sector = models.CharField(max_length=20, choices=Sector.choices)
    synthesis = models.TextField(blank=True)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            Rule(condition=~Q(title="") & ~Q(question=""), name="a_review_has_a_title_and_question"),
        ]

    def __str__(self) -> str:
        return self.title


class ReviewPart(models.Model):
    """Something that belongs to one literature review, in a given order."""

    review = models.ForeignKey(LiteratureReview, models.CASCADE, related_name="%(class)ss")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["review", "position", "pk"]


class Search(ReviewPart):
    """One query put to one source on one day."""

    source = models.CharField(max_length=300)
    platform = models.CharField(max_length=300, blank=True)
    query = models.TextField()
    date_run = EdtfField(help_text="Day on which the query was run.")
    records_found = models.PositiveIntegerField()

    class Meta(ReviewPart.Meta):
        verbose_name_plural = "searches"

    def __str__(self) -> str:
        return f"{self.date_run}: {self.query[:60]}"


class EligibilityCriterion(ReviewPart):
    """A rule for including or excluding records."""

    decision = models.CharField(max_length=10, choices=ScreeningDecision.choices)
    text = models.TextField()

    class Meta(ReviewPart.Meta):
        verbose_name_plural = "eligibility criteria"

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.text[:60]}"


class Screening(ReviewPart):
    """A decision on one record at one stage, with its reason."""

    reference = models.ForeignKey(Reference, models.PROTECT, related_name="screenings")
    stage = models.CharField(max_length=20, choices=ScreeningStage.choices)
    decision = models.CharField(max_length=10, choices=ScreeningDecision.choices)
    reason = models.TextField()

    class Meta(ReviewPart.Meta):
        verbose_name = "screening decision"
        constraints = [
            Unique(fields=["review", "reference", "stage"], name="a_record_is_screened_once_a_stage"),
            Rule(condition=~Q(reason=""), name="a_screening_decision_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.reference_id} {self.get_decision_display()} ({self.get_stage_display()})"


class Appraisal(ReviewPart):
    """A judgement on the quality of one included study."""

    reference = models.ForeignKey(Reference, models.PROTECT, related_name="appraisals")
    tool = models.CharField(max_length=30, choices=AppraisalTool.choices)
    judgement = models.CharField(max_length=10, choices=AppraisalJudgement.choices)
    note = models.TextField(blank=True)

    class Meta(ReviewPart.Meta):
        constraints = [
            Unique(fields=["review", "reference", "tool"], name="a_study_is_appraised_once_a_tool"),
        ]

    def __str__(self) -> str:
        return f"{self.reference_id}: {self.get_judgement_display()}"


class ReviewFinding(FindingBase):
    """What a literature review found."""

    review = models.ForeignKey(LiteratureReview, models.CASCADE, related_name="findings")
    themes = models.ManyToManyField(Theme, related_name="review_findings", blank=True)

    class Meta:
        ordering = ["review", "position", "pk"]
        constraints = [
            Rule(condition=~Q(statement=""), name="a_review_finding_has_a_statement"),
            Rule(condition=Q(phase__in=listed(Phase)), name="a_review_finding_has_a_phase"),
        ]


class ReviewCitation(CitationBase):
    """What a review finding rests on."""

    finding = models.ForeignKey(ReviewFinding, models.CASCADE, related_name="citations")

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.finding_id} cites {self.reference_id}"


class ReviewFindingAssessment(CerqualBase):
    """Confidence in a review finding."""

    finding = models.ForeignKey(ReviewFinding, models.CASCADE, related_name="assessments")

    class Meta:
        constraints = [
            Rule(condition=every_level_has_its_reason(), name="every_level_of_a_review_finding_has_its_reason"),
            Unique(fields=["finding"], condition=Q(agreed=True), name="a_review_finding_has_one_agreed_assessment"),
            Unique(fields=["finding", "rater"], name="a_rater_assesses_a_review_finding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.get_overall_display()}"


class GlossaryTerm(Publishable):
    """A word our readers may not share, and what we mean by it."""

    slug = models.SlugField(max_length=80, unique=True)
    term = models.CharField(max_length=100, unique=True)
    definition = models.TextField()
    reference = models.ForeignKey(
        Reference, models.PROTECT, null=True, blank=True, related_name="glossary_terms",
        help_text="Where the definition comes from.",
    )  # fmt: skip
    source_note = models.TextField(blank=True, help_text="What to know about the source, or why there is none.")

    class Meta:
        ordering = ["term", "pk"]
        constraints = [
            Rule(
                condition=Q(reference__isnull=False) | ~Q(source_note=""),
                name="a_term_names_its_source_or_says_why_not",
            ),
        ]

    def __str__(self) -> str:
        return self.term
