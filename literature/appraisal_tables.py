"""What a review says of the quality of its studies: judgements, and the answers to checklists behind them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from failure_lessons.constraints import Rule, Unique
from failure_lessons.vocabularies.choices import AppraisalJudgement, ChecklistTool, TeamVocabulary, list_codes
from failure_lessons.vocabularies.term_fields import TermField
from failure_lessons.vocabularies.terms import labels_of_vocabulary
from literature.statements import ReviewPart


class Appraisal(ReviewPart):
    """A judgement on the quality of one included study."""

    reference = models.ForeignKey("literature.Reference", models.PROTECT, related_name="appraisals")
    tool = TermField(vocabulary=TeamVocabulary.APPRAISAL_TOOL)
    judgement = models.CharField(max_length=10, choices=AppraisalJudgement.choices)
    note = models.TextField(blank=True)

    class Meta(ReviewPart.Meta):
        constraints = [
            Unique(fields=["review", "reference", "tool"], name="a_study_is_appraised_once_a_tool"),
        ]

    def __str__(self) -> str:
        return f"{self.reference_id}: {self.get_judgement_display()}"

    @property
    def tool_label(self) -> str:
        """What the tool is called in the workbench."""
        code = str(self.tool)
        return labels_of_vocabulary(TeamVocabulary.APPRAISAL_TOOL).get(code, code)


class AppraisalAnswer(models.Model):
    """The answer to one question of a checklist about one study. The judgement is made by a person, not added up."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        CANNOT_TELL = "cannot-tell", "Can’t tell"

    review = models.ForeignKey("literature.LiteratureReview", models.CASCADE, related_name="answers")
    reference = models.ForeignKey("literature.Reference", models.PROTECT, related_name="appraisal_answers")
    tool = TermField(vocabulary=TeamVocabulary.APPRAISAL_TOOL)
    item = models.CharField(max_length=20, help_text="The code of the question, such as 3 or 1.2.")
    answer = models.CharField(max_length=12, choices=Answer.choices)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["review", "reference", "tool", "pk"]
        constraints = [
            Unique(fields=["review", "reference", "tool", "item"], name="a_question_of_a_checklist_is_answered_once"),
            Rule(condition=Q(answer__in=["yes", "no", "cannot-tell"]), name="an_answer_is_yes_no_or_cannot_tell"),
            Rule(condition=Q(tool__in=list_codes(ChecklistTool)), name="an_answer_belongs_to_a_known_checklist"),
        ]

    def __str__(self) -> str:
        return f"{self.reference_id} {self.tool} {self.item}: {self.get_answer_display()}"
