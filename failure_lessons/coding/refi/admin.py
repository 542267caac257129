"""The pages on which a codebook or a project comes in: hand it in, see what it would add, take it in."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.coding.models import QdaImport
from failure_lessons.coding.refi.importing import (
    QDA_IMPORT_LIFETIME,
    CannotImportQda,
    finish_qda,
    plan_import,
    stage_qda,
)
from failure_lessons.coding.refi.reading import MOST_BYTES, read_qda
from failure_lessons.files.archives import CannotOpen


class QdaForm(forms.Form):
    """A file of another program."""

    file = forms.FileField(
        help_text="A codebook (.qdc) or a project (.qdpx) in the REFI-QDA format, at most 100 MB.",
        widget=forms.FileInput(attrs={"accept": ".qdc,.qdpx"}),
    )

    def clean_file(self) -> UploadedFile:
        """Too large a file is refused before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if (size := file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                f"The file has {size / 1e6:.0f} MB; at most {MOST_BYTES // 1_000_000} MB are read. Export the "
                "texts and codes without audio and video."
            )
        return file


class QdaImportAdmin(admin.ModelAdmin):
    """Imports, each seen by the person who handed it in."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def render_page(self, request: HttpRequest, template: str, status: int = 200, **context: object) -> HttpResponse:
        """A page of the admin."""
        base = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/coding/{template}.html", {**base, **context}, status=status)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The same page as for a new one: it lists one's own."""
        return self.add_view(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Hand in a file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        by = signed_in_user(request)
        form = QdaForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                staged = stage_qda(name=file.name, data=file.read(), by=by)
            except CannotOpen as refusal:
                form.add_error("file", f"{refusal} Nothing was taken in.")
            else:
                return HttpResponseRedirect(reverse("admin:coding_qdaimport_change", args=[staged.pk]))
        recent = QdaImport.objects.filter(made_by=by).defer("data")[:10]
        return self.render_page(
            request,
            "qda",
            422 if form.errors else 200,
            title="Import codes and coded texts",
            form=form,
            recent=recent,
            days=QDA_IMPORT_LIFETIME.days,
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """What the file would add; a POST takes it in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        pk = int(object_id) if object_id.isascii() and object_id.isdigit() and len(object_id) < 18 else 0
        by = signed_in_user(request)
        staged = get_object_or_404(QdaImport, pk=pk, made_by=by)
        if staged.done_at:
            return self.render_page(request, "qda_result", title="Taken in", staged=staged)
        one = (request.POST if request.method == "POST" else request.GET).get("crlf_is_one") == "on"
        reason = ""
        if request.method == "POST" and "_import" in request.POST:
            chosen = {
                name[4:]: str(value)[:80].replace("\0", "")
                for name, value in request.POST.items()
                if name.startswith("ref-")
            }
            try:
                finish_qda(staged=staged, by=by, references=chosen, crlf_is_one=one)
            except CannotImportQda as refusal:
                reason = str(refusal)
            else:
                messages.success(request, "Taken in, as drafts.")
                return HttpResponseRedirect(reverse("admin:coding_qdaimport_change", args=[pk]))
        plan = plan_import(read_qda(bytes(staged.data), crlf_is_one=one))
        rows = [(each, request.POST.get(f"ref-{each.source.guid}", "")) for each in plan.sources]
        return self.render_page(
            request,
            "qda_preview",
            409 if reason else 200,
            title="Look before you take it in",
            staged=staged,
            plan=plan,
            counts=plan.counts(),
            rows=rows,
            one=one,
            reason=reason,
        )
