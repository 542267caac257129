"""Entering what others recommended, and dossiers: each dossier is one page."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import admin

from casestudies.admin import PartInline
from failure_lessons.types import JSONArray
from failure_lessons.vocabularies.choices import BeforeOrAfter
from failure_lessons.workbench.inlines import RowForm
from failure_lessons.workbench.publishable import PublishableAdmin
from literature.sourced_forms import SourcedForm, SourcesField, source_line
from recommendations.follow_up.models import (
    Action,
    Addressee,
    FollowUp,
    FollowUpCitation,
    Judgement,
    Look,
    Reply,
    Response,
    Series,
    SeriesValue,
    SourceRecommendation,
)
from recommendations.follow_up.workbench import DossierPages


class SourceRecommendationForm(SourcedForm):
    """What others recommended, with its sources typed as lines."""

    sources: forms.Field = SourcesField()


@admin.register(SourceRecommendation)
class SourceRecommendationAdmin(PublishableAdmin):
    form = SourceRecommendationForm
    list_display = ["code", "text", "made_by", "made_on", "state"]
    list_filter = ["state", "act", "phase"]
    list_select_related = ["made_by"]
    search_fields = ["code", "text", "slug"]
    autocomplete_fields = ["case", "review", "made_by"]
    fieldsets = [
        (None, {"fields": ["code", "slug", "text", "words", "act", "phase", ("case", "review")]}),
        ("Who and when", {"fields": [("made_by", "made_by_role"), ("made_on", "number")]}),
        ("By when", {"fields": [("deadline_said", "deadline_day")]}),
        ("Several taken together", {"fields": ["set_size", "set_counts", "set_note"]}),
        ("Sources", {"fields": ["sources"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]


class DossierSourcedForm(RowForm, SourcedForm):
    """A statement of a dossier: it says where it was read."""

    sources: forms.Field = SourcesField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sources"].required = True


class AddresseeInline(PartInline):
    model = Addressee
    autocomplete_fields = ["body"]
    fields = [("position", "body", "role"), ("asked_day", "asked_how"), ("answer_said", "answer_due"), "proof"]


class LookInline(PartInline):
    model = Look
    fields = [("position", "day"), "where", "found"]


class DossierSourcedInline(PartInline):
    form = DossierSourcedForm
    autocomplete_fields = ["body"]


class ResponseInline(DossierSourcedInline):
    model = Response
    fields = [("position", "code", "stance"), ("body", "role"), ("date", "received_day"), "says", "sources"]


class ActionInline(DossierSourcedInline):
    model = Action
    fields = [("position", "code", "claimed"), ("body", "role"), "date", "what", "sources"]


class JudgementInline(DossierSourcedInline):
    model = Judgement
    fields = [("position", "date"), ("body", "role"), "says", "sources"]


class SeriesField(SourcesField):
    """A series, one figure a line: `period | value | before or after | note | key | locator | very words`."""

    def __init__(self) -> None:
        super().__init__(
            parts_before=4,
            label="Values",
            help_text="One figure a line: period | value | before or after | note (or -) | key of the source | place | "
            "very words. Such as 2026-27 | 34.5 | before | - | nao-2026 | p. 4.",
        )

    def clean(self, value: str | None) -> JSONArray:
        rows: JSONArray = [*super().clean(value)]
        errors, periods = [], set()
        for number, row in enumerate(rows, start=1):
            period, figure, moment, note = (["" if part == "-" else part for part in row["before"]] + [""] * 4)[:4]
            try:
                row["figure"] = Decimal(figure.replace(",", ""))
                if not row["figure"].is_finite() or abs(row["figure"]) >= 10**13:
                    raise InvalidOperation
            except InvalidOperation:
                errors.append(f"Line {number}: “{figure[:60]}” is not a number such as 34.5.")
            if moment.lower() not in BeforeOrAfter.values:
                errors.append(f"Line {number}: write before or after, not “{moment[:60]}”.")
            if not period or len(period) > 30 or period in periods:
                errors.append(f"Line {number}: a period has up to 30 characters and stands there once.")
            periods.add(period)
            row["point"] = {"period": period, "moment": moment.lower(), "note": note}
        if errors:
            raise forms.ValidationError(errors)
        return rows


class SeriesForm(RowForm):
    """An indicator with its figures, each with its source."""

    values: forms.Field = SeriesField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["values"] = "\n".join(
                source_line(citation, point.period, f"{point.value.normalize():f}", point.moment, point.note or "-")
                for point in self.instance.points.prefetch_related("citations__reference")
                for citation in point.citations.all()[:1]
            )

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        if "values" not in self.changed_data:
            return
        self.instance.points.all().delete()
        for position, row in enumerate(self.cleaned_data["values"]):
            point = SeriesValue.objects.create(
                series=self.instance, position=position, value=row["figure"], **row["point"]
            )
            source = {name: part for name, part in row.items() if name not in ("before", "figure", "point")}
            FollowUpCitation.objects.create(point=point, **source)


class SeriesInline(PartInline):
    model = Series
    form = SeriesForm
    fields = [("position", "name"), ("unit", "better"), "measure", "definition", "values"]


class ReplyInline(PartInline):
    model = Reply
    autocomplete_fields = ["body"]
    fields = [("position", "day"), "body", "text"]


@admin.register(FollowUp)
class FollowUpAdmin(PublishableAdmin):
    parts = [DossierPages]
    list_display = ["slug", "source_recommendation", "recommendation", "state", "edited_at"]
    list_select_related = ["source_recommendation", "recommendation"]
    search_fields = ["slug", "source_recommendation__code", "source_recommendation__text", "recommendation__title"]
    autocomplete_fields = ["source_recommendation", "recommendation"]
    fieldsets = [
        (None, {"fields": ["slug", ("source_recommendation", "recommendation")]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]
    inlines = [AddresseeInline, LookInline, ResponseInline, ActionInline, JudgementInline, SeriesInline, ReplyInline]
