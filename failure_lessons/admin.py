"""Admin of people and themes."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from failure_lessons.models import Theme, User
from failure_lessons.skos.admin import SkosAdmin
from failure_lessons.skos.verbs import THEMES
from failure_lessons.themes.admin import MergingThemes

admin.site.site_header = "Failure Lessons workbench"
admin.site.site_title = "Failure Lessons workbench"
admin.site.index_title = "Evidence, lessons and recommendations"


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People: as Django has them, with their notices."""

    fieldsets: ClassVar[Any] = [*(UserAdmin.fieldsets or ()), ("Notices", {"fields": ["notices"]})]


@admin.register(Theme)
class ThemeAdmin(SkosAdmin, MergingThemes):
    vocabulary = THEMES
    list_display = ["label", "slug", "state", "edited_at"]
    search_fields = ["label", "slug", "scope_note"]
    prepopulated_fields = {"slug": ["label"]}
    fieldsets = [
        (None, {"fields": ["label", "slug", "scope_note"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]
