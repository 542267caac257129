"""Quotations and coded segments in the workbench: code, cite in a statement, look through a theme, take away as CSV."""

from __future__ import annotations

import io
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse

from casestudies.models import CaseCitation, CaseFinding, CaseStudy, Event, Indicator, Intervention, Section
from failure_lessons.accounts.models import User
from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.coding import services
from failure_lessons.coding.models import Coding, Quotation, SourceDocument, Statement, Use
from failure_lessons.coding.refi.writing import codebook_file, project_file
from failure_lessons.files.cells import open_csv
from failure_lessons.packages.validation import LONGEST_QUOTATION
from failure_lessons.vocabularies.models import Theme
from failure_lessons.workbench.recorded import RecordedAdmin
from literature.models import LiteratureReview, ReviewFinding

SEGMENTS_PER_PAGE = 50  # coded segments on a page
STATEMENTS: dict[str, type[Statement]] = {
    "finding": CaseFinding,
    "event": Event,
    "section": Section,
    "intervention": Intervention,
    "indicator": Indicator,
    "review_finding": ReviewFinding,
}


def ThemesField(**options: Any) -> forms.ModelMultipleChoiceField:  # noqa: N802  # it stands where a field class would
    """Themes to choose from, those that were not withdrawn."""
    return forms.ModelMultipleChoiceField(
        Theme.objects.exclude(state=Theme.State.WITHDRAWN), widget=forms.CheckboxSelectMultiple, **options
    )


class CodeForm(forms.Form):
    """Themes that a quotation speaks of."""

    themes = ThemesField(label="Themes", error_messages={"required": "Choose at least one theme."})


class CiteForm(forms.Form):
    """Where to cite a quotation, and how."""

    statement = forms.CharField(widget=forms.Select(attrs={"class": "wide"}), label="Cite in")
    locator = forms.CharField(required=False, max_length=200, help_text="Page, paragraph or section, such as p. 12.")
    note = forms.CharField(
        label="Why you change it", required=False, max_length=2000, help_text="Needed when the record is published."
    )

    def clean_statement(self) -> Statement:
        """The statement itself."""
        kind, _, pk = self.cleaned_data["statement"].partition(":")
        model = STATEMENTS.get(kind)
        found = model._default_manager.filter(pk=int(pk)).first() if model and is_row_number(pk) else None
        if found is None:
            raise forms.ValidationError("This statement is no longer there: choose another.")
        return found


def is_row_number(text: str) -> bool:
    """Whether this is the number of a row."""
    return text.isascii() and text.isdigit() and len(text) < 18


def citable_records() -> list[tuple[str, str]]:
    """The cases and reviews in which something can be cited, each as its code and its name."""
    return [
        *((f"case:{pk}", title) for pk, title in CaseStudy.objects.values_list("pk", "title")),
        *((f"review:{pk}", title) for pk, title in LiteratureReview.objects.values_list("pk", "title")),
    ]


