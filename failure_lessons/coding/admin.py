"""Source documents in the workbench: attach, read page by page, quote, download."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.coding import services
from failure_lessons.coding.interrupted import find_words
from failure_lessons.coding.models import Coding, QdaImport, Quotation, SourceDocument, SourceFile
from failure_lessons.coding.reading import cut_into_segments, describe_places
from failure_lessons.coding.refi.admin import QdaImportAdmin
from failure_lessons.coding.segments.admin import CodingAdmin, QuotationAdmin, ThemesField
from failure_lessons.workbench.recorded import RecordedAdmin
from literature.models import Reference

DOCUMENT_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "html": "text/html",  # or a web archive, which is told from its bytes
    "text": "text/plain; charset=utf-8",
}


class AttachForm(forms.Form):
    """A file, the reference it is a copy of, and who may see it."""

    reference = forms.ModelChoiceField(
        Reference.objects.all(),
        to_field_name="slug",
        widget=forms.TextInput(attrs={"class": "vTextField", "list": "keys"}),
        help_text="Key of the work that the file is a copy of, such as hmip-2018.",
        error_messages={"invalid_choice": "There is no reference with this key. Add the reference first."},
    )
    file = forms.FileField(
        help_text="PDF with text, Word (.docx), LibreOffice (.odt), a saved web page (.html, .mhtml) or plain text. "
        "What it is, is told from its content.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.odt,.html,.htm,.mhtml,.mht,.txt,.md"}),
    )
    access = forms.ChoiceField(
        label="Who may see it",
        choices=SourceDocument.Access.choices,
        initial=SourceDocument.Access.PRIVATE,
        help_text="Readers of the public site never see a document, whatever is chosen here.",
    )
    licence = forms.CharField(
        label="Licence note",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Needed for an open document, such as Open Government Licence v3.0.",
    )

    def clean_file(self) -> UploadedFile:
        """Too large a file is refused before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if (size := file.size or 0) > settings.SOURCE_DOCUMENT_BYTES:
            raise forms.ValidationError(
                f"The file has {size / 1e6:.1f} MB. At most {settings.SOURCE_DOCUMENT_BYTES // 1_000_000} MB are "
                "kept: save it with smaller pictures, or in parts."
            )
        return file


class QuotationForm(forms.Form):
    """Words, and what tells them from the same words elsewhere."""

    words = forms.CharField(
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 40}),
        max_length=20_000,
        help_text="Select them in the text, or paste them here.",
    )
    start = forms.IntegerField(required=False, min_value=0, max_value=10_000_000, widget=forms.HiddenInput)
    before = forms.CharField(label="Words just before", required=False, max_length=500)
    after = forms.CharField(
        label="Words just after",
        required=False,
        max_length=500,
        help_text="Only needed when the words occur more than once.",
    )
    themes = ThemesField(required=False)
    note = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2, "cols": 40}))


