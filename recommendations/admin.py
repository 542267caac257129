"""Admin of lessons, recommendations, situations and consultation templates."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from failure_lessons.confidence.admin import ConfidencePages
from failure_lessons.confidence.history import unseen_ratings
from failure_lessons.history.models import ChangeQuerySet
from failure_lessons.vocabularies.choices import Audience, TeamVocabulary
from failure_lessons.vocabularies.term_fields import TermsChoiceField
from failure_lessons.workbench.buttons import REVIEW
from failure_lessons.workbench.form_anchors import form_address
from failure_lessons.workbench.jobs import Job, register_jobs
from failure_lessons.workbench.labelled_inlines import LabelledInline
from failure_lessons.workbench.publishable import PublishableAdmin
from literature.admin import AssessmentInline
from literature.sourced_forms import SourcedForm, SourcesField
from recommendations.models import (
    ConsultationTemplate,
    Grounds,
    Lesson,
    LessonAssessment,
    LessonEvidence,
    PolicyContext,
    Recommendation,
    Relation,
    Situation,
    SituationGrounds,
    StakeholderGroup,
)

RATE_LESSON = "recommendations.add_lessonassessment"


class LineListField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def has_changed(self, initial: object, data: object) -> bool:
        return self.clean_lines(initial) != self.clean_lines(data)

    @staticmethod
    def clean_lines(value: object) -> list[str]:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]


class LessonEvidenceInline(admin.StackedInline):
    model = LessonEvidence
    extra = 0
    autocomplete_fields = ["case_finding", "review_finding"]
    fields = [("position", "relation"), ("case_finding", "review_finding"), "note"]


class LessonAssessmentInline(AssessmentInline):
    model = LessonAssessment


@admin.register(Lesson)
class LessonAdmin(PublishableAdmin):
    parts = [ConfidencePages]
    list_display = ["code", "title", "phase", "state", "edited_at"]
    list_filter = ["state", "phase"]
    search_fields = ["code", "title", "statement"]
    autocomplete_fields = ["themes"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [LessonEvidenceInline, LessonAssessmentInline]
    fieldsets = [
        (None, {"fields": ["code", "title", "slug", "statement", "explanation", "phase", "themes"]}),
        (
            f"Transfer to {settings.SITE.service}",
            {"fields": ["transfer_alike", "transfer_differs", "transfer_would_change_our_view"]},
        ),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]

    def visible_changes(self, request: HttpRequest, changes: ChangeQuerySet) -> ChangeQuerySet:
        """Without the ratings that this person must not see before giving their own."""
        return unseen_ratings(changes, request.user, LessonAssessment)


class GroundsInline(LabelledInline):
    model = Grounds
    extra = 0
    autocomplete_fields = ["lesson"]


class RelationInline(LabelledInline):
    model = Relation
    fk_name = "source"
    extra = 0
    autocomplete_fields = ["target"]


class PolicyContextForm(SourcedForm):
    """A policy context with its sources."""

    sources: forms.Field = SourcesField()


class PolicyContextInline(admin.StackedInline):
    model = PolicyContext
    form = PolicyContextForm
    extra = 0
    verbose_name_plural = "policy context: what exists already, as of a day"
    fields = [
        ("as_of", "review_by"),
        "exists_already",
        "what_this_adds",
        "who_holds_the_power",
        "what_may_change",
        "sources",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyContext]:
        return super().get_queryset(request).prefetch_related("citations__reference")


class RecommendationForm(forms.ModelForm):
    """A recommendation; lists as lines, sets as boxes."""

    actions = LineListField(required=False, help_text="Steps, one a line.")
    short_steps = LineListField(required=False, help_text="At most four, one a line, each of at most 80 characters.")
    measures = LineListField(required=False, help_text="How we would know that it worked, one a line.")
    audiences = forms.MultipleChoiceField(choices=Audience.choices, widget=forms.CheckboxSelectMultiple)
    failure_types = TermsChoiceField(vocabulary=TeamVocabulary.FAILURE_TYPE)


@admin.register(Recommendation)
class RecommendationAdmin(PublishableAdmin):
    form = RecommendationForm
    list_display = ["code", "title", "phase", "level", "strength", "confidence", "state"]
    list_filter = ["state", "phase", "level", "strength", "confidence"]
    search_fields = ["code", "title", "statement"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [GroundsInline, RelationInline, PolicyContextInline]
    fieldsets = [
        (None, {"fields": ["code", "title", "slug", "statement", "wording", "kind"]}),
        ("Who and when", {"fields": ["audiences", "level", "owner", "timescale_label", "timescale_months"]}),
        ("Why", {"fields": ["rationale", "phase", "failure_types", "strength", "strength_reason", "confidence"]}),
        ("How", {"fields": ["actions", "measures", "resources", "cost", "conditions"]}),
        ("What speaks against it", {"fields": ["counter_evidence", "risks", "worse_off"]}),
        ("In everyday words", {"fields": ["plain_summary"]}),
        (
            "On one page",
            {
                "fields": ["short_question", "short_action", "short_steps", "short_sureness", "short_against"],
                "description": "The first page of a brief, which holds three of these. What is empty is replaced by "
                "the whole text, and then the page may become two.",
            },
        ),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]


class SituationGroundsInline(LabelledInline):
    model = SituationGrounds
    extra = 0
    autocomplete_fields = ["recommendation", "lesson"]


class SituationForm(forms.ModelForm):
    """A situation; steps and words as lines."""

    steps = LineListField(label="What to do on Monday", help_text="Steps, one a line, each with its codes.")
    words = LineListField(
        label="Words readers use for it", required=False, help_text="One a line. Searching for them finds it."
    )


@admin.register(Situation)
class SituationAdmin(PublishableAdmin):
    form = SituationForm
    list_display = ["code", "title", "confidence", "state", "edited_at"]
    list_filter = ["state", "confidence"]
    search_fields = ["code", "title", "question", "answer"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [SituationGroundsInline]
    fieldsets = [
        (None, {"fields": ["code", "title", "slug", "question", "answer"]}),
        ("How sure", {"fields": ["confidence", "confidence_reason", "counter_evidence"]}),
        ("What to do", {"fields": ["steps"]}),
        ("Finding it", {"fields": ["words"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]


class StakeholderGroupInline(LabelledInline):
    model = StakeholderGroup
    extra = 0


class ConsultationTemplateForm(forms.ModelForm):
    """A template; questions as lines."""

    questions = LineListField(help_text="One a line.")


@admin.register(ConsultationTemplate)
class ConsultationTemplateAdmin(PublishableAdmin):
    form = ConsultationTemplateForm
    list_display = ["title", "state", "edited_at"]
    search_fields = ["title"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [StakeholderGroupInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "status", "purpose", "questions", "rating_scale"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]


def confidence_address(lesson: Model) -> str:
    """Where the confidence in a lesson is rated and agreed."""
    return form_address(lesson).removesuffix("change/") + "confidence/"


register_jobs(
    Lesson,
    Job("rate-confidence", "Rate its confidence", (RATE_LESSON,), confidence_address),
    Job("confirm-confidence", "Confirm a rating", (RATE_LESSON, REVIEW), confidence_address),
)
