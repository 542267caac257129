"""Redactions in the workbench: one person proposes that words go from everything published, another confirms it."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.publishing.redaction import (
    CannotRedact,
    check_proposal,
    confirm_redaction,
    find_editions_with,
    find_words_in_workbench,
    word_pattern,
)
from failure_lessons.publishing.redaction_models import Redaction


class RedactionForm(forms.ModelForm):
    """A proposal, refused as the service refuses it."""

    words = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One name or phrase a line. Whole words go, in capitals or not, from every edition and every note.",
    )

    class Meta:
        model = Redaction
        fields = ("words", "reason")

    def clean_words(self) -> list[str]:
        """The lines that say something."""
        return [line.strip() for line in self.cleaned_data["words"].splitlines() if line.strip()]

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        if "words" in cleaned and "reason" in cleaned:
            try:
                cleaned["words"] = check_proposal(cleaned["words"], cleaned["reason"])
            except CannotRedact as refusal:
                raise forms.ValidationError(refusal.reasons) from None


@admin.register(Redaction)
class RedactionAdmin(admin.ModelAdmin):
    """Proposed here, looked at and confirmed by somebody else; given up as long as nobody confirmed it."""

    form = RedactionForm
    list_display = ("__str__", "reason", "proposed_by", "proposed_at", "confirmed_by", "confirmed_at")
    fields = ("words", "reason")
    actions = None  # one at a time
    change_form_template = "admin/publishing/redaction.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redaction]:
        return super().get_queryset(request).select_related("proposed_by", "confirmed_by")

    def has_change_permission(self, request: HttpRequest, obj: Redaction | None = None) -> bool:
        return False  # a proposal is given up and made anew

    def has_delete_permission(self, request: HttpRequest, obj: Redaction | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.confirmed_at is None)

    def get_urls(self) -> list[URLPattern]:
        confirm = self.admin_site.admin_view(self.confirm_view)
        return [path("<int:pk>/confirm/", confirm, name="confirm_redaction"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Redaction, form: forms.ModelForm, change: bool) -> None:
        obj.proposed_by, obj.proposed_at = signed_in_user(request), timezone.now()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Redaction, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, "Proposed. Somebody else who may publish has to look at it and confirm it.")
        return HttpResponseRedirect(redaction_address(obj))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """The page of a proposal tells which editions say the words, and what has to be done before they can go."""
        row = self.get_object(request, object_id) if object_id else None
        if row and not row.confirmed_at and self.has_view_permission(request, row):
            pattern = word_pattern(row.words)
            editions = find_editions_with(pattern)
            extra_context = (extra_context or {}) | {
                "editions": editions,
                "in_workbench": find_words_in_workbench(editions, pattern),
                "is_own": row.proposed_by_id == signed_in_user(request).pk,
                "may_confirm": self.has_add_permission(request),
            }
        return super().changeform_view(request, object_id, form_url, extra_context)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once more, then replace the words."""
        row = get_object_or_404(Redaction, pk=pk, confirmed_at=None)
        if not self.has_add_permission(request):
            raise PermissionDenied
        reasons: list[str] = []
        if request.method == "POST":
            try:
                editions = confirm_redaction(redaction=row, by=signed_in_user(request))
            except CannotRedact as refusal:
                reasons = refusal.reasons
            else:
                messages.success(
                    request,
                    f"Done in {len(editions)} edition{'s' if len(editions) != 1 else ''}. "
                    "No file to download is handed out until the next ones are built.",
                )
                return HttpResponseRedirect(redaction_address(row))
        context = {
            **self.admin_site.each_context(request),
            "title": "Take words out of everything published",
            "opts": self.opts,
            "redaction": row,
            "reasons": reasons,
        }
        return TemplateResponse(request, "admin/publishing/confirm_redaction.html", context)


def redaction_address(redaction: Redaction) -> str:
    """The address of a redaction in the workbench."""
    return reverse("admin:publishing_redaction_change", args=[redaction.pk])
