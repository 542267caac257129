"""Admin of themes."""

from __future__ import annotations

from django.contrib import admin

from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.skos.admin import SkosPages
from failure_lessons.vocabularies.skos.services import THEMES
from failure_lessons.vocabularies.themes.admin import RearrangePages
from failure_lessons.workbench.publishable import PublishableAdmin


@admin.register(Theme)
class ThemeAdmin(PublishableAdmin):
    parts = [SkosPages, RearrangePages]
    change_list_template = "admin/vocabularies/vocabulary.html"
    vocabulary = THEMES
    list_display = ["label", "slug", "state", "edited_at"]
    search_fields = ["label", "slug", "scope_note"]
    prepopulated_fields = {"slug": ["label"]}
    fieldsets = [
        (None, {"fields": ["label", "slug", "scope_note"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]
