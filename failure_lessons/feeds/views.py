"""`/changes/`: what changed lately, for people."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from failure_lessons.feeds.changes import (
    GREATEST,
    list_alike_changes,
    newest_changes_page,
    parse_change_filter,
    parse_whole_number,
)
from failure_lessons.feeds.digest import MOST_IN_DIGEST, digest_month
from failure_lessons.feeds.filters import ChangeFilter, choices_of
from failure_lessons.library.facets import Titles, labels_of
from failure_lessons.library.list_query import CannotAsk
from failure_lessons.library.published_labels import published_labels
from failure_lessons.pages.facets import clean_query
from failure_lessons.publishing.models import Edition, LedgerEntry

CHANGES_PAGE_SIZE = 100


def change_list(request: HttpRequest) -> HttpResponse:
    """Changes, newest first, filtered and in pages."""
    query = clean_query(request.GET)
    messages: list[str] = []
    before = None
    try:
        filters = parse_change_filter(query, LedgerEntry.objects.all(), also=("before",))
        if "before" in query:
            before = parse_whole_number("before", str(query["before"]), 1, GREATEST, 100)
    except CannotAsk as error:
        messages = [fault.text.replace("`", "") for fault in error.faults]
        filters = parse_change_filter(QueryDict(), LedgerEntry.objects.all())
    page, following = newest_changes_page(filters.qs, before, CHANGES_PAGE_SIZE)
    chosen = filters.data.copy()
    chosen.pop("before", None)
    onwards = chosen.copy()
    onwards["before"] = str(following)
    themes = Edition.objects.current().of_kind("theme").values_list("slug", "title")
    titles = {**published_labels(), **{("theme", slug): title for slug, title in themes}}
    context = {
        "groups": list_alike_changes(page),
        "next": f"?{onwards.urlencode()}" if following else "",
        "newest": f"{reverse('changes')}?{chosen.urlencode()}" if before else "",
        "facets": build_change_facets(filters, titles),
        "active": active_change_filters(filters, titles),
        "feed": f"{reverse('changes-feed')}{'?' if chosen else ''}{chosen.urlencode()}",
        "messages": messages,
        "newest_month": timezone.localdate(page[0].revision.at) if page else None,
    }
    return render(request, "feeds/changes.html", context, status=400 if messages else 200)


def month_in_short(request: HttpRequest, month: str) -> HttpResponse:
    """`/changes/2026-11/`: a month in short. 404 for one that has not begun."""
    first = dt.date.fromisoformat(f"{month}-01")
    if first > timezone.localdate():
        raise Http404
    context = {"digest": digest_month(first), "feed": reverse("changes-feed"), "most": MOST_IN_DIGEST}
    return render(request, "feeds/month.html", context)


def filter_options(filters: ChangeFilter, titles: Titles) -> dict[str, tuple[str, dict[str, str]]]:
    """Each filter's label and choices, by name."""
    return {
        name: (
            str(each.label),
            dict(choices_of(each)) or labels_of(each, titles),
        )
        for name, each in filters.filters.items()
    }


def build_change_facets(filters: ChangeFilter, titles: Titles) -> list[dict[str, object]]:
    """The filters with their choices."""
    return [
        {
            "name": name,
            "label": label,
            "open": bool(filters.data.getlist(name)),
            "choices": [
                {"code": code, "label": words, "picked": code in filters.data.getlist(name)}
                for code, words in choices.items()
            ],
        }
        for name, (label, choices) in filter_options(filters, titles).items()
        if choices
    ]


def active_change_filters(filters: ChangeFilter, titles: Titles) -> list[dict[str, str]]:
    """The filters in force, each with its words and the query string without it."""
    found = []
    for name, (label, choices) in filter_options(filters, titles).items():
        for value in dict.fromkeys(filters.data.getlist(name)):
            rest = filters.data.copy()
            rest.pop("before", None)
            rest.setlist(name, [other for other in filters.data.getlist(name) if other != value])
            found.append({"name": label, "value": choices.get(value, value), "without": f"?{rest.urlencode()}"})
    return found
