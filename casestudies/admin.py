"""Admin of case studies: one page, in the order in which a researcher thinks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, TextField
from django.http import HttpRequest
from django.utils.text import capfirst

from casestudies.documents import read_whole
from casestudies.identifiers import tidy_identifier, validate_ods, validate_ror, validate_urn
from casestudies.models import (
    Actor,
    Anchor,
    Calibration,
    CaseFinding,
    CaseLookedFor,
    CaseStudy,
    Comparison,
    Condition,
    Event,
    Indicator,
    IndicatorValue,
    Intervention,
    Involvement,
    Membership,
    Organisation,
    OrganisationsApart,
    Quote,
    Section,
    Succession,
)
from casestudies.paste_import.admin import PastePages
from casestudies.paste_import.columns import PASTE_KINDS as PASTED
from casestudies.similarity import likely_organisation_pairs
from casestudies.sourced_forms import CaseSourcedForm, IndicatorForm
from failure_lessons.vocabularies.choices import TeamVocabulary
from failure_lessons.vocabularies.term_fields import TermsChoiceField
from failure_lessons.workbench.inlines import RowForm, RowsInline
from failure_lessons.workbench.labelled_inlines import LabelledInline
from failure_lessons.workbench.merging import MergePages, Pair
from failure_lessons.workbench.publishable import PublishableAdmin
from failure_lessons.workbench.recorded import RecordedAdmin
from failure_lessons.workbench.row_lists import RowListAdmin


class OrganisationForm(forms.ModelForm):
    """An organisation; identifiers may be pasted with their address or in another case."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for scheme in Organisation.IDENTIFIERS:
            if scheme in self.fields:
                self.fields[scheme] = PastedIdentifier(scheme, self.fields[scheme])


class PastedIdentifier(forms.CharField):
    """An identifier as people paste it."""

    def __init__(self, scheme: str, model_field: forms.Field) -> None:
        self.scheme = scheme
        super().__init__(
            required=False,
            label=model_field.label,
            help_text=model_field.help_text,
            max_length=200,
            widget=model_field.widget,
            validators=[{"urn": validate_urn, "ods": validate_ods, "ror": validate_ror}[scheme]],
        )

    def to_python(self, value: object) -> str:
        return tidy_identifier(self.scheme, super().to_python(value) or "")


class OrganisationMergePages(MergePages):
    """A way to make one of two organisations."""

    merge_fields = ("name", "type", "place", *Organisation.IDENTIFIERS)
    apart = OrganisationsApart

    def likely_pairs(self) -> Iterator[Pair]:
        for one, other, likeness, reason in likely_organisation_pairs(Organisation.objects.order_by("pk")):
            yield Pair(one.pk, other.pk, likeness, reason)

    def told_by(self, record: Organisation) -> str:
        codes = [f"{scheme.upper()} {getattr(record, scheme)}" for scheme in record.IDENTIFIERS]
        return ", ".join(filter(None, [record.type, record.place, *(each for each in codes if each[-1] != " ")]))


class SuccessionInline(admin.StackedInline):
    model = Succession
    fk_name = "organisation"
    extra = 0
    autocomplete_fields = ["successor", "reference"]
    fields = [("position", "successor", "date"), "note", ("reference", "locator"), "quotation"]


class MembershipInline(admin.TabularInline):
    model = Membership
    fk_name = "body_class"
    extra = 0
    autocomplete_fields = ["member"]
    fields = ["position", "member", "start_edtf", "end_edtf"]


