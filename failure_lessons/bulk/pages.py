"""The pages of spreadsheets: download a list, hand a sheet in, look at every change, confirm, see what was done."""

from __future__ import annotations

import tempfile
from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.bulk.columns import columns_of
from failure_lessons.bulk.comparing import Rights, RowStanding
from failure_lessons.bulk.lists import spreadsheet_lists
from failure_lessons.bulk.models import Upload
from failure_lessons.bulk.reading import MAX_SPREADSHEET_BYTES
from failure_lessons.bulk.services import (
    UPLOAD_LIFETIME,
    CannotTakeIn,
    decide_conflicts,
    refresh_preview,
    stage_upload,
    take_in,
)
from failure_lessons.bulk.workbooks import MAX_SHEET_ROWS
from failure_lessons.bulk.writing import write_workbook
from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.types import JSONObject

PREVIEW_PAGE_SIZE = 100  # on a page of the preview
MAX_NAMED_RECORDS = 200  # records that the result names
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STANDING_LABELS = {
    RowStanding.FAULTY: "Faulty",
    RowStanding.CONFLICT: "Changed by others too",
    RowStanding.CHANGED: "Changed",
    RowStanding.ADDED: "New",
}


class SpreadsheetForm(forms.Form):
    """A spreadsheet."""

    file = forms.FileField(
        label="Spreadsheet",
        help_text=f"XLSX, or CSV with a first row of headings. At most {MAX_SPREADSHEET_BYTES // 1_000_000} MB "
        f"and {MAX_SHEET_ROWS:,} rows.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """Too large a file is refused before it is read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (size := file.size or 0) > MAX_SPREADSHEET_BYTES:
            raise forms.ValidationError(
                f"The file has {size / 1e6:.1f} MB. At most {MAX_SPREADSHEET_BYTES // 1_000_000} MB are read at "
                "once: hand it "
                "in in parts, each with the headings."
            )
        return file


def get_list_admin(app: str, model: str) -> ModelAdmin[Model]:
    """The admin of a list that can be a spreadsheet."""
    options = spreadsheet_lists().get(f"{app}.{model}")
    if options is None:
        raise Http404("There is no such list.")
    return options


def rights_of(options: ModelAdmin[Model], request: HttpRequest) -> Rights:
    """What somebody may do with a list: what its forms would let them."""
    shut = set(options.get_readonly_fields(request))
    return Rights(
        options.get_queryset(request),
        tuple(each for each in columns_of(options.model) if each.name not in shut),
        may_add=options.has_add_permission(request),
        may_change=options.has_change_permission(request),
    )


def may_hand_in(options: ModelAdmin[Model], request: HttpRequest) -> bool:
    """Whether somebody may do anything with a sheet."""
    return options.has_add_permission(request) or options.has_change_permission(request)


def workbook_answer(rows: QuerySet[Model]) -> HttpResponseBase:
    """A list as a file to keep."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it
    write_workbook(rows, file)
    file.seek(0)
    name = f"{rows.model._meta.verbose_name_plural}-{timezone.localdate():%Y-%m-%d}.xlsx".replace(" ", "-")
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    answer["Cache-Control"] = "private, no-store"
    return answer


def download_list(request: HttpRequest, app: str, model: str) -> HttpResponseBase:
    """The list exactly as it is filtered and searched on the screen."""
    options = get_list_admin(app, model)
    if not options.has_view_permission(request):
        raise PermissionDenied
    try:
        rows = options.get_changelist_instance(request).get_queryset(request)
    except IncorrectLookupParameters:
        messages.error(request, "The list cannot be filtered like that: filter it anew and download it then.")
        return HttpResponseRedirect(reverse(f"admin:{app}_{model}_changelist"))
    return workbook_answer(rows)


class Pages:
    """The pages of one list for one request."""

    def __init__(self, request: HttpRequest, app: str, model: str) -> None:
        self.request, self.app, self.model = request, app, model
        self.options = get_list_admin(app, model)
        if not may_hand_in(self.options, request):
            raise PermissionDenied
        self.rights = rights_of(self.options, request)
        self.by = signed_in_user(request)

    def page_address(self, page: str, *more: object) -> str:
        return reverse(f"bulk:{page}", args=[self.app, self.model, *more])

    def get_upload(self, pk: int) -> Upload:
        """A kept sheet, for the person who handed it in."""
        return get_object_or_404(Upload, pk=pk, list=f"{self.app}.{self.model}", made_by=self.by)

    def render_page(self, template: str, status: int = 200, **context: object) -> HttpResponse:
        """A page of the admin."""
        base = {
            **admin.site.each_context(self.request),
            "opts": self.options.opts,
            "changelist": reverse(f"admin:{self.app}_{self.model}_changelist"),
            "upload_address": self.page_address("upload"),
            "download_address": self.page_address("download"),
        }
        return render(self.request, f"admin/bulk/{template}.html", {**base, **context}, status=status)

    def upload(self) -> HttpResponse:
        """Hand a sheet in."""
        posted = self.request.method == "POST"
        form = SpreadsheetForm(self.request.POST, self.request.FILES) if posted else SpreadsheetForm()
        if posted and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                staged = stage_upload(name=file.name, data=file.read(), rights=self.rights, by=self.by)
            except CannotReadFile as refusal:
                form.add_error("file", str(refusal))
            else:
                return HttpResponseRedirect(self.page_address("preview", staged.pk))
        recent = Upload.objects.filter(made_by=self.by, list=f"{self.app}.{self.model}").only(
            "name", "made_at", "state"
        )
        return self.render_page(
            "upload",
            422 if form.errors else 200,
            title="Upload a spreadsheet",
            form=form,
            days=UPLOAD_LIFETIME.days,
            recent=[{"upload": each, "address": self.page_address("preview", each.pk)} for each in recent[:10]],
        )

    def preview(self, pk: int) -> HttpResponse:
        """Every change; each button keeps what was decided, and the last one writes."""
        upload = self.get_upload(pk)
        if upload.state == Upload.State.DONE:
            if self.request.method == "POST":
                messages.info(self.request, "This sheet was taken in already: nothing was done a second time.")
            return HttpResponseRedirect(self.page_address("result", pk))
        refusal = ""
        if self.request.method == "POST":
            try:
                if self.apply_button(upload):
                    return HttpResponseRedirect(self.page_address("result", pk))
                return HttpResponseRedirect(f"?{self.request.POST.get('_go', '')[:60]}")
            except CannotTakeIn as reason:
                refusal = str(reason)
                if reason.outdated:
                    refresh_preview(upload=upload, rights=self.rights, by=self.by)
            upload.refresh_from_db()
            if upload.state == Upload.State.DONE:
                return HttpResponseRedirect(self.page_address("result", pk))
        return self.render_page("preview", 409 if refusal else 200, refusal=refusal, **self.preview_context(upload))

    def apply_button(self, upload: Upload) -> bool:
        """What a button asks for. Says whether the sheet was taken in."""
        post = self.request.POST
        decisions = {name[7:]: str(value) for name, value in post.items() if name.startswith("choose-")}
        if decisions:
            decide_conflicts(upload=upload, decisions=decisions, by=self.by)
        if "_look" in post:
            refresh_preview(upload=upload, rights=self.rights, by=self.by)
        if "_take_in" not in post:
            return False
        take_in(
            upload=upload, rights=self.rights, by=self.by, digest=post.get("digest", ""), reason=post.get("_reason", "")
        )
        return True

    def preview_context(self, upload: Upload) -> dict[str, object]:
        """What the preview shows: counts, tabs, one page of rows."""
        plan = upload.plan
        show = self.request.GET.get("show", "")
        rows = [row for row in plan["rows"] if not show or row["standing"] == show]
        page = Paginator(rows, PREVIEW_PAGE_SIZE).get_page(self.request.GET.get("page"))
        counts = plan["counts"]
        waiting = counts[RowStanding.ADDED] + counts[RowStanding.CHANGED] + counts[RowStanding.CONFLICT]
        return {
            "title": "Look before you change",
            "upload": upload,
            "plan": plan,
            "counts": counts,
            "page": page,
            "show": show,
            "may_confirm": waiting and not counts[RowStanding.FAULTY],
            "waiting": waiting,
            "reason": self.request.POST.get("_reason", ""),
            "tabs": [
                {"code": "", "label": "All", "count": len(plan["rows"])},
                *(
                    {"code": code.value, "label": label, "count": counts[code]}
                    for code, label in STANDING_LABELS.items()
                ),
            ],
            "rows": [self.row_context(row, upload) for row in page],
        }

    def row_context(self, row: JSONObject, upload: Upload) -> JSONObject:
        """One row with its choices."""
        name = f"admin:{self.app}_{self.model}_change"
        chosen = upload.decisions
        return {
            **row,
            "label": STANDING_LABELS[RowStanding(row["standing"])],
            "address": reverse(name, args=[row["pk"]]) if row["pk"] else "",
            "cells": [
                {
                    **cell,
                    "choice": f"{row['number']}.{cell['field']}",
                    "sheet_wins": chosen.get(f"{row['number']}.{cell['field']}") == "sheet",
                }
                for cell in row["cells"]
            ],
        }

    def result(self, pk: int) -> HttpResponse:
        """What was done."""
        upload = self.get_upload(pk)
        if upload.state != Upload.State.DONE:
            return HttpResponseRedirect(self.page_address("preview", pk))
        name = f"admin:{self.app}_{self.model}_change"
        done = {
            what: [
                {**each, "address": reverse(name, args=[each["pk"]])}
                for each in upload.result[what][:MAX_NAMED_RECORDS]
            ]
            for what in ("added", "changed")
        }
        return self.render_page(
            "result",
            title="Taken in",
            upload=upload,
            added=done["added"],
            changed=done["changed"],
            named=MAX_NAMED_RECORDS,
            counts={what: len(upload.result[what]) for what in done},
            same=upload.result["same"],
        )


def page_view(name: str) -> Callable[..., HttpResponse]:
    """A view that opens one of `Pages`."""

    def view(request: HttpRequest, app: str, model: str, **more: object) -> HttpResponse:
        answer: HttpResponse = getattr(Pages(request, app, model), name)(**more)
        return answer

    return view
