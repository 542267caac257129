"""What spreadsheets add to the lists of the workbench: an action, and lists of parts that had none."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase

from failure_lessons.bulk.lists import spreadsheet_lists
from failure_lessons.bulk.pages import workbook_answer


@admin.action(description="Download the chosen as a spreadsheet", permissions=["view"])
def download_chosen(options: ModelAdmin, request: HttpRequest, rows: QuerySet[Model]) -> HttpResponseBase:
    """The chosen rows of a list."""
    return workbook_answer(rows)


for options in spreadsheet_lists().values():
    options.actions = [*(options.actions or ()), download_chosen]
