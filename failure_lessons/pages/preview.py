"""A draft as readers would see it: the public template over a document built from the workbench. Staff only."""

from __future__ import annotations

from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from failure_lessons.library.preview import as_read, find_draft
from failure_lessons.pages.records import kind_at


@never_cache
@staff_member_required
def preview_record(request: HttpRequest, address: str, slug: str) -> HttpResponse:
    """A record as it stands in the workbench, through the template that readers get."""
    kind = kind_at(address)
    record = find_draft(kind.code, slug)
    options = record._meta
    if not request.user.has_perm(f"{options.app_label}.view_{options.model_name}"):
        raise PermissionDenied
    edit_url = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])
    return render(request, kind.template, {**as_read(record), "edit_url": edit_url})
