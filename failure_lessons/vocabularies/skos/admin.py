"""The page on which a SKOS file is looked at and then imported."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.vocabularies.skos.reading import Scheme, read_scheme
from failure_lessons.vocabularies.skos.services import (
    CannotImportScheme,
    Vocabulary,
    fingerprint_plan,
    import_scheme,
    plan_scheme,
)
from failure_lessons.workbench.publishable import PublishableAdmin


class FileForm(forms.Form):
    """A SKOS file."""

    file = forms.FileField(label="SKOS file", help_text="Turtle, RDF/XML or JSON-LD, at most 1 MB and 2,000 concepts.")


class SkosAdmin(PublishableAdmin):
    """A vocabulary that can be brought in and taken out as SKOS. Subclasses name their `vocabulary`."""

    change_list_template = "admin/failure_lessons/vocabulary.html"
    vocabulary: Vocabulary

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_skos"
        return [path("skos/", self.admin_site.admin_view(self.skos_view), name=name), *super().get_urls()]

    def may_import(self, request: HttpRequest) -> bool:
        """Importing makes records and changes others."""
        return self.has_add_permission(request) and self.has_change_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_skos")
        extra = {"skos": address if self.may_import(request) else ""}
        return super().changelist_view(request, {**(extra_context or {}), **extra})

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
                        by=request.user,  # type: ignore[arg-type]
                        agreed=request.POST.get("agreed", ""),
                        note="Imported from SKOS.",
                    )
                    messages.success(request, f"{len(made)} new as drafts, {len(changed)} changed.")
                    return HttpResponseRedirect(
                        reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
                    )
            except (CannotReadFile, CannotImportScheme) as refusal:
                reasons = getattr(refusal, "reasons", [str(refusal)])
        rows = plan_scheme(scheme, self.vocabulary) if scheme else []
        counts = {action: sum(row.action == action for row in rows) for action in ("new", "changed", "same", "faulty")}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Import SKOS",
            "form": form,
            "scheme": scheme,
            "rows": rows,
            "counts": counts,
            "reasons": reasons,
            "agreed": fingerprint_plan(rows),
            "text": scheme.text if scheme else "",
            "list": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        }
        return render(request, "admin/failure_lessons/skos.html", context, status=422 if reasons else 200)
