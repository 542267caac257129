"""What spreadsheets add to the lists of the workbench: an action, and lists of parts that had none."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from casestudies.models import IndicatorValue
from failure_lessons.bulk.lists import listed
from failure_lessons.bulk.pages import workbook_answer
from literature.models import Appraisal, Screening, Search


@admin.action(description="Download the chosen as a spreadsheet", permissions=["view"])
def download_chosen(options: ModelAdmin[Any], request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase:
    """The chosen rows of a list."""
    return workbook_answer(rows)


class ReviewPartAdmin(ModelAdmin):
    """Parts of literature reviews in one list, to filter and to take out as a sheet."""

    list_filter: ClassVar[Any] = ["review"]
    autocomplete_fields: ClassVar[Any] = ["review", "reference"]
    list_select_related: ClassVar[Any] = ["review", "reference"]


class ScreeningAdmin(ReviewPartAdmin):
    list_display = ["reference", "stage", "decision", "review"]
    list_filter = ["review", "stage", "decision"]
    search_fields = ["reference__slug", "reference__title", "reason"]


class AppraisalAdmin(ReviewPartAdmin):
    list_display = ["reference", "tool", "judgement", "review"]
    list_filter = ["review", "tool", "judgement"]
    search_fields = ["reference__slug", "reference__title", "note"]


class SearchAdmin(ReviewPartAdmin):
    list_display = ["source", "date_run", "records_found", "review"]
    autocomplete_fields = ["review"]
    list_select_related = ["review"]
    search_fields = ["source", "query"]


class IndicatorValueAdmin(ModelAdmin):
    list_display = ["indicator", "period", "value"]
    list_filter = ["indicator__case"]
    list_select_related = ["indicator"]
    search_fields = ["indicator__name", "period", "note"]
    autocomplete_fields = ["indicator"]


PARTS: dict[Any, type[ModelAdmin[Any]]] = {
    Screening: ScreeningAdmin,
    Appraisal: AppraisalAdmin,
    Search: SearchAdmin,
    IndicatorValue: IndicatorValueAdmin,
}

for model, kind in PARTS.items():
    if not admin.site.is_registered(model):  # its own app may have better
        admin.site.register(model, kind)
for options in listed().values():
    options.actions = [*(options.actions or ()), download_chosen]
