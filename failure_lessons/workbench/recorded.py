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
from failure_lessons.workbench.form_merge import FormMerge, read_state, read_state_at
from failure_lessons.workbench.models import KeptWords
from failure_lessons.workbench.parts import AdminPart, ComposedAdmin
from failure_lessons.workbench.services import keep_words

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
            merge: FormMerge | None = None
            opened = request.POST.get("_version", "")
            if request.method == "POST" and opened != str(version):
                start = int(opened) if opened.isascii() and opened.isdigit() and int(opened) < version else version
                changes = self.visible_changes(request, Change.objects.of(record).since(start))
                others = group_edits(changes.select_related("by"))
                if start < version and not locks:
                    merge = self.merge_sent(request, record, start)
                if merge is None:
                    who = ", ".join(dict.fromkeys(edit.by for edit in others)) or "Somebody"
                    complaints.append(
                        f"{who} saved this record after you opened it. Nothing of yours was saved yet, and nothing is "
                        "lost: your text is in the form below, theirs is listed first. Compare, and save again to keep "
                        "yours."
                    )
                if locks and start < version:
                    version = start  # still the form that was opened then: it is merged once it can be saved
            if request.method == "POST" and published and not request.POST.get("_reason", "").strip():
                complaints.append("This record is published: say below why you change it.")
            request.complaints = complaints  # type: ignore[attr-defined]
            context = {
                **(extra_context or {}),
                "version": version,
                "others": others,
                "asks_reason": published,
                "reason": request.POST.get("_reason", ""),
                "kept_words": KeptWords.objects.waiting_for(signed_in_user(request)).filter(record_id__in=ids),
            }
            answer = super().changeform_view(request, object_id, form_url, context)
            return answer if merge is None else self.tell_merged(request, record, merge, others, answer)

    def merge_sent(self, request: HttpRequest, record: Model, opened: int) -> FormMerge | None:
        """Let what was sent meet what others saved since; None where it cannot be told how the form was opened."""
        base = read_state_at(self, request, record, opened)
        if base is None:
            return None
        merge = FormMerge(request.POST, base, read_state(self, request, record.pk))
        request.POST = merge.merged  # type: ignore[assignment]  # a form opened now would have sent this
        return merge

    def tell_merged(
        self, request: HttpRequest, record: Model, merge: FormMerge, others: list[Edit], answer: HttpResponse
    ) -> HttpResponse:
        """Say what became of two forms; keep words for their author where somebody else's stand."""
        who = ", ".join(dict.fromkeys(edit.by for edit in others)) or "Somebody"
        messages.info(request, f"{who} saved this record after you opened it. What you did not touch stays theirs.")
        if not merge.kept:
            return answer
        owner = record if isinstance(record, Record) else owning_records([record])[0]
        keep_words(record_id=owner.record_id, form=record, fields=merge.kept, by=signed_in_user(request))
        number = len(merge.kept)
        messages.warning(
            request,
            f"In {number} field{'' if number == 1 else 's'} you both wrote: theirs stand{'s' if number == 1 else ''}, "
            "and your words are kept for you, here and on your first page.",
        )
        return HttpResponseRedirect(request.path) if answer.status_code == 302 else answer

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
