"""What has been read: references, the reviews that searched for them, and what the reviews found."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from failure_lessons.constraints import Rule, Unique
from failure_lessons.dates import EdtfBoundField, EdtfField
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.responsibility import Responsibility
from failure_lessons.types import JSONObject
from failure_lessons.validators.addresses import validate_address
from failure_lessons.validators.csl import validate_date, validate_elements, validate_names, validate_variables
from failure_lessons.validators.identifiers import validate_doi, validate_isbn
from failure_lessons.vocabularies.choices import (
    CslType,
    ReviewType,
    ScreeningDecision,
    ScreeningStage,
    TeamVocabulary,
    list_codes,
    list_sectors,
)
from failure_lessons.vocabularies.term_fields import TermField
from literature.appraisal_tables import (  # tables of this app
    Appraisal as Appraisal,
)
from literature.appraisal_tables import (
    AppraisalAnswer as AppraisalAnswer,
)
from literature.glossary import GlossaryTerm as GlossaryTerm  # a table of this app
from literature.review_statements import (  # tables of this app
    ReviewCitation as ReviewCitation,
)
from literature.review_statements import (
    ReviewFinding as ReviewFinding,
)
from literature.review_statements import (
    ReviewFindingAssessment as ReviewFindingAssessment,
)
from literature.review_statements import (
    ReviewLookedFor as ReviewLookedFor,
)
from literature.screening_aids import (  # tables of this app
    ScreeningNote as ScreeningNote,
)
from literature.screening_aids import (
    ScreeningPlan as ScreeningPlan,
)
from literature.statements import ReviewPart
from literature.study_papers import (  # tables of this app
    CharacteristicField as CharacteristicField,
)
from literature.study_papers import (
    PaperAgreement as PaperAgreement,
)
from literature.study_papers import (
    StudyCharacteristics as StudyCharacteristics,
)
from literature.study_papers import (
    StudyPaper as StudyPaper,
)


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
        validators=[validate_names],
        help_text='CSL names: [{"family": "Allen", "given": "Rebecca"}] or [{"literal": "Ofsted"}].',
    )
    issued = models.JSONField(
        null=True,
        blank=True,
        validators=[validate_date],
        help_text='CSL date: {"date-parts": [[2018, 8, 20]]}; add "circa": true when uncertain.',
    )
    container_title = models.CharField(
        max_length=300, blank=True, help_text="Journal, newspaper or site in which the work appeared."
    )
    publisher = models.CharField(max_length=300, blank=True)
    doi = models.CharField(
        "DOI",
        max_length=200,
        blank=True,
        validators=[validate_doi],
        help_text="Without https://doi.org/, such as 10.1080/1234.",
    )
    isbn = models.CharField("ISBN", max_length=40, blank=True, validators=[validate_isbn])
    url = models.URLField(
        "address", max_length=1000, blank=True, validators=[validate_address], help_text="Where the work can be read."
    )
    abstract = models.TextField(blank=True, help_text="What the work says, in our own words.")
    note = models.TextField(blank=True, help_text="What a reader should know about this record.")
    csl = models.JSONField(
        "other CSL variables",
        default=dict,
        blank=True,
        validators=[validate_variables],
        help_text="Volume, issue, page, number and so on, by CSL name.",
    )
    licence = models.CharField(max_length=100, blank=True, help_text="Licence of the work, where known.")

    class Meta:
        ordering = ["slug"]
        constraints = [
            Rule(condition=~Q(title=""), name="a_reference_has_a_title"),
            Rule(condition=Q(type__in=list_codes(CslType)), name="a_reference_has_a_csl_type"),
            Unique(fields=["doi"], condition=~Q(doi=""), name="a_doi_belongs_to_one_reference"),
            Unique(Lower("doi"), condition=~Q(doi=""), name="a_doi_belongs_to_one_reference_in_any_case"),
        ]

    def __str__(self) -> str:
        return f"{self.title} [{self.slug}]"

    @property
    def other_variables(self) -> JSONObject:
        """`csl`; empty where a row from before the check holds no object. It must not break pages about others."""
        return self.csl if isinstance(self.csl, dict) else {}


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
            Rule(condition=Q(first__lt=F("second")), name="a_pair_is_kept_in_one_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"


class LiteratureReview(Responsibility, Publishable):
    """A review of the literature: question, searches, screening, appraisal, synthesis and findings.

    Its PRISMA 2020 flow is computed from the searches and the screening decisions, never typed.
    """

    slug = models.SlugField(max_length=80, unique=True, help_text="Part of the address. Never change it.")
    title = models.CharField(max_length=300)
    question = models.TextField()
    review_type = models.CharField(max_length=30, choices=ReviewType.choices)
    framework = TermField(vocabulary=TeamVocabulary.FRAMEWORK, blank=True)
    framework_elements = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_elements],
        help_text="The framework's elements by name, such as setting or perspective.",
    )
    sector = models.CharField(max_length=20, choices=list_sectors)
    synthesis = models.TextField(blank=True)
    search_again_by = EdtfField(
        blank=True, help_text="When the searches should be run again. The first page of the workbench reminds you."
    )
    search_due = EdtfBoundField(source="search_again_by", bound="earliest")
    unscreened = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Records found that were not yet screened where the review came from, and do not wait here.",
    )

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            Rule(condition=~Q(title="") & ~Q(question=""), name="a_review_has_a_title_and_question"),
        ]

    def __str__(self) -> str:
        return self.title


class Search(ReviewPart):
    """One query put to one source on one day."""

    review = models.ForeignKey(LiteratureReview, models.CASCADE, related_name="searches")
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

    review = models.ForeignKey(LiteratureReview, models.CASCADE, related_name="eligibility_criteria")
    decision = models.CharField(max_length=10, choices=ScreeningDecision.choices)
    text = models.TextField()

    class Meta(ReviewPart.Meta):
        verbose_name_plural = "eligibility criteria"

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.text[:60]}"


class ScreeningQuerySet(models.QuerySet["Screening"]):
    """Named reads."""

    def agreed(self) -> ScreeningQuerySet:
        """Those that people voted on: only the page where conflicts are settled changes them, with a reason."""
        votes = ScreeningVote.objects.filter(
            review=models.OuterRef("review"), reference=models.OuterRef("reference"), stage=models.OuterRef("stage")
        )
        return self.filter(models.Exists(votes.order_by()))

    def keeping(self) -> ScreeningQuerySet:
        """Those by which a study is included: it is kept, and does not wait for a decision on its full text."""
        here = {"review": models.OuterRef("review"), "reference": models.OuterRef("reference")}
        full = models.Exists(Screening.objects.filter(**here, stage=ScreeningStage.FULL_TEXT).order_by())
        waits = models.Exists(Candidate.objects.filter(**here).order_by())
        last = Q(stage=ScreeningStage.FULL_TEXT) | (~full & ~waits)
        return self.filter(last, decision=ScreeningDecision.INCLUDE)


class Screening(ReviewPart):
    """A decision on one record at one stage, with its reason."""

    reference = models.ForeignKey(Reference, models.PROTECT, related_name="screenings")
    stage = models.CharField(max_length=20, choices=ScreeningStage.choices)
    decision = models.CharField(max_length=10, choices=ScreeningDecision.choices)
    reason = models.TextField()

    objects = ScreeningQuerySet.as_manager()
    verbs_only = "a screening decision, which is changed where conflicts are settled, with a reason"  # no undo

    class Meta(ReviewPart.Meta):
        verbose_name = "screening decision"
        constraints = [
            Unique(fields=["review", "reference", "stage"], name="a_record_is_screened_once_a_stage"),
            Rule(condition=~Q(reason=""), name="a_screening_decision_has_a_reason"),
        ]
        indexes = [models.Index(fields=["review", "stage", "decision"], name="decisions_of_a_stage")]

    def __str__(self) -> str:
        return f"{self.reference_id} {self.get_decision_display()} ({self.get_stage_display()})"


class CandidateQuerySet(models.QuerySet["Candidate"]):
    """Named reads."""

    def not_screened(self) -> CandidateQuerySet:
        """Those on which nothing is decided yet."""
        return self.filter(~models.Exists(self.decisions()))

    def not_assessed(self) -> CandidateQuerySet:
        """Those kept on title and abstract whose full text is not decided on yet."""
        kept = self.decisions().filter(stage=ScreeningStage.TITLE_ABSTRACT, decision=ScreeningDecision.INCLUDE)
        full = self.decisions().filter(stage=ScreeningStage.FULL_TEXT)
        return self.filter(models.Exists(kept), ~models.Exists(full))

    def decisions(self) -> ScreeningQuerySet:
        """The decisions on the record of a row, for a subquery."""
        here = {"review": models.OuterRef("review"), "reference": models.OuterRef("reference")}
        return Screening.objects.filter(**here).order_by()


class Candidate(models.Model):
    """A record that waits to be screened for a review, and how it got there. A working paper: readers never see it."""

    review = models.ForeignKey(LiteratureReview, models.CASCADE, related_name="candidates")
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="candidacies")
    search = models.ForeignKey(Search, models.SET_NULL, null=True, blank=True, related_name="candidates")
    imported = models.ForeignKey(ReferenceImport, models.SET_NULL, null=True, blank=True, related_name="candidates")
    origin = models.CharField(max_length=200, help_text="The file it came in, or another way it was found.")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: it came with a package.",
    )
    added_at = models.DateTimeField()
    place = models.PositiveIntegerField(default=0, help_text="Its turn: as it came in, or as a ranking put it.")

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ["place", "pk"]
        constraints = [Unique(fields=["review", "reference"], name="a_record_waits_for_screening_once")]
        indexes = [models.Index(fields=["review", "place"], name="records_of_a_review_in_turn")]

    def __str__(self) -> str:
        return f"{self.reference_id} for {self.review_id}"


class ScreeningVote(models.Model):
    """What one screener decided on one record at one stage, without knowing what the other one decided.

    A working paper: the decision that counts, and that readers see, is the `Screening` that follows from two votes.
    """

    class Decision(models.TextChoices):
        INCLUDE = "include", "Include"
        MAYBE = "maybe", "Maybe"  # keeps the record, for the full text to decide
        EXCLUDE = "exclude", "Exclude"

    review = models.ForeignKey(LiteratureReview, models.CASCADE, related_name="votes")
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="votes")
    stage = models.CharField(max_length=20, choices=ScreeningStage.choices)
    screener = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            Unique(fields=["review", "reference", "stage", "screener"], name="a_screener_votes_once_on_a_record"),
            Rule(condition=~Q(decision="exclude", reason=""), name="a_vote_to_exclude_has_a_reason"),
            Rule(
                condition=~Q(decision="maybe") | Q(stage=ScreeningStage.TITLE_ABSTRACT),
                name="maybe_is_for_titles_and_abstracts",
            ),
            Rule(condition=Q(decision__in=["include", "maybe", "exclude"]), name="a_vote_has_a_known_decision"),
            Rule(condition=Q(stage__in=list_codes(ScreeningStage)), name="a_vote_has_a_known_stage"),
        ]
        indexes = [models.Index(fields=["review", "stage", "screener", "at"], name="votes_of_a_screener_in_order")]

    def __str__(self) -> str:
        return f"{self.reference_id} {self.get_decision_display()} ({self.get_stage_display()})"

    @property
    def keeps(self) -> bool:
        """Whether the record goes on."""
        return self.decision != self.Decision.EXCLUDE


class ScreeningResolution(models.Model):
    """How a conflict between two screeners was settled: by a third person, or by one of them with the other's consent.

    A working paper beside the votes, which stay as they were.
    """

    review = models.ForeignKey(LiteratureReview, models.CASCADE, related_name="resolutions")
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="resolutions")
    stage = models.CharField(max_length=20, choices=ScreeningStage.choices)
    decision = models.CharField(max_length=10, choices=ScreeningDecision.choices)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    done = models.BooleanField(default=False, help_text="Whether the decision counts.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            Unique(fields=["review", "reference", "stage"], name="a_conflict_is_resolved_once"),
            Rule(condition=~Q(reason=""), name="a_resolution_has_a_reason"),
            Rule(
                condition=Q(confirmed_by__isnull=True) | ~Q(by=F("confirmed_by")),
                name="nobody_confirms_their_own_resolution",
            ),
            Rule(condition=Q(decision__in=list_codes(ScreeningDecision)), name="a_resolution_has_a_known_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.reference_id} {self.get_decision_display()}: {self.reason[:60]}"
