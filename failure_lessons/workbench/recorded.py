"""What the admin adds for every recorded record: no update is lost, changes have reasons, and history can be read and
undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.history.models import Change, ChangeQuerySet, version_of
from failure_lessons.publishing.models import Edition, Record
from failure_lessons.publishing.review_lock import find_review_locks, owning_records
from failure_lessons.workbench.edits import CannotRevert, Edit, group_edits, revert_edit
from failure_lessons.workbench.parts import AdminPart, ComposedAdmin

EDITS = 30  # edits on a page of history


class HistoryPages(AdminPart):
    """Who changed what in a record, and a way to undo it."""

    admin: RecordedAdmin

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<path:object_id>/history/", self.history_view, self.name_page("history")),
            self.make_path("<int:pk>/revert/<int:number>/", self.revert_view, self.name_page("revert")),
        ]

    def history_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who changed what, when and why, newest first."""
        record = self.admin.get_object(request, object_id)
        if record is None or not self.admin.has_view_permission(request, record):
            raise PermissionDenied
        shown = self.admin.visible_changes(request, Change.objects.of(record))
        numbers = shown.order_by("-transaction").values_list("transaction", flat=True).distinct()
        start = request.GET.get("before", "")
        if start.isascii() and start.isdigit():
            numbers = numbers.filter(transaction__lt=min(int(start), 2**62))
        page = list(numbers[: EDITS + 1])
        changes = shown.filter(transaction__in=page[:EDITS]).select_related("by")
        context = {
            **self.page_context(request),
            "original": record,
            "title": "History",
            "edits": group_edits(changes),
            "next": page[EDITS - 1] if len(page) > EDITS else None,
            "may_revert": self.admin.has_change_permission(request, record),
        }
        return render(request, "admin/workbench/history.html", context)

    def revert_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Undo one edit, with a reason."""
        record = get_object_or_404(self.model, pk=pk)
        if request.method != "POST" or not self.admin.has_change_permission(request, record):
            raise PermissionDenied
        by = signed_in_user(request)
        try:
            visible = self.admin.visible_changes(request, Change.objects.of(record))
            reason = request.POST.get("_reason", "")
            revert_edit(record=record, number=number, by=by, reason=reason, visible=visible)
        except CannotRevert as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Undone. The history keeps both the edit and its undoing.")
        return HttpResponseRedirect(self.page_url("history", pk))


class RecordedAdmin(ComposedAdmin):
    """An admin for a record whose changes are recorded."""

    common_parts: ClassVar[Sequence[type[AdminPart]]] = (HistoryPages,)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """The form, guarded: what somebody else saved since it was opened is shown and never overwritten unseen."""
        record = self.get_object(request, object_id) if object_id else None
        if record is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            owners = owning_records([record])
            if request.method == "POST":
                for each in (*owners, record):
                    type(each)._default_manager.select_for_update().get(pk=each.pk)
                owners = owning_records([type(record)._default_manager.get(pk=record.pk)])
            version = version_of(record)
            ids = [each.record_id for each in (*owners, record) if isinstance(each, Record)]
            published = Edition.objects.current().filter(record_id__in=ids).exists()
            locks = find_review_locks(owners)
            # read-only to look at; what was sent comes back with its words, beside the reason why it was not saved
            request.is_read_only = bool(locks) and request.method != "POST"  # type: ignore[attr-defined]
            complaints: list[str] = locks if request.method == "POST" else []
            others: list[Edit] = []
            if request.method == "POST" and request.POST.get("_version") != str(version):
                opened = request.POST.get("_version", "")
                start = int(opened) if opened.isascii() and opened.isdigit() else version
                others = group_edits(
                    self.visible_changes(request, Change.objects.of(record).since(start)).select_related("by")
                )
                who = ", ".join(dict.fromkeys(edit.by for edit in others)) or "Somebody"
                complaints.append(
                    f"{who} saved this record after you opened it. Nothing of yours was saved yet, and nothing is "
                    "lost: your text is in the form below, theirs is listed first. Compare, and save again to keep "
                    "yours."
                )
            if request.method == "POST" and published and not request.POST.get("_reason", "").strip():
                complaints.append("This record is published: say below why you change it.")
            request.complaints = complaints  # type: ignore[attr-defined]
            context = {
                **(extra_context or {}),
                "version": version,
                "others": others,
                "asks_reason": published,
                "reason": request.POST.get("_reason", ""),
            }
            return super().changeform_view(request, object_id, form_url, context)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not getattr(request, "is_read_only", False) and super().has_change_permission(request, obj)

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: object
    ) -> type[ModelForm]:
        """The form class; it refuses to be saved while there are complaints."""
        form: type[ModelForm] = super().get_form(request, obj, change, **kwargs)
        complaints = getattr(request, "complaints", [])
        if not complaints:
            return form

        class Refusing(form):  # type: ignore[misc, valid-type]  # a class made for this request
            def clean(self) -> dict[str, object] | None:
                cleaned: dict[str, object] | None = super().clean()
                for complaint in complaints:
                    self.add_error(None, complaint)
                return cleaned

        return Refusing

    def visible_changes(self, request: HttpRequest, changes: ChangeQuerySet) -> ChangeQuerySet:
        """Those of these changes that this person may see."""
        return changes
