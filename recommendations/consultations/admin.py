"""The workbench of rounds: what is asked, and the page on which facilitators run a round."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from failure_lessons.workbench.publishable import PublishableAdmin
from recommendations.admin import LineListField
from recommendations.consultations.comments_desk import RoundComments
from recommendations.consultations.desk import RoundPages
from recommendations.consultations.models import ConsultationRound, Question, ReportingGroup, Statement
from recommendations.consultations.person_desk import PersonPages
from recommendations.consultations.workshop_desk import WorkshopPages

FORM_MOMENT = "%Y-%m-%dT%H:%M"  # as browsers send it


class GroupForm(forms.ModelForm):
    """Lists as lines."""

    roles = LineListField(required=False, help_text="Whom to invite, one a line.")


class AskedForm(forms.ModelForm):
    """Lists as lines."""

    options = LineListField(required=False, help_text="Of a choice, one a line.")
    statement_codes = LineListField(required=False, help_text="Which statements, one a line; empty for all.")


class ReportingGroupInline(admin.StackedInline):
    model = ReportingGroup
    form = GroupForm
    extra = 0


class StatementInline(admin.StackedInline):
    model = Statement
    extra = 0
    raw_id_fields = ["edition", "came_from"]
    fields = [("position", "code", "is_from_participant"), "wording", "reason", "against", ("edition", "came_from")]


class QuestionInline(admin.StackedInline):
    model = Question
    form = AskedForm
    extra = 0


class RoundForm(forms.ModelForm):
    """A round; topics as lines, each moment in one field."""

    opens_at = forms.DateTimeField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=FORM_MOMENT))
    closes_at = forms.DateTimeField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=FORM_MOMENT))

    topics = LineListField(required=False, help_text="What people are asked to talk about, one a line.")


@admin.register(ConsultationRound)
class ConsultationRoundAdmin(PublishableAdmin):
    form = RoundForm
    parts = [RoundPages, RoundComments, WorkshopPages, PersonPages]
    list_display = ["title", "number", "stage", "opens_at", "closes_at", "state"]
    list_filter = ["stage", "state"]
    search_fields = ["title"]
    inlines = [ReportingGroupInline, StatementInline, QuestionInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "purpose", "method", ("follows", "number"), "topics"]}),
        ("When", {"fields": [("opens_at", "closes_at"), "contact"]}),
        ("How answers are judged", {"fields": ["scale_words", "rules", "least_shown"]}),
        (
            "What is promised",
            {"fields": ["anonymity", "lawful_basis", "notice", "notice_version", "retention_days"]},
        ),
        (
            "For the report",
            {
                "fields": ["interpretation", "limits", *ConsultationRound.CONDUCT],
                "description": "What is left empty is named as a gap in the report.",
            },
        ),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: ConsultationRound | None = None) -> list[str]:
        """What is fixed once a round is announced is shown and not offered: the database would refuse it."""
        fields = [*super().get_readonly_fields(request, obj)]
        if obj is None or obj.stage == ConsultationRound.Stage.DRAFT:
            return fields
        return [*fields, *(name.removesuffix("_id") for name in ConsultationRound.FROZEN), "closes_at"]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Rounds are set up from a template, on a page of their own."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:consultations_consultationround_set_up"))

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """As of any record; but nobody publishes what they ran."""
        ran = ConsultationRound.objects.filter(pk=pk, log_lines__by=request.user.pk).exists()
        if verb in ("publish", "correct") and request.method == "POST" and ran:
            raise PermissionDenied("You ran this round: somebody else publishes its report.")
        return super().verb_view(request, pk, verb)