@admin.register(SourceDocument)
class SourceDocumentAdmin(RecordedAdmin):
    spreadsheet = False  # documents are attached, never typed
    change_form_template = "admin/coding/document.html"
    change_list_template = "admin/coding/documents.html"
    list_display = ["name", "reference", "kind", "access", "attached_by", "attached_at"]
    list_filter = ["kind", "access"]
    list_select_related = ["reference", "attached_by"]
    search_fields = ["name", "reference__slug", "reference__title", "sha256"]
    fields = ["name", "reference", "access", "licence", "note", "kind", "size", "sha256", "attached_by", "attached_at"]
    readonly_fields = ["reference", "kind", "size", "sha256", "attached_by", "attached_at"]
    actions = None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/read/", view(self.read_view), name="coding_sourcedocument_read"),
            path("<int:pk>/file/", view(self.file_view), name="coding_sourcedocument_file"),
            *super().get_urls(),
        ]

    def render_page(self, request: HttpRequest, template: str, status: int = 200, **context: object) -> HttpResponse:
        """A page of the admin."""
        base = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/coding/{template}.html", {**base, **context}, status=status)

    def get_readable_document(self, request: HttpRequest, pk: int) -> SourceDocument:
        """A document whose words this person may see."""
        document = get_object_or_404(SourceDocument.objects.select_related("reference"), pk=pk)
        if not self.has_view_permission(request, document) or not document.is_readable_by(request.user):
            raise PermissionDenied
        return document

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Attach a file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        by = signed_in_user(request)
        form = AttachForm(
            request.POST or None, request.FILES or None, initial={"reference": request.GET.get("reference", "")[:60]}
        )
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                document = services.attach_document(
                    reference=given["reference"],
                    name=given["file"].name,
                    data=given["file"].read(),
                    by=by,
                    access=given["access"],
                    licence=given["licence"],
                )
            except services.CannotAttach as refusal:
                form.add_error("file", str(refusal))
            else:
                messages.success(request, f"Attached to {document.reference.slug}. Read it here, and quote from it.")
                if left_out := document.file.left_out:
                    messages.warning(
                        request, f"Not in the kept text: {', '.join(left_out)}. The file itself keeps them."
                    )
                return HttpResponseRedirect(reverse("admin:coding_sourcedocument_read", args=[document.pk]))
        keys = Reference.objects.order_by("slug").values_list("slug", "title")
        status = 422 if form.errors else 200
        return self.render_page(request, "attach", status, title="Attach a source document", form=form, keys=keys)

    def has_delete_permission(self, request: HttpRequest, obj: SourceDocument | None = None) -> bool:
        """A document from which something is quoted stays."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.quotations.exists())

    def delete_model(self, request: HttpRequest, obj: SourceDocument) -> None:
        services.detach_document(document=obj, by=signed_in_user(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """What a document is called and who may see it."""
        record = self.get_object(request, object_id)
        extra = {"may_read": record is not None and record.is_readable_by(request.user)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file as it was attached, to be saved and never opened in the page."""
        document = self.get_readable_document(request, pk)
        answer = HttpResponse(bytes(document.file.data), content_type=DOCUMENT_MEDIA_TYPES[document.kind])
        name = document.name if "." in document.name else f"{document.name}.{document.kind}"
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{header_name(name)}"
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        answer["Cache-Control"] = "private, no-store"
        return answer

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A page of the kept text with what is quoted from it; a POST makes a quotation."""
        document = self.get_readable_document(request, pk)
        file = SourceFile.objects.defer("data").get(document=document)
        page = requested_page(request, file)
        may_quote = request.user.has_perm("coding.add_quotation")
        form = QuotationForm(request.POST or None)
        candidates: list[dict[str, object]] = []
        if request.method == "POST":
            if not may_quote:
                raise PermissionDenied
            if form.is_valid():
                given, by = form.cleaned_data, signed_in_user(request)
                try:
                    made = services.quote_words(
                        document=document,
                        by=by,
                        words=given["words"],
                        start=given["start"],
                        before=given["before"],
                        after=given["after"],
                        note=given["note"],
                    )
                    services.code_quotation(quotation=made, themes=given["themes"], by=by)
                except (services.CannotQuote, services.CannotCode) as refusal:
                    form.add_error("words", str(refusal))
                    places = getattr(refusal, "places", [])
                    candidates = describe_places(file, places)
                else:
                    messages.success(request, f"Quoted from page {made.page}.")
                    return HttpResponseRedirect(f"?page={made.page}#q{made.pk}")
        find = request.GET.get("find", "").replace("\0", "")[:500].strip()
        start, end = file.span_of(page)
        here = list(
            Quotation.objects.filter(document=document, start__lt=end, end__gt=start).prefetch_related("codings__theme")
        )
        return self.render_page(
            request,
            "read",
            422 if form.errors else 200,
            title=document.name,
            document=document,
            file=file,
            page_no=page,
            label=file.label_of(page),
            last=len(file.pages),
            start=start,
            segments=cut_into_segments(file, page, here),
            here=here,
            form=form,
            candidates=candidates,
            may_quote=may_quote,
            find=find,
            found=describe_places(file, find_words(file.text, file.pages, find)) if find else [],
        )


def header_name(name: str) -> str:
    """A file name as the header wants it."""
    return "".join(
        letter
        if letter.isascii() and (letter.isalnum() or letter in "._-")
        else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
        for letter in name
    )


def requested_page(request: HttpRequest, file: SourceFile) -> int:
    """The page asked for, within those there are."""
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    return min(max(number, 1), len(file.pages))


admin.site.register(Quotation, QuotationAdmin)
admin.site.register(Coding, CodingAdmin)
admin.site.register(QdaImport, QdaImportAdmin)