def statements_of(within: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The statements of a case or a review in groups, as a drop-down list shows them."""
    kind, _, pk = within.partition(":")
    if not is_row_number(pk) or kind not in ("case", "review"):
        return []
    groups = []
    for name, model in STATEMENTS.items():
        if (model is ReviewFinding) == (kind == "review"):
            rows = [(f"{name}:{each.pk}", str(each)[:110]) for each in model._default_manager.filter(**{kind: int(pk)})]
            if rows:
                groups.append((str(model._meta.verbose_name_plural).capitalize(), rows))
    return groups


class QuotationAdmin(RecordedAdmin):
    """Quotations: made in the text of a document, coded and cited here."""

    spreadsheet = False  # words and their places go together
    list_display = ["exact", "document", "page", "made_by", "made_at"]
    list_select_related = ["document", "made_by"]
    search_fields = ["exact", "note", "document__name", "document__reference__slug"]
    date_hierarchy = None
    actions = None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("<int:pk>/do/<slug:verb>/", view(self.do_view), name="coding_quotation_do"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quotation]:
        return cast("QuerySet[Quotation]", Quotation.objects.readable_by(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A quotation is made in the text."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only by the button of its own page, which knows the reasons why not."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The words, where they stand, what they are coded with and which statements use them."""
        if not is_row_number(object_id):
            raise PermissionDenied
        return self.quotation_page(request, get_object_or_404(self.get_queryset(request), pk=int(object_id)))

    def quotation_page(
        self,
        request: HttpRequest,
        quotation: Quotation,
        code: CodeForm | None = None,
        cite: CiteForm | None = None,
        reason: str = "",
    ) -> HttpResponse:
        """The page of a quotation, with forms as they were left."""
        if not self.has_view_permission(request, quotation):
            raise PermissionDenied
        file = quotation.document.file
        within = request.POST.get("within") or request.GET.get("within", "")
        label = file.label_of(quotation.page)
        place = f"p. {label or quotation.page}" if quotation.document.kind == SourceDocument.Kind.PDF else ""
        cite = cite or CiteForm(initial={"locator": place})
        cite.fields["statement"].widget.choices = [("", "Choose a statement"), *statements_of(within)]
        words = services.cited_words(quotation)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Quotation",
            "quotation": quotation,
            "codings": quotation.codings.select_related("theme"),
            "code": code or CodeForm(),
            "cite": cite,
            "words": words,
            "count": len(words.split()),
            "targets": citable_records(),
            "within": within,
            "reason": reason,
            "uses": quotation.uses.select_related(*Use.STATEMENTS),
            "most": LONGEST_QUOTATION,
            "may_code": request.user.has_perm("coding.add_coding"),
            "may_cite": request.user.has_perm("coding.add_use"),
            "may_delete": request.user.has_perm("coding.delete_quotation"),
            "label": label,
            "mine": request.user.get_username(),
            "has_statements": bool(statements_of(within)),
        }
        failed = reason or (code and code.errors) or cite.errors
        return render(request, "admin/coding/quotation.html", context, status=422 if failed else 200)

    def do_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """One of the verbs of a quotation."""
        quotation = get_object_or_404(self.get_queryset(request), pk=pk)
        needed = {
            "code": "add_coding",
            "uncode": "delete_coding",
            "cite": "add_use",
            "release": "delete_use",
            "delete": "delete_quotation",
        }.get(verb)
        if request.method != "POST" or needed is None or not request.user.has_perm(f"coding.{needed}"):
            raise PermissionDenied
        by = signed_in_user(request)
        here = HttpResponseRedirect(reverse("admin:coding_quotation_change", args=[pk]))
        try:
            if verb == "code":
                form = CodeForm(request.POST)
                if not form.is_valid():
                    return self.quotation_page(request, quotation, code=form)
                made = services.code_quotation(quotation=quotation, themes=form.cleaned_data["themes"], by=by)
                messages.success(request, f"Coded with {len(made)} more theme{'' if len(made) == 1 else 's'}.")
            elif verb == "cite":
                return self.cite_in_statement(request, quotation, by)
            elif verb == "delete":
                services.delete_quotation(quotation=quotation, by=by)
                messages.success(request, "The quotation was deleted. The history keeps it.")
                address = reverse("admin:coding_sourcedocument_read", args=[quotation.document_id])
                return HttpResponseRedirect(f"{address}?page={quotation.page}")
            else:
                row = request.POST.get("row", "")
                pk = int(row) if is_row_number(row) else 0
                if verb == "uncode":
                    services.remove_coding(coding=get_object_or_404(quotation.codings, pk=pk), by=by)
                else:
                    services.release_use(use=get_object_or_404(quotation.uses, pk=pk), by=by)
                messages.success(request, "Taken back. The history keeps it.")
        except (services.CannotCode, services.CannotCite, services.CannotQuote) as refusal:
            return self.quotation_page(request, quotation, reason=str(refusal))
        return here

    def cite_in_statement(self, request: HttpRequest, quotation: Quotation, by: User) -> HttpResponse:
        """Cite in the statement that was chosen; only where this person may change that record."""
        form = CiteForm(request.POST)
        if not form.is_valid():
            return self.quotation_page(request, quotation, cite=form)
        statement = form.cleaned_data["statement"]
        owner = services.owner_of(statement)
        if not request.user.has_perm(f"{owner._meta.app_label}.change_{owner._meta.model_name}"):
            raise PermissionDenied
        try:
            services.cite_quotation(
                quotation=quotation,
                statement=statement,
                locator=form.cleaned_data["locator"],
                by=by,
                note=form.cleaned_data["note"],
            )
        except services.CannotCite as refusal:
            form.add_error("statement", str(refusal))
            return self.quotation_page(request, quotation, cite=form)
        messages.success(request, f"Cited in “{statement}”.")
        return HttpResponseRedirect(reverse("admin:coding_quotation_change", args=[quotation.pk]))


