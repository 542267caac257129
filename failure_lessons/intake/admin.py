"""Messages in the workbench: one person proposes what becomes of each, another agrees."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.intake.models import LONGEST_MESSAGE, MessageDecision, PublicMessage
from failure_lessons.intake.services import CannotDecide, agree_decision, propose_decision, reason_against_publishing
from failure_lessons.publishing.models import Edition

MODERATE_RIGHT = "intake.moderate_message"
AREA = {"rows": 6, "cols": 80}


class DecisionForm(forms.Form):
    """What becomes of a message."""

    outcome = forms.ChoiceField(choices=MessageDecision.Outcome.choices)
    answer = forms.CharField(
        max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs=AREA), help_text="The sender gets this by mail."
    )
    published = forms.CharField(
        label="Beside the record",
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=forms.Textarea(attrs=AREA),
        help_text="What readers get. Empty: nothing. A reply stands in the body's own words or not at all.",
    )


class StandingFilter(admin.SimpleListFilter):
    """What waits for the first person, what for the second, what is done."""

    title, parameter_name = "standing", "standing"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("new", "Waits for a first person"), ("proposed", "Waits for a second"), ("done", "Decided")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PublicMessage]) -> QuerySet[PublicMessage]:
        if self.value() == "new":
            return queryset.filter(decision=None)
        if self.value() in ("proposed", "done"):
            return queryset.filter(decision__isnull=False, decision__agreed_by__isnull=self.value() == "proposed")
        return queryset


@admin.register(PublicMessage)
class SentAdmin(admin.ModelAdmin):
    """Read only, but for the decision."""

    list_display = ("sort", "about_slug", "organisation", "sent_at", "standing")
    list_filter = (StandingFilter, "sort")
    list_select_related = ("decision",)

    def has_view_permission(self, request: HttpRequest, obj: PublicMessage | None = None) -> bool:
        return request.user.has_perm(MODERATE_RIGHT)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MODERATE_RIGHT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PublicMessage | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PublicMessage | None = None) -> bool:
        return False

    @admin.display(description="Standing")
    def standing(self, sent: PublicMessage) -> str:
        decision = getattr(sent, "decision", None)
        if decision is None:
            return "Waits for a first person"
        return decision.get_outcome_display() if decision.agreed_by_id else "Waits for a second person"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: object = None
    ) -> HttpResponse:
        """The message with its decision: to propose, to agree, or to read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        sent = get_object_or_404(PublicMessage.objects.select_related("decision"), pk=object_id)
        decision = getattr(sent, "decision", None)
        by = signed_in_user(request)
        form = DecisionForm(request.POST or None, initial=starting_words(sent, decision))
        if request.method == "POST":
            try:
                if "_agree" in request.POST:
                    agree_decision(sent=sent, by=by)
                elif form.is_valid():
                    propose_decision(sent=sent, by=by, **form.cleaned_data)
                if "_agree" in request.POST or form.is_valid():
                    messages.success(request, "The sender was told." if "_agree" in request.POST else "Proposed.")
                    return redirect("admin:intake_publicmessage_change", sent.pk)
            except CannotDecide as refusal:
                messages.error(request, str(refusal))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": str(sent),
            "sent": sent,
            "record": Edition.objects.current().filter(record_id=sent.about_record).without_text().first()
            if sent.about_record
            else None,
            "decision": decision,
            "may_agree": decision is not None and not decision.agreed_by_id and decision.by_id != by.pk,
            "settled": decision is not None and bool(decision.agreed_by_id),
            "unpublished": reason_against_publishing(sent, MessageDecision.Outcome.ACCEPTED),
            "form": form,
        }
        return render(request, "admin/intake/sent.html", context, status=422 if request.method == "POST" else 200)


def starting_words(sent: PublicMessage, decision: MessageDecision | None) -> dict[str, str]:
    """What the form of a decision begins with: what was proposed, else the message where it may be shown."""
    if decision:
        return {"outcome": decision.outcome, "answer": decision.answer, "published": decision.published}
    return {"published": "" if reason_against_publishing(sent, MessageDecision.Outcome.ACCEPTED) else sent.text}
