"""One search over everything in the workbench: records of every kind, and the rows within them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from failure_lessons.history.recording import recorded_models
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.registry import KINDS, SOURCES
from failure_lessons.workbench.row_lists import RowListAdmin

FOUND_SHOWN = 6  # of each kind; its list has the others
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class FoundKind:
    """What was found of one kind: each row's name, where it is written, and what is said beside it."""

    label: str
    rows: Sequence[tuple[str, str, str]]
    more: str = ""  # the list of all of them, where there are more


def clean_search(text: str) -> str:
    """What is searched for, of what somebody sent."""
    return " ".join(text.replace("\0", " ").split())[:LONGEST_SEARCH]


def search_workbench(site: AdminSite, request: HttpRequest, words: str) -> list[FoundKind]:
    """What this person may see that has all the words, records before rows. One query for each kind."""
    return [found for options in list_searched(site, request) if (found := search_kind(options, request, words))]


def list_searched(site: AdminSite, request: HttpRequest) -> Iterator[ModelAdmin[Model]]:
    """The admins of everything that is evidence and has words, for somebody who may see it."""
    evidence = set(recorded_models(apps))
    searched = [
        options
        for model, options in site._registry.items()
        if model in evidence and options.search_fields and options.has_view_permission(request)
    ]
    records = [options for options in searched if issubclass(options.model, Publishable)]
    yield from sorted(records, key=lambda options: KINDS[SOURCES[options.model].kind].reader_rank)
    yield from (options for options in searched if options not in records)


def search_kind(options: ModelAdmin[Model], request: HttpRequest, words: str) -> FoundKind | None:
    """What was found of one kind; nothing where there is none."""
    rows: QuerySet[Model] = options.get_queryset(request)
    if isinstance(options.list_select_related, list | tuple):
        rows = rows.select_related(*options.list_select_related)
    rows, repeats = options.get_search_results(request, rows, words)
    found = list((rows.distinct() if repeats else rows)[: FOUND_SHOWN + 1])
    if not found:
        return None
    name = f"admin:{options.opts.app_label}_{options.opts.model_name}"
    every = f"{reverse(f'{name}_changelist')}?{urlencode({'q': words})}" if len(found) > FOUND_SHOWN else ""
    shown = []
    for row in found[:FOUND_SHOWN]:
        shown.append((str(row), reverse(f"{name}_change", args=[row.pk]), describe_found_row(options, row)))
    return FoundKind(str(options.opts.verbose_name_plural).capitalize(), shown, every)


def describe_found_row(options: ModelAdmin[Model], row: Model) -> str:
    """How a record stands; of a row, in which record it is."""
    if isinstance(row, Publishable):
        return str(row.get_state_display())
    if isinstance(options, RowListAdmin) and isinstance(options.list_select_related, list | tuple):
        return str(getattr(row, options.list_select_related[0], ""))
    return ""
