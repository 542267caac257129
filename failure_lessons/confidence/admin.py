"""The pages of confidence: rate on one's own; then all ratings side by side, and what two people agree on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.confidence.inter_rater import RATED, RaterAgreement, compare_raters, count_steps_apart
from failure_lessons.confidence.method import CERQUAL_GUIDANCE, CERQUAL_LEVEL_MEANINGS, OVERALL_LEVEL_MEANINGS
from failure_lessons.confidence.models import CerqualBase
from failure_lessons.confidence.services import (
    RATING_FIELDS,
    CannotRate,
    assessment_relation,
    confirm_assessment,
    independent_ratings,
    propose_assessment,
    rate_confidence,
)
from failure_lessons.publishing.models import Record
from failure_lessons.vocabularies.choices import CerqualLevel, ConfidenceLevel
from failure_lessons.workbench.buttons import REVIEW
from failure_lessons.workbench.parts import AdminPart

LABELS = {each.code: each.label for each in CERQUAL_GUIDANCE} | {"overall": "Overall confidence"}
Level = TypeVar("Level", bound=TextChoices)
MAX_RATING_REASON = 4000


def level_choices(levels: type[Level], meanings: Mapping[Level, str]) -> list[tuple[str, str]]:
    """The levels as a form offers them, each with what it means."""
    return [(each.value, f"{each.label}: {meanings[each]}") for each in levels]


class RatingForm(forms.Form):
    """Four components and the overall level, each with its reason: none can be left out."""

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, str] | None = None) -> None:
        super().__init__(data, initial=initial)
        for name, label in LABELS.items():
            self.fields[name] = forms.ChoiceField(
                label="Level",
                widget=forms.RadioSelect,
                choices=level_choices(ConfidenceLevel, OVERALL_LEVEL_MEANINGS)
                if name == "overall"
                else level_choices(CerqualLevel, CERQUAL_LEVEL_MEANINGS),
                error_messages={"required": f"{label}: choose a level."},
            )
            self.fields[f"{name}_reason"] = forms.CharField(
                label="Why",
                max_length=MAX_RATING_REASON,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={"required": f"{label}: say why."},
            )

    @property
    def sections(self) -> list[dict[str, object]]:
        """Each component with its guidance and its two fields."""
        guide = {each.code: each for each in CERQUAL_GUIDANCE}
        return [
            {
                "code": name,
                "label": label,
                "about": guide[name].about
                if name in guide
                else "Chosen by you with the four components in view. It is never added up from them.",
                "questions": guide[name].questions if name in guide else (),
                "level": self[name],
                "reason": self[f"{name}_reason"],
            }
            for name, label in LABELS.items()
        ]


def rating_form_values(assessment: CerqualBase) -> dict[str, str]:
    """The values of an assessment as the form takes them."""
    return {name: getattr(assessment, name) for name in RATING_FIELDS}


class ConfidencePages(AdminPart):
    """Pages on which the confidence in a record is rated: its model has `assessments`."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/rate/", self.rate_view, self.name_page("rate")),
            self.make_path("<int:pk>/confidence/", self.confidence_view, self.name_page("confidence")),
        ]

    @property
    def assessment_model(self) -> type[CerqualBase]:
        """The model of an assessment of this kind of record."""
        return cast("type[CerqualBase]", assessment_relation(self.model).related_model)

    def tools(self, request: HttpRequest, record: Record) -> list[dict[str, str]]:
        """The ratings side by side."""
        return [{"label": "Confidence", "url": self.page_url("confidence", record.pk)}]

    def may_rate(self, request: HttpRequest) -> bool:
        """Whoever may add an assessment."""
        return request.user.has_perm(f"{self.opts.app_label}.add_{self.assessment_model._meta.model_name}")

    def confidence_page(
        self, request: HttpRequest, template: str, record: Record, status: int = 200, **context: object
    ) -> HttpResponse:
        """A page of confidence."""
        base = {
            **self.page_context(request),
            "record": record,
            "change_url": self.page_url("change", record.pk),
            "rate_url": self.page_url("rate", record.pk),
            "confidence_url": self.page_url("confidence", record.pk),
        }
        answer = render(request, f"admin/literature/{template}.html", {**base, **context}, status=status)
        answer["Cache-Control"] = "private, no-store"
        return answer

    def rate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One's own rating, with the method explained beside each part."""
        record = get_object_or_404(self.model, pk=pk)
        by = signed_in_user(request)
        if not self.may_rate(request):
            raise PermissionDenied
        own = record.assessments.filter(rater=by).first()
        form = RatingForm(
            request.POST if request.method == "POST" else None, initial=rating_form_values(own) if own else None
        )
        if request.method == "POST" and form.is_valid():
            try:
                rate_confidence(record=record, values=form.cleaned_data, by=by, note="Rated independently.")
            except CannotRate as refusal:
                for reason in refusal.reasons:
                    form.add_error(None, reason)
            else:
                messages.success(request, "Your rating is kept.")
                return HttpResponseRedirect(self.page_url("confidence", record.pk))
        status = 422 if form.errors else 200
        return self.confidence_page(
            request,
            "rate",
            record,
            status,
            title=f"Rate confidence: {record.code}",
            form=form,
            own=own,
            is_proposal=False,
        )

    def confidence_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ratings side by side, for those who have rated or may not; a POST proposes or confirms what was agreed."""
        record = get_object_or_404(self.model, pk=pk)
        by = signed_in_user(request)
        if not self.admin.has_view_permission(request, record):
            raise PermissionDenied
        given = independent_ratings(record)
        own = next((each for each in given if each.rater_id == by.pk), None)
        may_rate = self.may_rate(request)
        if own is None and may_rate:
            return self.confidence_page(
                request, "confidence", record, title=f"Confidence: {record.code}", blind=True, given=len(given)
            )
        may_agree = own is not None or by.has_perm(REVIEW)
        proposal = (
            record.assessments.filter(proposed_by__isnull=False, agreed=False).select_related("proposed_by").first()
        )
        agreed = record.assessments.filter(agreed=True).select_related("proposed_by", "confirmed_by").first()
        start = proposal or agreed or own
        form: forms.Form = RatingForm(initial=rating_form_values(start) if start else None)
        if request.method == "POST":
            if not may_agree:
                raise PermissionDenied
            form = self.propose_or_confirm(request, record)
            if not form.errors:
                return HttpResponseRedirect(self.page_url("confidence", record.pk))
        columns = [
            *({"name": str(each.rater), "assessment": each} for each in given),
            *([{"name": f"Proposed by {proposal.proposed_by}", "assessment": proposal}] if proposal else []),
            *([{"name": "Agreed", "assessment": agreed}] if agreed else []),
        ]
        return self.confidence_page(
            request,
            "confidence",
            record,
            422 if form.errors else 200,
            title=f"Confidence: {record.code}",
            blind=False,
            given=len(given),
            own=own,
            may_rate=may_rate,
            may_agree=may_agree,
            proposal=proposal,
            agreed=agreed,
            may_confirm=bool(proposal and may_agree and proposal.proposed_by_id != by.pk),
            form=form,
            columns=[each["name"] for each in columns],
            is_proposal=True,
            rows=[
                {
                    "label": LABELS[name],
                    "apart": count_steps_apart(name, given) if len(given) > 1 else None,
                    "cells": [
                        {
                            "level": getattr(each["assessment"], f"get_{name}_display")(),
                            "reason": getattr(each["assessment"], f"{name}_reason"),
                        }
                        for each in columns
                    ],
                }
                for name in RATED
            ],
            across=[label_rater_agreement(each) for each in self.rater_agreements(record)],
        )

    def propose_or_confirm(self, request: HttpRequest, record: Record) -> forms.Form:
        """Confirm, or propose; the form with what is wrong, if anything."""
        by = signed_in_user(request)
        form = RatingForm(request.POST)
        try:
            if "confirm" in request.POST:
                text = request.POST["confirm"]
                key = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
                confirm_assessment(record=record, proposal=key, by=by, note="Agreed on the confidence.")
                messages.success(request, "Agreed: this assessment counts from now on.")
                return forms.Form()
            if form.is_valid():
                propose_assessment(
                    record=record, values=form.cleaned_data, by=by, note="Proposed an agreed confidence."
                )
                messages.success(request, "Proposed. Somebody else has to confirm it.")
        except CannotRate as refusal:
            if "confirm" in request.POST:
                for reason in refusal.reasons:
                    messages.error(request, reason)
                return forms.Form()
            for reason in refusal.reasons:
                form.add_error(None, reason)
        return form

    def rater_agreements(self, record: Record) -> list[RaterAgreement]:
        """How far raters agree across records that belong together. One query."""
        field = assessment_relation(self.model).field
        rows = self.assessment_model._default_manager.filter(rater__isnull=False).select_related("rater")
        if hasattr(record, "review_id"):
            rows = rows.filter(**{f"{field.name}__review": record.review_id})
        return compare_raters(rows, field.attname)


def label_rater_agreement(pair: RaterAgreement) -> dict[str, object]:
    """An agreement of two raters with the components' names."""
    return {
        "one": pair.one,
        "other": pair.other,
        "total": pair.total,
        "parts": [{"label": LABELS[name], "agreement": each} for name, each in pair.parts],
    }
