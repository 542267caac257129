"""Admin of references, reviews and the glossary."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.db import models
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from rdflib.namespace import SKOS

from failure_lessons.confidence.admin import ConfidencePages
from failure_lessons.confidence.history import unseen_ratings
from failure_lessons.confidence.models import CerqualBase
from failure_lessons.history.models import ChangeQuerySet
from failure_lessons.vocabularies.choices import TeamVocabulary
from failure_lessons.vocabularies.skos.admin import SkosPages
from failure_lessons.vocabularies.skos.services import Vocabulary
from failure_lessons.vocabularies.terms import labels_of_vocabulary
from failure_lessons.workbench.inlines import RowForm, RowsInline
from failure_lessons.workbench.jobs import register_jobs
from failure_lessons.workbench.labelled_inlines import LabelledInline
from failure_lessons.workbench.parts import ComposedAdmin
from failure_lessons.workbench.publishable import PublishableAdmin
from failure_lessons.workbench.row_lists import RowListAdmin
from literature.appraising.admin import AppraisalPages
from literature.extracting.admin import ExtractionPages
from literature.importing.admin import ImportPages
from literature.merging.admin import ReferenceMergePages
from literature.models import (
    Appraisal,
    EligibilityCriterion,
    GlossaryTerm,
    LiteratureReview,
    Reference,
    ReviewFinding,
    ReviewFindingAssessment,
    ReviewLookedFor,
    Screening,
    Search,
)
from literature.profiles import ProfilePages
from literature.reference_form import ReferenceForm, mark_types
from literature.review_dashboard import DashboardPages
from literature.review_jobs import REVIEW_JOBS
from literature.screening.admin import ScreeningPages
from literature.screening.record_pages import RecordPages
from literature.sourced_forms import ElementsField, SourcedForm, SourcesField, source_line

GLOSSARY = Vocabulary(GlossaryTerm, "term", "definition", SKOS.definition, origin="source_note")


@admin.register(Reference)
class ReferenceAdmin(PublishableAdmin):
    parts = [ImportPages, ReferenceMergePages]
    change_list_template = "admin/literature/references.html"
    list_display = ["slug", "title", "type", "container_title", "state"]
    list_filter = ["state", "type"]
    search_fields = ["slug", "title", "author", "container_title", "publisher", "doi"]
    form = ReferenceForm
    change_form_template = "admin/literature/reference_form.html"
    formfield_overrides = {models.URLField: {"assume_scheme": "https", "widget": AdminURLFieldWidget}}
    fieldsets = [
        (None, {"fields": ["type", "title", "slug", "author", "issued"]}),
        (
            "Where it appeared",
            {
                "fields": [
                    "container_title",
                    ("volume", "issue", "page"),
                    ("number", "edition", "genre"),
                    "editor",
                    ("publisher", "publisher_place"),
                    ("collection_title", "event_title", "authority"),
                ]
            },
        ),
        ("Identifiers", {"fields": ["doi", ("isbn", "issn"), "url", "accessed", "licence", "csl"]}),
        ("What it says", {"fields": ["abstract", "note"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]

    def formfield_for_dbfield(
        self, db_field: models.Field[object, object], request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return mark_types(field, db_field.name) if field else None


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(PublishableAdmin):
    parts = [SkosPages]
    change_list_template = "admin/vocabularies/vocabulary.html"
    vocabulary = GLOSSARY
    list_display = ["term", "definition", "state"]
    search_fields = ["term", "definition"]
    autocomplete_fields = ["reference"]
    prepopulated_fields = {"slug": ["term"]}
    fieldsets = [
        (None, {"fields": ["term", "slug", "definition", "reference", "source_note"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]


REVIEW_ROWS = (  # of its form
    "searches",
    "eligibility_criteria",
    "findings__themes",
    "findings__citations__reference",
    "looked_for__theme",
    "synthesis_citations__reference",
)


class SearchInline(LabelledInline):
    model = Search
    extra = 0


class EligibilityInline(LabelledInline):
    model = EligibilityCriterion
    extra = 0


class ReviewFindingForm(RowForm, SourcedForm):
    """A finding with its sources."""

    sources: forms.Field = SourcesField()


class ReviewFindingInline(RowsInline, admin.StackedInline):
    """What a review found, each closed under a line that says what it is."""

    model = ReviewFinding
    form = ReviewFindingForm
    show_change_link = False
    autocomplete_fields = ["themes"]
    fields = [("position", "code", "phase"), "statement", "explanation", "themes", "sources"]


class ReviewLookedForInline(RowsInline, admin.StackedInline):
    """What was looked for and not found: the map may then say so."""

    model = ReviewLookedFor
    show_change_link = False
    autocomplete_fields = ["theme"]
    fields = [("position", "phase"), "theme", "how"]


class ReviewForm(SourcedForm):
    """A review, with what its synthesis rests on."""

    framework_elements: forms.Field = ElementsField(
        required=False,
        label="Elements of the question",
        help_text="One a line, by the letters of the framework: setting: schools in England.",
    )
    cited_as = "synthesis_citations"
    sources: forms.Field = SourcesField(label="Sources of the synthesis")


@admin.register(LiteratureReview)
class LiteratureReviewAdmin(PublishableAdmin):
    form = ReviewForm
    parts = [DashboardPages, ScreeningPages, RecordPages, AppraisalPages, ExtractionPages, ProfilePages]
    list_display = ["title", "review_type", "sector", "state", "edited_at"]
    list_filter = ["state", "sector", "review_type"]
    search_fields = ["title", "question"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [
        SearchInline,
        EligibilityInline,
        ReviewFindingInline,
        ReviewLookedForInline,
    ]

    fieldsets = [
        (None, {"fields": ["title", "slug", "question", "review_type", "sector"]}),
        ("Framework", {"fields": ["framework", "framework_elements"]}),
        ("Synthesis", {"fields": ["synthesis", "sources", "search_again_by"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]

    def get_formset_kwargs(
        self, request: HttpRequest, obj: LiteratureReview, inline: admin.options.InlineModelAdmin, prefix: str
    ) -> dict[str, object]:
        """The rows of all sections are read at once."""
        if obj.pk:
            prefetch_related_objects([obj], *REVIEW_ROWS)
        return super().get_formset_kwargs(request, obj, inline, prefix)

    @admin.display(description="Sources of the synthesis")
    def sources(self, review: LiteratureReview) -> str:
        """What somebody sees who may not change the review: the form has a box."""
        return "; ".join(map(source_line, review.synthesis_citations.select_related("reference")))

    def visible_changes(self, request: HttpRequest, changes: ChangeQuerySet) -> ChangeQuerySet:
        """Without the ratings that this person must not see before giving their own."""
        return unseen_ratings(changes, request.user, ReviewFindingAssessment)


class AssessmentInline(admin.StackedInline):
    """The agreed assessment, to look at: it is made on the pages of confidence."""

    extra = 0
    max_num = 0
    can_delete = False
    fieldsets = [
        (name.replace("_", " ").capitalize(), {"fields": [name, f"{name}_reason"]})
        for name in (*CerqualBase.COMPONENTS, "overall")
    ]
    verbose_name_plural = "agreed confidence (see Confidence to rate, compare and agree)"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CerqualBase]:
        return super().get_queryset(request).filter(agreed=True)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(ReviewFinding)
class ReviewFindingAdmin(RowListAdmin, ComposedAdmin):
    parts = [ConfidencePages]
    list_display = ["code", "statement", "phase", "review"]
    list_filter = ["phase", "review"]
    list_select_related = ["review"]
    search_fields = ["code", "statement", "explanation"]


class ReviewPartAdmin(RowListAdmin):
    """Parts of literature reviews in one list, to filter and to take out as a sheet."""

    list_filter = ["review"]
    list_select_related = ["review", "reference"]


@admin.register(Screening)
class ScreeningRowAdmin(ReviewPartAdmin):
    list_display = ["reference", "stage", "decision", "review"]
    list_filter = ["review", "stage", "decision"]
    search_fields = ["reference__slug", "reference__title", "reason"]

    def find_row_address(self, row: models.Model) -> str:
        """Among the records of its review."""
        if not isinstance(row, Screening):
            return super().find_row_address(row)
        told = urlencode({"stage": row.stage, "q": row.reference.slug})
        page = reverse("admin:literature_review_records", args=[row.review_id])
        return f"{page}?{told}#record-{row.reference_id}"


class ToolFilter(admin.SimpleListFilter):
    """Appraisals by the tool that was used."""

    title = parameter_name = "tool"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Appraisal]) -> list[tuple[str, str]]:
        return list(labels_of_vocabulary(TeamVocabulary.APPRAISAL_TOOL).items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appraisal]) -> QuerySet[Appraisal]:
        return queryset.filter(tool=self.value()) if self.value() else queryset


@admin.register(Appraisal)
class AppraisalRowAdmin(ReviewPartAdmin):
    list_display = ["reference", "tool_label", "judgement", "review"]
    list_filter = ["review", ToolFilter, "judgement"]
    search_fields = ["reference__slug", "reference__title", "note"]

    def find_row_address(self, row: models.Model) -> str:
        """Among the studies that its review appraises."""
        if not isinstance(row, Appraisal):
            return super().find_row_address(row)
        page = reverse("admin:literature_review_appraise", args=[row.review_id])
        return f"{page}?{urlencode({'key': row.reference.slug})}#study-{row.reference_id}"

    @admin.display(description="Tool", ordering="tool")
    def tool_label(self, appraisal: Appraisal) -> str:
        """What the tool is called."""
        return appraisal.tool_label


@admin.register(Search)
class SearchRowAdmin(ReviewPartAdmin):
    list_display = ["source", "date_run", "records_found", "review"]
    list_select_related = ["review"]
    search_fields = ["source", "query"]


register_jobs(LiteratureReview, *REVIEW_JOBS)
