"""Rows of records as lists, to filter and to take out as sheets. They are written in the form of their record alone.

Only that form knows who else edits the record, whether it is in review, and that a change to what is published has a
reason; so rows have no page of their own, and no place in the menu.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from failure_lessons.publishing.review_lock import owner_keys, owning_records
from failure_lessons.workbench.form_anchors import form_address


def row_anchor(row: Model) -> str:
    """Where a row stands in the form of its record: `#events-3`; a row of a row stands where that does."""
    for key in owner_keys(type(row)):
        owner = getattr(row, key.name)
        if owner is None:
            continue
        if next(owner_keys(type(owner)), None) is not None:
            return row_anchor(owner)
        name = key.remote_field.get_accessor_name()
        keys = list(getattr(owner, name).values_list("pk", flat=True)) if name else []
        return f"#{name}-{keys.index(row.pk)}" if row.pk in keys else ""
    return ""


class RowListAdmin(admin.ModelAdmin):
    """A list of rows; whoever opens one is led to it in the form of its record."""

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """None: that keeps it out of the menu."""
        return {}

    def get_actions(self, request: HttpRequest) -> Any:
        """Without deleting, which would pass by the form of the record."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "has_add_permission": False})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        row = get_object_or_404(self.model, pk=int(object_id) if object_id.isascii() and object_id.isdigit() else 0)
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request, row):
            raise PermissionDenied("Rows are written in the form of their record.")
        return HttpResponseRedirect(self.find_row_address(row))

    def find_row_address(self, row: Model) -> str:
        """Where a row is written: in the form of its record, unless its admin knows a page for it."""
        [owner] = owning_records([row])
        return form_address(owner) + row_anchor(row)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        raise PermissionDenied("Rows are added in the form of their record.")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        raise PermissionDenied("Rows are removed in the form of their record.")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The history of a row is told with its record's."""
        return self.change_view(request, object_id)
