"""Cases compared side by side, phase by phase."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casestudies.figures import figures_of_comparison
from casestudies.side_by_side import (
    LEAST_COMPARED,
    MOST_COMPARED,
    SideBySide,
    echo_safely,
    short_case_name,
    unique_slugs,
)
from failure_lessons.charts.figures import Figure
from failure_lessons.charts.slide import make_slide
from failure_lessons.charts.taking import LICENCE_LINE, TakenFigure, figure_file, framed_page
from failure_lessons.files.responses import attach_file
from failure_lessons.files.slides import SLIDES
from failure_lessons.library.list_query import CannotAsk, parse_as_of, readable_editions
from failure_lessons.publishing.addresses import site_address, site_path
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.types import Document

CASE_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,120}")
SCALES = {"onset": "Years from the start", "calendar": "Calendar years"}
COMPARE_PARAMETERS = {"case", "scale", "with", "as_of"}


class AskedComparison(NamedTuple):
    """What a reader asked to see side by side: the editions in that order, how, and what cannot be shown."""

    choices: dict[str, str]  # titles by slug
    editions: list[Edition]
    scale: str
    messages: list[str]

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(edition.content for edition in self.editions)

    @property
    def figures(self) -> dict[str, Figure]:
        """The cases on one timeline."""
        return figures_of_comparison(self.documents, aligned=self.scale == "onset")

    @property
    def query(self) -> str:
        """The question that has this very answer for ever: these cases, at the moment when the newest was published."""
        newest = max(edition.published_at for edition in self.editions).astimezone(dt.UTC)
        given = [("case", edition.slug) for edition in self.editions]
        given += [("scale", self.scale)] if self.scale != "onset" else []
        at = f"{newest.replace(microsecond=0) + dt.timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
        return urlencode([*given, ("as_of", at)], safe=":")


def read_comparison(request: HttpRequest) -> AskedComparison:
    """Two to six case studies, now or at a moment; the first six where nobody has chosen. Two queries."""
    moment, messages = read_moment(request)
    rows = readable_editions(Edition.objects.all(), moment).of_kind("case-study").order_by("sort_key", "pk")
    choices = {edition.slug: edition.title for edition in rows.without_text()}
    asked = unique_slugs(request.GET.getlist("case"))
    scale = request.GET.get("scale") or "onset"
    messages += explain_choice(request, asked, choices)
    if scale not in SCALES:
        messages.append(f"“{echo_safely(scale)}” is no time scale. Choose one of the two below.")
        scale = "onset"
    if not asked and not messages and "with" not in request.GET and len(choices) >= LEAST_COMPARED:
        asked = list(choices)[:MOST_COMPARED]
    found: dict[str, Edition] = {}
    if asked and not messages:
        found = {edition.slug: edition for edition in rows.filter(slug__in=asked).defer("body", "search")}
    return AskedComparison(choices, [found[slug] for slug in asked if slug in found], scale, messages)


def read_moment(request: HttpRequest) -> tuple[dt.datetime | None, list[str]]:
    """The moment in the past that is asked for, if any, and what is wrong with it."""
    text = request.GET.get("as_of", "").strip()
    try:
        return (parse_as_of(text) if text else None), []
    except CannotAsk as error:
        return None, [fault.text.replace("`", "") for fault in error.faults]


@require_safe
def side_by_side(request: HttpRequest) -> HttpResponse:
    """Two to six case studies side by side. Two queries."""
    asked = read_comparison(request)
    slugs = [edition.slug for edition in asked.editions] or unique_slugs(request.GET.getlist("case"))
    context: dict[str, object] = {
        "kind": KINDS["case-study"],
        "choices": asked.choices,
        "picked": [*slugs, *request.GET.getlist("with")],
        "messages": asked.messages,
        "scales": SCALES,
        "scale": asked.scale,
        "sides": None,
        "picture": None,
    }
    if asked.editions:
        figures = asked.figures
        context |= {
            "sides": SideBySide(asked.documents),
            "picture": figures["timeline"].picture,
            "figures": figures.values(),
            "query": asked.query,
            "stood": request.GET.get("as_of", ""),
        }
    return render(request, "casestudies/side_by_side.html", context, status=400 if asked.messages else 200)


def take_comparison(request: HttpRequest, name: str) -> TakenFigure | HttpResponse:
    """The figure of this name of the cases asked for, or the answer that says why there is none."""
    asked = read_comparison(request)
    if asked.messages or not asked.editions:
        words = asked.messages or ["Name two to six cases: ?case=…&case=…"]
        return HttpResponse("\n".join(words), status=400, content_type="text/plain; charset=utf-8")
    if name not in asked.figures:
        raise Http404
    page = f"{site_address(request)}{site_path('compare-cases')}?{asked.query}"
    editions = "; ".join(f"{short_case_name(each.title)}, edition {each.number}" for each in asked.editions)
    credit = (f"{settings.SITE.name}. Case studies: {editions}. Available from: {page}", LICENCE_LINE)
    return TakenFigure(asked.figures[name], SCALES[asked.scale], page, credit, f"cases-{name}")


@require_safe
def comparison_file(request: HttpRequest, name: str, extension: str) -> HttpResponse:
    """The cases on one timeline as SVG, PNG, CSV or, for a slide, PowerPoint. Two queries."""
    taken = take_comparison(request, name)
    if isinstance(taken, HttpResponse):
        return taken
    if extension == "pptx" and name == "slide":
        return attach_file(make_slide(taken), f"{taken.name}.pptx", SLIDES)
    return figure_file(taken, extension)


@require_safe
def comparison_embed(request: HttpRequest, name: str) -> HttpResponse:
    """The same for a frame on another site. Two queries."""
    taken = take_comparison(request, name)
    return taken if isinstance(taken, HttpResponse) else framed_page(taken)


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
