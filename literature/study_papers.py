"""What two people read out of the included studies, each alone, and what they agreed on: extraction and appraisal.

A paper is one person's, and a working paper: nobody else sees it before both are done. What counts, and what readers
see, are the rows that follow from an agreement: `StudyCharacteristics`, or the `Appraisal` with its answers.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from failure_lessons.constraints import Rule, Unique
from failure_lessons.vocabularies.choices import AnswerKind, list_codes
from literature.statements import ReviewPart

CHARACTERISTICS = "characteristics"  # what a paper is about; a paper of an appraisal is about `tool:` and its code


class CharacteristicField(ReviewPart):
    """One question of a review's extraction form, put to each included study."""

    review = models.ForeignKey("literature.LiteratureReview", models.CASCADE, related_name="extraction_form")
    key = models.CharField(
        max_length=60,
        validators=[
            RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Use lower-case letters, digits and single hyphens.")
        ],
        help_text="Made from the name. It never changes, so that nothing entered is lost when the name does.",
    )
    label = models.CharField("name", max_length=120, help_text="Heading of its column, such as “Setting”.")
    kind = models.CharField("kind of answer", max_length=20, choices=AnswerKind.choices)
    unit = models.CharField(max_length=40, blank=True, help_text="Of a number, such as “schools” or “months”.")
    choices = models.JSONField(default=list, blank=True, help_text="What can be chosen, in order.")
    help = models.TextField("how to decide", blank=True, help_text="What extractors need to know to answer alike.")
    required = models.BooleanField(default=False, help_text="Whether every study needs an answer, or “not reported”.")

    class Meta(ReviewPart.Meta):
        verbose_name = "field of the extraction form"
        verbose_name_plural = "fields of the extraction form"
        constraints = [
            Unique(fields=["review", "key"], name="a_key_names_one_field_of_an_extraction_form"),
            Rule(condition=~Q(label=""), name="a_field_of_an_extraction_form_has_a_name"),
            Rule(condition=Q(kind__in=list_codes(AnswerKind)), name="a_field_of_an_extraction_form_has_a_known_kind"),
        ]

    def __str__(self) -> str:
        return self.label


class StudyCharacteristics(ReviewPart):
    """What was agreed about one included study: its row in the table of characteristics.

    `values` holds an answer by the key of its field: of the members `choices`, `number`, `text`, `quotation`, `locator`
    and `not_reported` those that it has.
    """

    review = models.ForeignKey("literature.LiteratureReview", models.CASCADE, related_name="characteristics")
    reference = models.ForeignKey("literature.Reference", models.PROTECT, related_name="characteristics")
    values = models.JSONField(default=dict)

    verbs_only = "what was agreed about a study, which is changed where two agree on it"  # no undo

    class Meta(ReviewPart.Meta):
        verbose_name = verbose_name_plural = "characteristics of a study"
        constraints = [Unique(fields=["review", "reference"], name="a_study_is_characterised_once")]

    def __str__(self) -> str:
        return f"Characteristics of {self.reference_id}"


class PaperBase(models.Model):
    """Answers about one study of a review."""

    review = models.ForeignKey("literature.LiteratureReview", models.CASCADE, related_name="%(class)ss")
    reference = models.ForeignKey("literature.Reference", models.PROTECT, related_name="%(class)ss")
    about = models.CharField(max_length=60, default=CHARACTERISTICS)
    values = models.JSONField(default=dict, help_text="Answers by the key of their question.")

    class Meta:
        abstract = True


class PaperQuerySet(models.QuerySet["StudyPaper"]):
    """Named reads."""

    def counting(self) -> PaperQuerySet:
        """Without what somebody began who has left since: another person takes their place."""
        return self.exclude(person__is_active=False, done=[])


class StudyPaper(PaperBase):
    """One person's answers, given without seeing those of the other. A working paper: readers never see it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    done = models.JSONField(
        default=list, blank=True, help_text="The keys of the questions that this person is done with."
    )
    changed_at = models.DateTimeField()

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            Unique(fields=["review", "reference", "about", "person"], name="a_person_has_one_paper_on_a_study"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.reference_id}: {self.about}"


class PaperAgreement(PaperBase):
    """What counts of two papers: as a third person decided, or as one of the two proposed and the other confirmed.

    A working paper beside the two, which stay as they were.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    done = models.BooleanField(default=False, help_text="Whether it counts.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            Unique(
                fields=["review", "reference", "about"],
                condition=Q(done=False),
                name="one_agreement_on_a_study_is_proposed_at_a_time",
            ),
            Rule(
                condition=Q(confirmed_by__isnull=True) | ~Q(by=F("confirmed_by")),
                name="nobody_confirms_what_they_proposed_about_a_study",
            ),
        ]

    def __str__(self) -> str:
        return f"Agreement on {self.reference_id}: {self.about}"
