"""Cases compared side by side, phase by phase."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casestudies.side_by_side import LEAST_COMPARED, MOST_COMPARED, SideBySide, echo_safely, unique_slugs
from failure_lessons.charts.lanes import draw_lanes
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

CASE_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,120}")
SCALES = {"onset": "Years from the onset", "calendar": "Calendar years"}
COMPARE_PARAMETERS = {"case", "scale", "with", "as_of"}


@require_safe
def side_by_side(request: HttpRequest) -> HttpResponse:
    """Two to six current case studies side by side; the first six where nobody has chosen. Two queries."""
    rows = Edition.objects.current().of_kind("case-study").without_text().order_by("sort_key", "pk")
    choices = {edition.slug: edition.title for edition in rows}
    asked = unique_slugs(request.GET.getlist("case"))
    scale = request.GET.get("scale") or "onset"
    messages = explain_choice(request, asked, choices)
    if scale not in SCALES:
        messages.append(f"“{echo_safely(scale)}” is no time scale. Choose one of the two below.")
        scale = "onset"
    if not asked and not messages and "with" not in request.GET and len(choices) >= LEAST_COMPARED:
        asked = list(choices)[:MOST_COMPARED]
    context: dict[str, object] = {
        "kind": KINDS["case-study"],
        "choices": choices,
        "picked": [*asked, *request.GET.getlist("with")],
        "messages": messages,
        "scales": SCALES,
        "scale": scale,
        "sides": None,
        "picture": None,
    }
    if asked and not messages:
        whole = Edition.objects.current().of_kind("case-study").filter(slug__in=asked).defer("body", "search")
        found = {edition.slug: edition.content for edition in whole}
        documents = tuple(found[slug] for slug in asked if slug in found)
        context |= {"sides": SideBySide(documents), "picture": draw_lanes(documents, aligned=scale == "onset")}
    return render(request, "casestudies/side_by_side.html", context, status=400 if messages else 200)


def explain_choice(request: HttpRequest, asked: list[str], choices: dict[str, str]) -> list[str]:
    """Why this choice of cases cannot be shown; at most one query, and only where something is unknown."""
    messages = [
        f"“{echo_safely(name)}” means nothing here. Use “case” and “scale”."
        for name in sorted(request.GET.keys() - COMPARE_PARAMETERS)
    ]
    missing = [slug for slug in asked if slug not in choices]
    if missing:
        known = [slug for slug in missing if CASE_SLUG.fullmatch(slug)][:MOST_COMPARED]
        gone = set(
            Edition.objects.of_kind("case-study")
            .filter(slug__in=known, withdrawn_at__isnull=False)
            .values_list("slug", flat=True)
        )
        messages += [
            f"The case “{echo_safely(slug, 120)}” was withdrawn."
            if slug in gone
            else f"There is no case “{echo_safely(slug, 120)}”."
            for slug in missing[: MOST_COMPARED + 1]
        ]
    if asked and not missing and len(asked) < LEAST_COMPARED:
        messages.append("One case cannot be compared with itself: choose at least one more.")
    if len(asked) > MOST_COMPARED:
        messages.append(f"{len(asked)} cases are too many to read side by side: choose two to six.")
    return messages