class SegmentsForm(forms.Form):
    """Which coded segments to look at."""

    theme = forms.ModelChoiceField(Theme.objects.all(), required=False, empty_label="Every theme", to_field_name="slug")
    case = forms.ModelChoiceField(
        CaseStudy.objects.all(), required=False, empty_label="Every case", to_field_name="slug"
    )
    document = forms.ModelChoiceField(SourceDocument.objects.none(), required=False, empty_label="Every document")
    coder = forms.ChoiceField(required=False)

    def __init__(self, data: QueryDict, *, user: User | AnonymousUser) -> None:
        super().__init__(data)
        self.fields["document"].queryset = SourceDocument.objects.readable_by(user)  # type: ignore[attr-defined]
        coders = Coding.objects.order_by("coder").values_list("coder", flat=True).distinct()
        self.fields["coder"].choices = [("", "Everybody"), *((each, each) for each in coders)]  # type: ignore[attr-defined]


def filter_segments(user: User | AnonymousUser, form: SegmentsForm) -> QuerySet[Coding]:
    """The coded segments that this person may read and that the form asks for, by theme and place."""
    rows = Coding.objects.select_related("theme", "quotation__document__reference").filter(
        quotation__in=Quotation.objects.readable_by(user)
    )
    wanted = form.cleaned_data if form.is_valid() else {}
    if case := wanted.get("case"):
        cites = Q()
        for name, way in CaseCitation.PATHS.items():
            cites |= Q(**{f"{name}__{way}": case})
        rows = rows.filter(quotation__document__reference__in=CaseCitation.objects.filter(cites).values("reference"))
    for name, lookup in (("theme", "theme"), ("document", "quotation__document"), ("coder", "coder")):
        if wanted.get(name):
            rows = rows.filter(**{lookup: wanted[name]})
    return rows.order_by("theme__label", "quotation__document__name", "quotation__start", "pk")


class CodingAdmin(admin.ModelAdmin):
    """Coded segments by theme, and the ways out: CSV, codebook, project."""

    spreadsheet = False  # the CSV here tells more

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("segments.csv", view(self.csv_view), name="coding_coding_csv"),
            path("codebook.qdc", view(self.codebook_view), name="coding_coding_codebook"),
            path("project.qdpx", view(self.project_view), name="coding_coding_project"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A quotation is coded on its own page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """A coded segment is shown with its quotation."""
        if not is_row_number(object_id) or not self.has_view_permission(request):
            raise PermissionDenied
        coding = get_object_or_404(Coding, pk=int(object_id), quotation__in=Quotation.objects.readable_by(request.user))
        if request.method != "GET":
            raise PermissionDenied
        return cast(QuotationAdmin, self.admin_site._registry[Quotation]).quotation_page(request, coding.quotation)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The segments that were asked for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = SegmentsForm(request.GET, user=request.user)
        rows = filter_segments(request.user, form)
        page = Paginator(rows, SEGMENTS_PER_PAGE).get_page(request.GET.get("p"))
        asked = request.GET.copy()
        asked.pop("p", None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Coded segments",
            "form": form,
            "page": page,
            "asked": asked.urlencode(),
            "may_import": request.user.has_perm("coding.add_qdaimport"),
        }
        return render(request, "admin/coding/segments.html", context, status=422 if form.errors else 200)

    def csv_view(self, request: HttpRequest) -> HttpResponse:
        """The same segments as a table for spreadsheets."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        out = io.StringIO()
        table = open_csv(out)
        table.writerow(
            ["Theme", "Words", "Reference", "Document", "Page", "Start", "End", "Coder", "Coded at", "Note", "GUID"]
        )
        for each in filter_segments(request.user, SegmentsForm(request.GET, user=request.user)).iterator():
            words, document = each.quotation, each.quotation.document
            row = [
                each.theme.label,
                words.exact,
                document.reference.slug,
                document.name,
                words.page,
                words.start,
                words.end,
                each.coder,
                each.coded_at.isoformat(timespec="seconds"),
                words.note,
                each.guid,
            ]
            table.writerow([str(cell) for cell in row])
        return attachment_response(
            ("\ufeff" + out.getvalue()).encode(), "coded-segments.csv", "text/csv; charset=utf-8"
        )

    def codebook_view(self, request: HttpRequest) -> HttpResponse:
        """All themes as a REFI-QDA codebook."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return attachment_response(codebook_file(), "codebook.qdc", "application/xml")

    def project_view(self, request: HttpRequest) -> HttpResponse:
        """Documents and codings that this person may read, or those of one document, as a REFI-QDA project."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        documents = SourceDocument.objects.readable_by(request.user)
        if is_row_number(wanted := request.GET.get("document", "")):
            documents = documents.filter(pk=int(wanted))
        return attachment_response(project_file(documents), "project.qdpx", "application/zip")


def attachment_response(data: bytes, name: str, kind: str) -> HttpResponse:
    """A file to be saved."""
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
