"""How the site is used, for stewards, to read."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from failure_lessons.operations.models import CheckedLink, UseCount, VainSearch


class ReadOnlyCounts(admin.ModelAdmin):
    """Counts are made by a worker; here they are read."""

    date_hierarchy = "day"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(UseCount)
class UseCountAdmin(ReadOnlyCounts):
    """Opened, taken away, embedded, searched: by day and record."""

    list_display = ("day", "deed", "kind", "slug", "number")
    list_filter = ("deed", "kind")
    search_fields = ("slug",)


@admin.register(VainSearch)
class VainSearchAdmin(ReadOnlyCounts):
    """What readers look for and do not find."""

    list_display = ("words", "day", "number")
    search_fields = ("words",)


@admin.register(CheckedLink)
class CheckedLinkAdmin(ReadOnlyCounts):
    """Links to sources: what could not be reached stands first."""

    date_hierarchy = "checked_at"
    list_display = ("url", "state", "status", "failures", "failing_since", "reached_at", "archived_url", "due_at")
    list_filter = ("state",)
    search_fields = ("url",)
