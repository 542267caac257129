"""What the page of an organisation shows: its cases, the parts it played, what happened, and what is asked of it."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

from django.db.models import Q

from casestudies.side_by_side import short_case_name
from failure_lessons.library.list_query import readable_editions
from failure_lessons.publishing.models import Edition
from failure_lessons.types import Document


class CaseOfOrganisation(TypedDict):
    """What one case tells of an organisation."""

    slug: str
    title: str
    name: str
    parts: list[Document]
    events: list[Document]
    interventions: list[Document]


def describe_organisation(edition: Edition, moment: dt.datetime | None = None) -> dict[str, object]:
    """The cases of an organisation, each with the part it played, the events that name it and what it led; and the
    recommendations that ask something of it by name. One query."""
    name, slug = str(edition.content["name"]), edition.slug
    rows = readable_editions(Edition.objects.all(), moment).filter(
        Q(kind="case-study", terms__contains=[f"organisation:{slug}"])
        | Q(kind="recommendation", document__icontains=name)
    )
    found = list(rows.defer("body", "search").order_by("sort_key", "pk"))
    asked = [each for each in found if each.kind == "recommendation" and names(name, str(each.content["owner"]))]
    return {
        "cases": [describe_case(each.content, slug, name) for each in found if each.kind == "case-study"],
        "asked": asked,
    }


def describe_case(case: Document, slug: str, name: str) -> CaseOfOrganisation:
    """What a case tells of an organisation: where it is pointed to, and where its name stands."""
    return {
        "slug": case["slug"],
        "title": case["title"],
        "name": short_case_name(case["title"]),
        "parts": [each for each in case.get("actors", []) if each.get("organisation") == slug or each["name"] == name],
        "events": [
            each for each in case.get("events", []) if names(name, f"{each['title']} {each.get('description', '')}")
        ],
        "interventions": [each for each in case.get("interventions", []) if names(name, each.get("led_by", ""))],
    }


def names(name: str, text: str) -> bool:
    """Whether a text names an organisation."""
    return name.casefold() in text.casefold()
