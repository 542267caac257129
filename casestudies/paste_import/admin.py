"""The pages of a case on which rows are pasted and references added, which work without scripts."""

from __future__ import annotations

from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, reverse

from casestudies.cloning import CLONEABLE_PARTS, CannotClone, clone_case
from casestudies.models import CaseStudy
from casestudies.paste_import.columns import PASTE_KINDS
from casestudies.paste_import.reading import parse_paste
from casestudies.paste_import.services import CannotPaste, paste_rows
from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.publishing.models import Edition
from failure_lessons.workbench.parts import AdminPart
from literature.importing.adding import Offer, add_references, parse_offers
from literature.importing.preview import ImportRowStatus


class PasteForm(forms.Form):
    """Text from a spreadsheet or a reference manager; why, where the case is published."""

    text = forms.CharField(
        strip=False, widget=forms.Textarea(attrs={"rows": 12, "cols": 100, "spellcheck": "false", "class": "pasted"})
    )
    reason = forms.CharField(
        label="Why you change it",
        required=False,
        max_length=2000,
        help_text="Readers see a published edition of this case. Your reason goes into its history.",
    )

    def __init__(self, sent: QueryDict | None, *, asks_reason: bool, label: str) -> None:
        super().__init__(sent)
        self.fields["text"].label = label
        if asks_reason:
            self.fields["reason"].required = bool(self.data.get("_add"))
        else:
            del self.fields["reason"]


class CloneForm(forms.Form):
    """What to take over into a new case."""

    title = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"class": "vTextField"}))
    parts = forms.MultipleChoiceField(
        label="What to copy",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(code, part[0]) for code, part in CLONEABLE_PARTS.items()],
    )
    texts = forms.BooleanField(label="Copy their texts too", required=False)


class OfferedReference(NamedTuple):
    """A reference that was pasted, and the key by which it is cited once it is here."""

    offer: Offer
    key: str


class PastePages(AdminPart):
    """Ways into a case study for many rows and references at once."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/paste/<slug:what>/", self.paste_view, "casestudies_casestudy_paste"),
            self.make_path("<int:pk>/references/", self.references_view, "casestudies_casestudy_references"),
            self.make_path("<int:pk>/clone/", self.clone_view, "casestudies_casestudy_clone"),
        ]

    def clone_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a new case after the pattern of this one."""
        case = get_object_or_404(CaseStudy, pk=pk)
        if not (self.admin.has_add_permission(request) and self.admin.has_view_permission(request, case)):
            raise PermissionDenied
        by = signed_in_user(request)
        form = CloneForm(request.POST or None, initial={"parts": ["sections"]})
        if request.method == "POST" and form.is_valid():
            try:
                made = clone_case(case=case, by=by, note=f"Made after {case.slug}", **form.cleaned_data)
            except CannotClone as refusal:
                form.add_error("title", str(refusal))
            else:
                self.admin.log_addition(request, made, f"Made after the pattern of {case}.")
                messages.success(request, "The new case is a draft.")
                return HttpResponseRedirect(self.form_of(made))
        return self.render_case_page(
            request, "clone", case, form=form, title="Use as a template", status=422 if form.errors else 200
        )

    def case_to_change(self, request: HttpRequest, pk: int) -> CaseStudy:
        """The case, for somebody who may change it."""
        case = get_object_or_404(CaseStudy, pk=pk)
        if not self.admin.has_change_permission(request, case):
            raise PermissionDenied
        return case

    def paste_view(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """Paste rows, see what was understood, add them all."""
        case = self.case_to_change(request, pk)
        if what not in PASTE_KINDS:
            raise Http404
        by = signed_in_user(request)
        asks = Edition.objects.current().filter(record_id=case.record_id).exists()
        form = PasteForm(request.POST or None, asks_reason=asks, label=f"Rows: {PASTE_KINDS[what].label.lower()}")
        reading, reasons = None, []
        if request.method == "POST" and form.is_valid():
            text = form.cleaned_data["text"]
            if "_add" in request.POST:
                try:
                    note = form.cleaned_data.get("reason", "")
                    number = paste_rows(case=case, what=what, text=text, by=by, note=note)
                except CannotPaste as refusal:
                    reasons = refusal.reasons[:1] if len(refusal.reasons) > 1 else []
                else:
                    noun = PASTE_KINDS[what].noun + ("" if number == 1 else "s")
                    self.admin.log_change(request, case, f"Pasted {number} {noun}.")
                    messages.success(request, f"{number} {noun} added.")
                    return HttpResponseRedirect(f"{self.form_of(case)}#{PASTE_KINDS[what].code}-group")
            reading = parse_paste(case=case, what=what, text=text)
        return self.render_case_page(
            request,
            "paste",
            case,
            form=form,
            reading=reading,
            kind=PASTE_KINDS[what],
            kinds=list(PASTE_KINDS.values()),
            title=f"Paste rows: {PASTE_KINDS[what].label.lower()}",
            refused=bool(reasons),
            status=422 if form.errors or (reading and not reading.is_ready) else 200,
        )

    def references_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Paste references or DOIs, see which are here, add the others; their keys can be cited at once."""
        case = self.case_to_change(request, pk)
        if not request.user.has_perm("literature.add_reference"):
            raise PermissionDenied
        by = signed_in_user(request)
        form = PasteForm(request.POST or None, asks_reason=False, label="References, or DOIs one a line")
        shown: list[OfferedReference] = []
        done = False
        if request.method == "POST" and form.is_valid():
            text = form.cleaned_data["text"]
            also = {
                int(row) for row in request.POST.getlist("also") if row.isascii() and row.isdigit() and len(row) < 7
            }
            try:
                found = parse_offers(text)
                keys = {}
                if "_add" in request.POST:
                    keys = add_references(text=text, by=by, also=also, note=f"Added for {case.title}"[:2000])
                    done = True
                shown = [OfferedReference(each, keys.get(each.number, each.key)) for each in found]
            except CannotReadFile as refusal:
                form.add_error("text", str(refusal))
        new = sum(each.offer.standing == ImportRowStatus.NEW for each in shown)
        perhaps = sum(each.offer.standing == ImportRowStatus.PERHAPS for each in shown)
        return self.render_case_page(
            request,
            "references",
            case,
            form=form,
            shown=shown,
            done=done,
            new=new,
            perhaps=perhaps,
            title="Add references",
            status=422 if form.errors else 200,
        )

    def form_of(self, case: CaseStudy) -> str:
        return reverse("admin:casestudies_casestudy_change", args=[case.pk])

    def render_case_page(
        self, request: HttpRequest, template: str, case: CaseStudy, status: int = 200, **context: object
    ) -> HttpResponse:
        """A page beside the form of a case."""
        base = {
            **self.page_context(request),
            "original": case,
            "change_url": self.form_of(case),
        }
        return render(request, f"admin/casestudies/{template}.html", {**base, **context}, status=status)
