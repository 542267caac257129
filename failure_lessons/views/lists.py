"""Lists of one kind: filtered, ordered, in pages, now or as they stood."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from failure_lessons.filters import EditionFilter, SlugTermFilter, TermFilter, searchable
from failure_lessons.publishing.kinds import Kind
from failure_lessons.publishing.models import Edition
from failure_lessons.questions import CannotAsk, ask
from failure_lessons.views.records import kind_at, theme_labels

PAGE_SIZE = 25
INTRODUCTIONS = {
    "recommendation": "What the NHS should do about organisational failure, who should do it, and how sure we are.",
    "lesson": "What the cases and the literature teach when they are read together, with the evidence for and against.",
    "case-study": "Six failures in education and criminal justice: how each was seen, managed and resolved.",
    "literature-review": "What has been published, how it was searched for, and what it shows.",
    "finding": "What each case study and each review shows, one statement at a time, with its sources.",
    "reference": "Every source that anything here rests on.",
    "theme": "Subjects that run across cases, reviews, lessons and recommendations.",
    "organisation": "Bodies that the case studies are about.",
    "glossary-term": "Words our readers may not share, and what we mean by them.",
}


def listing(request: HttpRequest, address: str) -> HttpResponse:
    """Records of one kind, filtered and in pages. Four queries."""
    kind = kind_at(address)
    query = without_blanks(request.GET)
    messages: list[str] = []
    try:
        question = ask(kind, query)
    except CannotAsk as error:
        messages = [fault.text.replace("`", "") for fault in error.faults]
        question = ask(kind, QueryDict())
    themes = theme_labels()
    page = question.page(PAGE_SIZE)
    context = {
        "kind": kind,
        "introduction": INTRODUCTIONS.get(kind.code, ""),
        "page": page.editions,
        "next": beside(query, "after", page.after),
        "total": question.editions.count(),
        "facets": facets(question.filters, kind, themes),
        "active": active(query, question.filters, themes) if not messages else [],
        "question": searchable(query.get("q", "")),
        "filtered": any(query.get(name) for name in question.filters.filters),
        "messages": messages,
        "themes": themes,
    }
    return render(request, "failure_lessons/list.html", context, status=400 if messages else 200)


def without_blanks(query: QueryDict) -> QueryDict:
    """The query string without the fields of a form that were left empty."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        if filled := [value for value in values if value.strip()]:
            kept.setlist(name, filled)
    return kept


def beside(query: QueryDict, name: str, cursor: str) -> str:
    """The query string of the page at a cursor, or an empty text."""
    if not cursor:
        return ""
    following = query.copy()
    for other in ("after", "before"):
        following.pop(other, None)
    following[name] = cursor
    return f"?{following.urlencode()}"


def facets(filters: EditionFilter, kind: Kind, themes: dict[str, str]) -> list[dict[str, Any]]:
    """The filters of a list with their choices, and how many records each choice has in the whole list."""
    available = Edition.objects.current().of_kind(kind.code).facet_counts()
    found = []
    for name, each in filters.term_filters().items():
        if isinstance(each, TermFilter):
            pairs = [(str(code), str(text)) for code, text in each.vocabulary.choices]
        elif isinstance(each, SlugTermFilter) and each.term == "theme":
            pairs = sorted(themes.items(), key=lambda pair: pair[1])
        else:
            continue  # reached by links, too many to tick
        picked = set(filters.data.getlist(name))
        choices = [
            {"code": code, "label": text, "count": available.get(f"{each.term}:{code}", 0), "picked": code in picked}
            for code, text in pairs
        ]
        choices = [choice for choice in choices if choice["count"] or choice["picked"]]
        if choices:
            found.append({"name": name, "label": each.label, "choices": choices, "open": bool(picked)})
    return found


def active(query: QueryDict, filters: EditionFilter, themes: dict[str, str]) -> list[dict[str, str]]:
    """The terms in force, each with its words and the query string without it; free text stays in its field."""
    found = []
    for name, each in filters.term_filters().items():
        for value in dict.fromkeys(filter(None, query.getlist(name))):
            rest = query.copy()
            rest.pop("after", None)
            rest.setlist(name, [other for other in query.getlist(name) if other != value])
            words = dict(each.vocabulary.choices) if isinstance(each, TermFilter) else themes
            found.append({"name": each.label, "value": words.get(value, value), "without": f"?{rest.urlencode()}"})
    return found
