"""The page on which a SKOS file is looked at and then imported."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.vocabularies.skos.reading import Scheme, read_scheme
from failure_lessons.vocabularies.skos.services import (
    CannotImportScheme,
    Vocabulary,
    fingerprint_plan,
    import_scheme,
    plan_scheme,
)
from failure_lessons.workbench.parts import AdminPart


class FileForm(forms.Form):
    """A SKOS file."""

    file = forms.FileField(label="SKOS file", help_text="Turtle, RDF/XML or JSON-LD, at most 1 MB and 2,000 concepts.")


class SkosPages(AdminPart):
    """A page on which a vocabulary is brought in as SKOS. The admin names its `vocabulary`, and the template of its
    list is `admin/failure_lessons/vocabulary.html`."""

    needs = ("vocabulary",)

    def urls(self) -> list[URLPattern]:
        return [self.make_path("skos/", self.skos_view, self.name_page("skos"))]

    @property
    def vocabulary(self) -> Vocabulary:
        """What the admin names."""
        vocabulary: Vocabulary = self.admin.vocabulary  # type: ignore[attr-defined]  # `needs` asks for it
        return vocabulary

    def may_import(self, request: HttpRequest) -> bool:
        """Importing makes records and changes others."""
        return self.admin.has_add_permission(request) and self.admin.has_change_permission(request)

    def list_context(self, request: HttpRequest) -> dict[str, object]:
        """Where files are brought in, for those who may."""
        return {"skos": self.page_url("skos") if self.may_import(request) else ""}

    def skos_view(self, request: HttpRequest) -> HttpResponse:
        """Choose a file; look at what it would do; confirm."""
        if not self.may_import(request):
            raise PermissionDenied
        form = FileForm()
        reasons: list[str] = []
        scheme: Scheme | None = None
        text = request.POST.get("text", "")
        if request.method == "POST":
            data = text.encode()
            if not text:
                form = FileForm(request.POST, request.FILES)
                data = form.cleaned_data["file"].read() if form.is_valid() else b""
            try:
                scheme = read_scheme(data, note=self.vocabulary.note) if data else None
                if scheme and text:
                    made, changed = import_scheme(
                        scheme=scheme,
                        vocabulary=self.vocabulary,
                        by=signed_in_user(request),
                        agreed=request.POST.get("agreed", ""),
                        note="Imported from SKOS.",
                    )
                    messages.success(request, f"{len(made)} new as drafts, {len(changed)} changed.")
                    return HttpResponseRedirect(self.page_url("changelist"))
            except (CannotReadFile, CannotImportScheme) as refusal:
                reasons = getattr(refusal, "reasons", [str(refusal)])
        rows = plan_scheme(scheme, self.vocabulary) if scheme else []
        counts = {action: sum(row.action == action for row in rows) for action in ("new", "changed", "same", "faulty")}
        context = {
            **self.page_context(request),
            "title": "Import SKOS",
            "form": form,
            "scheme": scheme,
            "rows": rows,
            "counts": counts,
            "reasons": reasons,
            "agreed": fingerprint_plan(rows),
            "text": scheme.text if scheme else "",
            "list": self.page_url("changelist"),
        }
        return render(request, "admin/failure_lessons/skos.html", context, status=422 if reasons else 200)
