"""Admin of themes, and of the terms of the vocabularies that teams extend."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from failure_lessons.constraints import broken_rule
from failure_lessons.vocabularies.models import Theme, VocabularyTerm
from failure_lessons.vocabularies.services import count_uses, describe_uses
from failure_lessons.vocabularies.skos.admin import SkosPages
from failure_lessons.vocabularies.skos.services import THEMES
from failure_lessons.vocabularies.themes.admin import RearrangePages
from failure_lessons.workbench.publishable import PublishableAdmin
from failure_lessons.workbench.recorded import RecordedAdmin


@admin.register(Theme)
class ThemeAdmin(PublishableAdmin):
    parts = [SkosPages, RearrangePages]
    change_list_template = "admin/vocabularies/vocabulary.html"
    vocabulary = THEMES
    list_display = ["label", "slug", "state", "edited_at"]
    search_fields = ["label", "slug", "scope_note"]
    prepopulated_fields = {"slug": ["label"]}
    fieldsets = [
        (None, {"fields": ["label", "slug", "scope_note", "alt_labels"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]


@admin.register(VocabularyTerm)
class VocabularyTermAdmin(RecordedAdmin):
    """Terms: added, given a better label, put in order, retired. One that is used stays, and a code never changes."""

    change_form_template = "admin/publishing/change_form.html"
    spreadsheet = False
    list_display = ["label", "code", "vocabulary", "position", "retired"]
    list_filter = ["vocabulary", "retired"]
    search_fields = ["code", "label", "scope_note"]
    fields = ["vocabulary", "label", "code", "scope_note", "position", "retired", "used_in"]

    @admin.display(description="Used in")
    def used_in(self, term: VocabularyTerm) -> str:
        """What uses it, and how often."""
        return (describe_uses(count_uses(term)) if term.pk else "") or "Nothing."

    def get_readonly_fields(self, request: HttpRequest, obj: VocabularyTerm | None = None) -> list[str]:
        return ["vocabulary", "code", "used_in"] if obj else ["used_in"]

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: VocabularyTerm | None = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else {"code": ["label"]}

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Only what nothing uses goes; the rest is retired."""
        term = self.get_object(request, object_id)
        if not self.has_delete_permission(request, term):
            raise PermissionDenied
        if term is None or not (refusal := describe_uses(count_uses(term))):
            try:
                with transaction.atomic():
                    return super().delete_view(request, object_id, extra_context)
            except IntegrityError as error:  # somebody has just chosen it
                refusal = broken_rule(error).rstrip(".")
        words = f"“{term}” stays, because it is used: {refusal}. Retire it, and forms offer it no longer."
        messages.error(request, words)
        return HttpResponseRedirect(reverse("admin:vocabularies_vocabularyterm_change", args=[object_id]))

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Callable[..., str], str, str] | None]:
        """No bulk deletion: it would pass by the rule above."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