@admin.register(Organisation)
class OrganisationAdmin(PublishableAdmin):
    form = OrganisationForm
    change_list_template = "admin/workbench/merging_list.html"
    parts = [OrganisationMergePages]
    list_display = ["name", "type", "place", "state"]
    list_filter = ["state", "type"]
    search_fields = ["name", "type", "urn", "ods", "ror"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [SuccessionInline, MembershipInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "type", "place", "is_class"]}),
        ("Identifiers", {"fields": ["urn", "ods", "ror"]}),
        ("In time", {"fields": ["former_names", ("start_edtf", "end_edtf"), "note"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]


class PartInline(RowsInline, admin.StackedInline):
    """Parts of a case, each closed under a line that says what it is."""

    show_change_link = False


class SourcedInline(PartInline):
    """Statements of a case, each with its sources typed as lines."""

    form = CaseSourcedForm


class InvolvementInline(PartInline):
    model = Involvement
    autocomplete_fields = ["organisation"]
    fields = [("position", "organisation")]


class SectionInline(SourcedInline):
    model = Section
    formfield_overrides = {TextField: {"widget": forms.Textarea(attrs={"rows": 12, "cols": 80, "data-rich": ""})}}
    fields = [("position", "name"), "in_short", "text", "sources"]


class EventInline(SourcedInline):
    model = Event
    fields = [("position", "date", "phase"), "title", "description", "sources"]


class ActorInline(SourcedInline):
    model = Actor
    autocomplete_fields = ["organisation"]
    fields = [("position", "name", "role"), "part_played", "organisation", "sources"]


class InterventionInline(SourcedInline):
    model = Intervention
    fields = [
        ("position", "kind"),
        "title",
        "description",
        ("start_edtf", "end_edtf"),
        "led_by",
        "effect",
        "sources",
    ]


class IndicatorInline(SourcedInline):
    model = Indicator
    form = IndicatorForm
    fields = [
        ("position", "name"),
        ("unit", "better"),
        "definition",
        "values",
        ("comparator", "other_values"),
        "sources",
        "figure_sources",
    ]


class CaseFindingInline(SourcedInline):
    model = CaseFinding
    autocomplete_fields = ["themes"]
    fields = [("position", "code", "phase"), "statement", "explanation", "relevance_to_nhs", "themes", "sources"]


class CaseQuoteForm(RowForm):
    """Somebody's very words: here they are what it is about."""

    class Meta:
        model = Quote
        fields = "__all__"
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quotation"].required = True


class QuoteInline(PartInline):
    model = Quote
    form = CaseQuoteForm
    autocomplete_fields = ["reference"]
    fields = [("position", "speaker_role"), "quotation", "reference", "locator", ("read_as", "read_extent", "read_on")]


class CaseLookedForInline(PartInline):
    """What was looked for and not found: the map may then say so."""

    model = CaseLookedFor
    autocomplete_fields = ["theme"]
    fields = [("position", "phase"), "theme", "how"]


class CaseStudyForm(forms.ModelForm):
    """A case study; what failed as boxes to tick."""

    failure_types = TermsChoiceField(vocabulary=TeamVocabulary.FAILURE_TYPE, help_text="What failed.")


@admin.register(CaseStudy)
class CaseStudyAdmin(PublishableAdmin):
    parts = [PastePages]
    form = CaseStudyForm
    list_display = ["title", "sector", "start_edtf", "end_edtf", "state", "edited_at"]
    list_filter = ["state", "sector"]
    search_fields = ["title", "slug", "sections__text"]
    prepopulated_fields = {"slug": ["title"]}
    fieldsets = [
        (None, {"fields": ["title", "slug", "sector", ("start_edtf", "end_edtf"), "failure_types"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]
    change_form_template = "admin/casestudies/case_study_form.html"
    inlines = [
        SectionInline,
        EventInline,
        InterventionInline,
        IndicatorInline,
        ActorInline,
        CaseFindingInline,
        QuoteInline,
        CaseLookedForInline,
        InvolvementInline,
    ]

    def get_formset_kwargs(
        self, request: HttpRequest, obj: CaseStudy, inline: admin.options.InlineModelAdmin, prefix: str
    ) -> dict[str, object]:
        """The rows of all sections are read at once."""
        if obj.pk:
            read_whole([obj])
        return super().get_formset_kwargs(request, obj, inline, prefix)

    def further_context(self, context: dict[str, Any]) -> dict[str, object]:
        """The table of contents: each section with how many rows it has and how many of them lack something."""
        lacking = Counter(gap["url"].rpartition("#")[2].split("-")[0] for gap in context["gaps"] if "#" in gap["url"])
        return {
            "sections": [
                {
                    "url": f"#{shown.formset.prefix}-group",
                    "label": capfirst(shown.opts.verbose_name_plural),
                    "count": len(shown.formset.initial_forms),
                    "lacking": lacking[shown.formset.prefix],
                    "paste": f"../paste/{shown.formset.prefix}/" if shown.formset.prefix in PASTED else "",
                }
                for shown in context["inline_admin_formsets"]
            ]
        }


class CasePartAdmin(RowListAdmin):
    """Statements of cases in one list."""

    list_select_related = ["case"]
    list_filter = ["case"]


@admin.register(CaseFinding)
class CaseFindingAdmin(CasePartAdmin):
    list_display = ["code", "statement", "phase", "case"]
    list_filter = ["phase", "case"]
    search_fields = ["code", "statement", "explanation"]


@admin.register(Event)
class EventAdmin(CasePartAdmin):
    list_display = ["date", "title", "phase", "case"]
    ordering = ["case", "earliest", "position"]
    search_fields = ["title", "description"]


@admin.register(Intervention)
class InterventionAdmin(CasePartAdmin):
    list_display = ["title", "kind", "start_edtf", "end_edtf", "case"]
    search_fields = ["title", "description"]


@admin.register(Indicator)
class IndicatorAdmin(CasePartAdmin):
    list_display = ["name", "unit", "better", "case"]
    search_fields = ["name", "definition"]


@admin.register(Section)
class SectionAdmin(CasePartAdmin):
    list_display = ["case", "name"]
    search_fields = ["text"]


class ConditionInline(admin.StackedInline):
    model = Condition
    extra = 0
    show_change_link = True


@admin.register(Comparison)
class ComparisonAdmin(PublishableAdmin):
    list_display = ["title", "state", "edited_at"]
    search_fields = ["title"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [ConditionInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "notes"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]


class AnchorInline(LabelledInline):
    model = Anchor
    extra = 0


class CalibrationInline(admin.StackedInline):
    model = Calibration
    extra = 0
    autocomplete_fields = ["case", "findings"]


@admin.register(Condition)
class ConditionAdmin(RecordedAdmin):
    """A condition with its anchors and calibrations, for which the form of a comparison has no room."""

    change_form_template = "admin/workbench/part_form.html"
    list_display = ["label", "key", "is_outcome", "comparison"]
    search_fields = ["label", "key"]
    readonly_fields = ["comparison"]
    inlines = [AnchorInline, CalibrationInline]

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """None: it is reached from its comparison, and not from the menu."""
        return {}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Conditions are added in the form of their comparison."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Conditions are removed in the form of their comparison."""
        return False


@admin.register(IndicatorValue)
class IndicatorValueAdmin(RowListAdmin):
    list_display = ["indicator", "period", "value"]
    list_filter = ["indicator__case"]
    list_select_related = ["indicator"]
    search_fields = ["indicator__name", "period", "note"]
