"""The pages of importing: hand in a file, look at each row and decide, see what was made."""

from __future__ import annotations

from collections import Counter

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, reverse

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.files.decoding import MAX_IMPORT_BYTES, CannotReadFile
from failure_lessons.workbench.parts import AdminPart
from literature.importing.preview import ImportAction, ImportRowStatus, preview_rows
from literature.importing.readers import IMPORT_FORMAT_CHOICES, IMPORT_FORMATS, MAX_IMPORT_RECORDS, read_items
from literature.importing.services import (
    REFERENCE_IMPORT_RETENTION,
    CannotImportReferences,
    decide_import_rows,
    finish_import,
    stage_import,
)
from literature.models import ReferenceImport

IMPORT_PREVIEW_PAGE_SIZE = 200  # on a page of the preview


class ReferenceUploadForm(forms.Form):
    """A file, or text pasted from one."""

    file = forms.FileField(
        required=False,
        help_text=f"At most {MAX_IMPORT_BYTES // 1_000_000} MB and {MAX_IMPORT_RECORDS:,} references.",
        widget=forms.ClearableFileInput(
            attrs={
                "accept": ".ris,.bib,.bibtex,.json,.nbib,.txt,.xml,.csv,.tsv",
                "aria-describedby": "id_file_helptext",
            }
        ),
    )
    text = forms.CharField(
        label="Or paste references here",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 80, "spellcheck": "false"}),
    )
    form = forms.ChoiceField(
        label="Form",
        required=False,
        choices=[("", "Tell from the content"), *IMPORT_FORMAT_CHOICES],
        help_text="Only needed when it was not recognised.",
    )

    def clean_file(self) -> UploadedFile | None:
        """Too large a file is refused before it is read."""
        file: UploadedFile | None = self.cleaned_data["file"]
        size = (file and file.size) or 0
        if size > MAX_IMPORT_BYTES:
            raise forms.ValidationError(
                f"The file has {size / 1e6:.1f} MB. At most {MAX_IMPORT_BYTES // 1_000_000} MB are read at once: "
                "export it in parts."
            )
        return file

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        given = [bool(cleaned.get("file")), bool((cleaned.get("text") or "").strip())]
        if not self.errors and given.count(True) != 1:
            raise forms.ValidationError(
                "Choose a file or paste text: one of the two." if all(given) else "Choose a file, or paste references."
            )
        return cleaned

    def read_upload(self) -> tuple[str, bytes]:
        """The name and the bytes of what was handed in."""
        file = self.cleaned_data["file"]
        return (
            (file.name, file.read()) if file else ("Pasted text", self.cleaned_data["text"].encode("utf-8", "replace"))
        )


class ImportPages(AdminPart):
    """A way in for many references at once."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("import/", self.import_view, "literature_reference_import"),
            self.make_path("import/<int:pk>/", self.preview_view, "literature_reference_import_preview"),
            self.make_path("import/<int:pk>/result/", self.result_view, "literature_reference_import_result"),
        ]

    def get_staged_import(self, request: HttpRequest, pk: int) -> ReferenceImport:
        """A kept file, for the person who handed it in."""
        if not self.admin.has_add_permission(request):
            raise PermissionDenied
        return get_object_or_404(ReferenceImport, pk=pk, made_by=request.user)

    def render_import_page(
        self, request: HttpRequest, template: str, status: int = 200, **context: object
    ) -> HttpResponse:
        """A page of the admin."""
        base = self.page_context(request)
        return render(request, f"admin/literature/{template}.html", {**base, **context}, status=status)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Hand in a file."""
        if not self.admin.has_add_permission(request):
            raise PermissionDenied
        by = signed_in_user(request)
        form = ReferenceUploadForm(request.POST, request.FILES) if request.method == "POST" else ReferenceUploadForm()
        if request.method == "POST" and form.is_valid():
            name, data = form.read_upload()
            try:
                staged = stage_import(name=name, data=data, by=by, form=form.cleaned_data["form"])
            except CannotReadFile as refusal:
                form.add_error(None, str(refusal))
            else:
                return HttpResponseRedirect(reverse("admin:literature_reference_import_preview", args=[staged.pk]))
        recent = ReferenceImport.objects.filter(made_by=by).defer("text", "decisions", "result")[:10]
        return self.render_import_page(
            request,
            "import",
            422 if form.errors else 200,
            title="Import references",
            form=form,
            recent=recent,
            days=REFERENCE_IMPORT_RETENTION.days,
        )

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Each row and what to do with it; kept with each button, written only by the last."""
        staged = self.get_staged_import(request, pk)
        by = signed_in_user(request)
        if staged.state == ReferenceImport.State.DONE:
            return HttpResponseRedirect(reverse("admin:literature_reference_import_result", args=[pk]))
        reasons: list[str] = []
        if request.method == "POST":
            decisions = {name[4:]: str(value) for name, value in request.POST.items() if name.startswith("row-")}
            try:
                decide_import_rows(staged=staged, decisions=decisions, by=by)
                if "_import" in request.POST:
                    finish_import(staged=staged, by=by)
                    return HttpResponseRedirect(reverse("admin:literature_reference_import_result", args=[pk]))
                return HttpResponseRedirect(f"?{request.POST.get('_go', '')[:60]}")
            except CannotImportReferences as refusal:
                reasons = refusal.reasons
        return self.render_import_page(
            request, "import_preview", 409 if reasons else 200, reasons=reasons, **self.preview_context(request, staged)
        )

    def preview_context(self, request: HttpRequest, staged: ReferenceImport) -> dict[str, object]:
        """What the preview shows: counts, one page of rows, each with its choices."""
        rows = preview_rows(read_items(staged.text, staged.form))
        counts = Counter(row.standing for row in rows)
        planned = Counter(row.chosen_action(staged.decisions) for row in rows)
        show = request.GET.get("show", "")
        chosen = [row for row in rows if not show or row.standing == show]
        page = Paginator(chosen, IMPORT_PREVIEW_PAGE_SIZE).get_page(request.GET.get("page"))
        return {
            "title": "Look before you import",
            "staged": staged,
            "form": IMPORT_FORMATS[staged.form].label,
            "total": len(rows),
            "show": show,
            "page": page,
            "planned": planned[ImportAction.IMPORT],
            "updates": planned[ImportAction.UPDATE],
            "skipped": planned[ImportAction.SKIP],
            "tabs": [
                {"code": "", "label": "All", "count": len(rows)},
                *({"code": each.value, "label": each.label, "count": counts[each]} for each in ImportRowStatus),
            ],
            "rows": [
                {
                    "row": row,
                    "cited": row.citation_parts(),
                    "choices": [
                        {"code": each.value, "label": each.label, "chosen": each == row.chosen_action(staged.decisions)}
                        for each in row.actions
                    ],
                }
                for row in page
            ],
        }

    def result_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was made of a file."""
        staged = self.get_staged_import(request, pk)
        if staged.state != ReferenceImport.State.DONE:
            return HttpResponseRedirect(reverse("admin:literature_reference_import_preview", args=[pk]))
        done = {action: [each for each in staged.result if each["action"] == action] for action in ImportAction.values}
        skipped = done[ImportAction.SKIP]
        return self.render_import_page(
            request,
            "import_result",
            title="Imported",
            staged=staged,
            made=done[ImportAction.IMPORT],
            updated=done[ImportAction.UPDATE],
            skipped=[each for each in skipped if not each["problems"]],
            faulty=[each for each in skipped if each["problems"]],
        )
