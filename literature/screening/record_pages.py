"""The pages beside screening: the records as a list, how the review is screened, and files for a ranking."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils.http import urlencode

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.files.responses import attach_file
from failure_lessons.vocabularies.choices import ScreeningStage
from literature.models import LiteratureReview, Reference, Screening, ScreeningPlan, ScreeningVote
from literature.prisma import TITLE
from literature.review_pages import ReviewPages
from literature.screening.admin import parse_posted_key, reference_facts
from literature.screening.ranking import rank_records, read_ranking, write_for_ranking
from literature.screening.records import (
    STANDINGS,
    decide_by_hand,
    find_plan,
    list_own_labels,
    notes_to_see,
    records_of_review,
    take_out_record,
    votes_are_shown,
)
from literature.screening.services import CannotScreen

RECORDS_A_PAGE = 50


class ScreeningPlanForm(forms.ModelForm):  # type: ignore[type-arg]  # Django takes none when it runs
    """How a review is screened."""

    class Meta:
        model = ScreeningPlan
        fields = ("words_for", "words_against", "pilot", "pilot_ended", "unblinding")
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in ("words_for", "words_against")}

    def clean_pilot(self) -> int:
        """At most as many as somebody would talk about."""
        pilot = int(self.cleaned_data["pilot"])
        if pilot > 1000:
            raise forms.ValidationError("A pilot round has at most 1,000 records; 20 to 50 are usual.")
        return pilot


class RecordPages(ReviewPages):
    """Pages on which the records of a review are listed, ranked, and decided by hand."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/records/", self.records_view, "literature_review_records"),
            self.make_path("<int:pk>/records/asreview.csv", self.ranking_file_view, "literature_review_asreview"),
            self.make_path("<int:pk>/screening-plan/", self.plan_view, "literature_review_screening_plan"),
        ]

    def get_review(self, request: HttpRequest, pk: int) -> LiteratureReview:
        """A review, for somebody who may see it. Raises `PermissionDenied`."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        return review

    def records_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The records with filters, and what counts of each; a POST decides by hand, or takes a record out."""
        review, by = self.get_review(request, pk), signed_in_user(request)
        may = by.has_perm("literature.add_screening")
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            self.change_record(request, review)
            return HttpResponseRedirect(request.get_full_path())
        names = ("stage", "standing", "q", "label")
        asked = {name: request.GET.get(name, "").replace("\0", "")[:200] for name in names}
        stage = asked["stage"] if asked["stage"] in ScreeningStage.values else TITLE
        shown = votes_are_shown(review, stage)
        standings = [each for each in STANDINGS if shown or each[0] != "conflict"]
        standing = asked["standing"] if asked["standing"] in dict(standings) else ""
        rows = records_of_review(review, by, stage=stage, standing=standing, words=asked["q"], label=asked["label"])
        page = Paginator(rows, RECORDS_A_PAGE).get_page(request.GET.get("page"))
        records = list(page)
        here = {"review": review, "reference__in": records, "stage": stage}
        decisions = {each.reference_id: each for each in Screening.objects.filter(**here)}
        mine = {each.reference_id: each for each in ScreeningVote.objects.filter(**here, screener=by)}
        notes = notes_to_see(review, records, stage, by)
        told = {"stage": stage, "standing": standing, "q": asked["q"], "label": asked["label"]}
        return self.review_page(
            request,
            "records",
            review,
            title=f"Records: {review}",
            stage=stage,
            stages=ScreeningStage.choices,
            standings=standings,
            standing=standing,
            words=asked["q"],
            label=asked["label"],
            labels=list_own_labels(review, by),
            page=page,
            query=urlencode({name: value for name, value in told.items() if value}) + "&",
            may=may,
            records=[
                {
                    "reference": each,
                    "facts": reference_facts(each),
                    "decision": decisions.get(each.pk),
                    "vote": mine.get(each.pk),
                    "notes": notes.get(each.pk, []),
                }
                for each in records
            ],
        )

    def change_record(self, request: HttpRequest, review: LiteratureReview) -> None:
        """Do what the buttons of the page say, and tell what happened."""
        by, sent = signed_in_user(request), request.POST
        try:
            if "out" in sent:
                record = Reference.objects.filter(pk=parse_posted_key(sent["out"])).first()
            else:
                record = Reference.objects.filter(slug=sent.get("key", "").strip()[:120].replace("\0", "")).first()
            if record is None:
                raise CannotScreen("There is no reference with this key.")
            if "out" in sent:
                take_out_record(review=review, reference=record, by=by)
                messages.success(request, f"Taken out: “{record.title}”.")
                return
            made = decide_by_hand(
                review=review,
                reference=record,
                stage=sent.get("stage", ""),
                decision=sent.get("decision", ""),
                note=sent.get("reason", ""),
                by=by,
            )
            told = made.get_decision_display() if made else "Decision taken away"
            messages.success(request, f"{told}: “{record.title}”.")
        except CannotScreen as refusal:
            messages.error(request, str(refusal))

    def ranking_file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The records as a file for ASReview."""
        review = self.get_review(request, pk)
        if not self.may_screen(request):
            raise PermissionDenied
        answer = attach_file(write_for_ranking(review), f"{review.slug}-asreview.csv", "text/csv; charset=utf-8")
        answer["Cache-Control"] = "private, no-store"
        return answer

    def plan_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How a review is screened; a POST keeps it, or takes a ranking in."""
        review, by = self.get_review(request, pk), signed_in_user(request)
        may = by.has_perm("literature.change_screeningplan")
        plan = find_plan(review)
        here = reverse("admin:literature_review_screening_plan", args=[pk])
        if request.method == "POST" and not may:
            raise PermissionDenied
        if request.method == "POST" and "rank" in request.POST:
            self.take_ranking(request, review)
            return HttpResponseRedirect(here)
        form = ScreeningPlanForm(request.POST if request.method == "POST" else None, instance=plan)
        if request.method == "POST" and form.is_valid():
            form.save()
            messages.success(request, "Kept: how this review is screened.")
            return HttpResponseRedirect(here)
        return self.review_page(
            request,
            "screening_plan",
            review,
            422 if form.errors else 200,
            title=f"How it is screened: {review}",
            form=form,
            may=may,
            may_screen=self.may_screen(request),
            ranked_from=plan.ranked_from,
        )

    def take_ranking(self, request: HttpRequest, review: LiteratureReview) -> None:
        """Let the records stand in the order of a file, and tell what happened."""
        sent = request.FILES.get("ranking")
        try:
            if sent is None:
                raise CannotScreen("Choose the file that ASReview exported.")
            found, unknown = rank_records(review=review, keys=read_ranking(sent.read()), name=sent.name or "A ranking")
            more = f" {unknown} keys of the file are not here." if unknown else ""
            messages.success(request, f"{found} records stand in the order of the ranking.{more}")
        except CannotScreen as refusal:
            messages.error(request, str(refusal))
