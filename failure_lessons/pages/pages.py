"""Pages about the site itself: home, method, accessibility, privacy, corrections, and the gallery of components."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TypedDict

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from failure_lessons.library.facets import Choice, Facet
from failure_lessons.library.orders import ORDERS
from failure_lessons.library.published_labels import published_labels
from failure_lessons.library.resolve import NamedRecord
from failure_lessons.library.term_bitmaps import TermBitmaps, read_term_bitmaps
from failure_lessons.library.traceability import measure_traceability
from failure_lessons.pages.metadata import home_metadata
from failure_lessons.publishing.alike_changes import FACT_COLUMNS, ChangeFacts, group_alike_facts
from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.vocabularies.choices import Audience, ConfidenceLevel, Phase, Sector, Strength

READ_AT_HOME = 150  # of the latest changes, of which alike ones are told in one line
TOLD_ALIKE = 3  # of changes that are alike
SHOWN_AT_HOME = 6  # surest recommendations, cases, latest changes
SITUATIONS_SHOWN = 24
CORRECTIONS_SHOWN = 200
# publications of and about the research project that this repository follows, in the order of reading
PROJECT_WORKS = (
    "jones2017",
    "rosell2017",
    "jones2017blog",
    "healthfoundation-project",
    "healthfoundation-announcement",
)


def home_page(request: HttpRequest) -> HttpResponse:
    """What this is, and the way in. Seven queries, however much is published."""
    bitmaps = read_term_bitmaps()
    situations = (
        Edition.objects.current()
        .of_kind("situation")
        .defer("body", "search")
        .order_by("sort_key", "pk")[:SITUATIONS_SHOWN]
    )
    recommendations = Edition.objects.current().of_kind("recommendation")
    surest = ORDERS["confidence"].sort(recommendations.without_text())[:SHOWN_AT_HOME]
    cases = Edition.objects.current().of_kind("case-study").without_text().order_by("sort_key", "pk")[:SHOWN_AT_HOME]
    is_news = Q(edition__kind__in=[code for code, kind in KINDS.items() if kind.is_news])
    carried = Q(edition__change=ChangeKind.FORM, edition__kind__in=[c for c, kind in KINDS.items() if kind.answers])
    changes = list_latest_news(is_news & ~carried)
    context = {
        "situations": [{"edition": each, "question": each.content["question"]} for each in situations],
        "matrix": bitmaps.keep_counts("audiences", lambda: count_by_audience(bitmaps)),
        "phases": Phase.choices,
        "audiences": Audience.choices,
        "surest": list(surest),
        "cases": list(cases),
        "titles": published_labels(bitmaps),
        "totals": bitmaps.keep_counts("kinds", lambda: count_by_kind(bitmaps)),
        "changes": changes,
        "about": home_metadata(request, changes[0]["entries"][0]["revision"].at if changes else None),
    }
    return render(request, "pages/home.html", context)


def count_by_audience(bitmaps: TermBitmaps) -> list[dict[str, object]]:
    """How many recommendations there are for each audience in each phase.

    A row is {"code", "label", "cells": [{"code", "label", "count"}, …]}.
    """
    recommendations = bitmaps.keys_of("kind:recommendation")
    phases = {phase: recommendations & bitmaps.keys_of(f"phase:{phase}") for phase in Phase}
    return [
        {
            "code": str(audience),
            "label": str(audience.label),
            "cells": [
                {
                    "code": str(phase),
                    "label": str(phase.label),
                    "count": keys.intersection_cardinality(bitmaps.keys_of(f"audience:{audience}")),
                }
                for phase, keys in phases.items()
            ],
        }
        for audience in Audience
    ]


def count_by_kind(bitmaps: TermBitmaps) -> list[dict[str, object]]:
    """The links of the chain with how many records each holds today, from the sources up."""
    kinds = [code for code, kind in KINDS.items() if kind.in_chain]
    return [{"kind": KINDS[code], "count": len(bitmaps.keys_of(f"kind:{code}"))} for code in kinds]


class NewsEntry(TypedDict):
    """A change of the library as pages list it."""

    revision: LedgerEntry
    edition: Edition
    kind: Kind


class AlikeNews(TypedDict):
    """Changes that one line tells: how many, and those to tell; `are_more` where not all that are alike were read."""

    count: int
    entries: list[NewsEntry]
    are_more: bool


def read_latest_rows(which: Q, most: int) -> list[LedgerEntry]:
    """The newest entries of the ledger that match. One query."""
    rows = LedgerEntry.objects.filter(which).with_headlines().defer("edition__summary")
    return list(rows.order_by("-number")[:most])


def news_entry(row: LedgerEntry) -> NewsEntry:
    """An entry as pages list it."""
    return {"revision": row, "edition": row.edition, "kind": KINDS[row.edition.kind]}


def list_latest_news(which: Q) -> list[AlikeNews]:
    """The newest entries that match, those that are alike together. One query."""
    newest = LedgerEntry.objects.filter(which).order_by("-number").values_list(*FACT_COLUMNS)[:READ_AT_HOME]
    groups = group_alike_facts(facts := [*map(ChangeFacts._make, newest)])
    return [
        {
            "count": len(alike),
            "entries": [news_entry(each.entry) for each in alike[:TOLD_ALIKE]],
            "are_more": len(facts) == READ_AT_HOME and alike is groups[-1],
        }
        for alike in groups[:SHOWN_AT_HOME]
    ]


def about_page(request: HttpRequest) -> HttpResponse:
    """What this is, how it was made, and what it is not."""
    return render(request, "pages/about.html", {"origin": read_origin()})


def read_origin() -> str:
    """`about.md` of the folder SITE_FILES: where this repository comes from, in words of whoever runs it."""
    file = Path(settings.SITE.files) / "about.md"
    if not settings.SITE.files or not file.is_file():
        return ""
    return file.read_text(encoding="utf-8")


def traceability_page(request: HttpRequest) -> HttpResponse:
    """How many published statements reach the words of a source. Two queries at most."""
    return render(request, "pages/traceability.html", {"meter": measure_traceability()})


def project_page(request: HttpRequest) -> HttpResponse:
    """The research project that the shipped evidence follows, with its publications."""
    if settings.SITE_NOTICE:
        raise Http404  # the evidence is another's
    found = Edition.objects.current().of_kind("reference").filter(slug__in=PROJECT_WORKS).without_text()
    works = {work.slug: work for work in found}
    return render(request, "pages/project.html", {"works": [works[slug] for slug in PROJECT_WORKS if slug in works]})


def accessibility_page(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "pages/accessibility.html", {"contact": settings.CONTACT})


def privacy_page(request: HttpRequest) -> HttpResponse:
    """What the site records about readers."""
    return render(request, "pages/privacy.html", {"contact": settings.CONTACT})


def corrections_page(request: HttpRequest) -> HttpResponse:
    """What was corrected or withdrawn, newest first, and how to report an error. One query."""
    which = Q(action__in=[LedgerEntry.Action.CORRECTED, *LedgerEntry.REMOVALS])
    entries = [news_entry(row) for row in read_latest_rows(which, CORRECTIONS_SHOWN)]
    context = {"entries": entries, "shown": CORRECTIONS_SHOWN, "contact": settings.CONTACT}
    return render(request, "pages/corrections.html", context)


def components_page(request: HttpRequest) -> HttpResponse:
    """Every part that pages are made of, with sample data. For developers: 404 unless DEBUG is on."""
    if not settings.LAPTOP:
        raise Http404
    return render(request, "pages/components.html", SAMPLES)


def sample_edition(kind: str, **values: object) -> Edition:
    """An edition that was never saved, for the gallery."""
    return Edition(
        **{
            "pk": 1,
            "kind": kind,
            "slug": "sample",
            "title": f"A {KINDS[kind].label.lower()}",
            "number": 2,
            "summary": "One or two sentences that say what a reader will find.",
            "sha256": "0" * 64,
            **values,
        }
    )


DAY = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
SAMPLE_SOURCE = {
    "ref": "sample",
    "locator": "p. 4",
    "quotation": "Words of the source.",
    "reference": {"slug": "sample", "short": "Ofsted 1996", "text": {"title": "A report"}},
}
SAMPLE_FINDING = {
    "code": "E1-F1",
    "slug": "e1-f1",
    "statement": "A finding in one sentence.",
    "explanation": "What was seen, and where.",
    "relevance_to_nhs": "What follows for the NHS.",
    "phase": "identification",
    "sources": [SAMPLE_SOURCE],
    "themes": [{"slug": "sample", "label": "A theme"}],
    "cerqual": "",
    "derived": {"part_of": {"title": "A case study"}},
}
CERQUAL = {
    name: {"level": "minor-concerns", "reason": "A reason in words."}
    for name in ("methodological_limitations", "coherence", "adequacy", "relevance")
} | {"overall": {"level": "moderate", "reason": "Why the whole comes to this."}}
SAMPLES: dict[str, object] = {
    "kind": KINDS["recommendation"],
    "titles": {("failure-type", "safety"): "Safety"},
    "cards": [
        (
            sample_edition(
                "recommendation",
                code="R1",
                terms=["strength:strong", "confidence:moderate", "phase:prevention", "audience:regulator"],
            ),
            "recommendations",
        ),
        (
            sample_edition(
                "recommendation",
                code="R2",
                terms=["strength:consider", "confidence:low", "phase:management", "audience:provider-board"],
            ),
            "recommendations",
        ),
        (
            sample_edition("lesson", code="LS1", terms=["confidence:high", "phase:identification", "sector:education"]),
            "lessons",
        ),
        (
            sample_edition("case-study", terms=["sector:criminal-justice", "failure-type:safety"]),
            "case-studies",
        ),
        (sample_edition("reference", terms=["type:report", "year:1996"]), "references"),
    ],
    "levels": ConfidenceLevel.choices,
    "responsibility": {
        "authors": [{"family": "Okoro", "given": "Ada"}, {"literal": "An institute"}],
        "interests": "None.",
        "contact": "somebody@example.org",
    },
    "strengths": Strength.choices,
    "sectors": Sector.choices,
    "references": {},
    "nothing": [],
    "source": [SAMPLE_SOURCE],
    "checked": {"policy_context": {"as_of": "2026-06", "review_by": "2027-04"}},
    "looked_for": [{"phase": "prevention", "theme_label": "A theme", "how": "Every report was read to the end."}],
    "finding": SAMPLE_FINDING,
    "cerqual": CERQUAL,
    "sample_record": {
        "code": "R1",
        "lessons": [
            {
                "code": "LS1",
                "slug": "sample",
                "title": "A lesson",
                "statement": "What the cases teach together.",
                "evidence": [
                    {"finding": "E1-F1", "relation": "supports", "note": "Why it does.", "record": SAMPLE_FINDING},
                    {"finding": "J1-F2", "relation": "qualifies", "note": "", "record": SAMPLE_FINDING},
                    {"finding": "J2-F3", "relation": "contradicts", "note": "", "record": SAMPLE_FINDING},
                ],
            }
        ],
    },
    "banners": [
        sample_edition("lesson", pk=None),
        sample_edition("lesson", superseded_at=DAY),
        sample_edition("lesson", evidence_changed_at=DAY),
    ],
    "edition": sample_edition(
        "recommendation", code="R1", published_at=DAY, note="What changed, and why.", change="new-evidence"
    ),
    "entry": {
        "revision": LedgerEntry(number=1, action="corrected", at=DAY, note="A date was wrong."),
        "edition": sample_edition("lesson", code="LS1"),
        "kind": KINDS["lesson"],
    },
    "facets": [Facet("phase", "Phase of failure", [Choice("prevention", "Prevention", 4, picked=True)])],
    "phases": Phase.choices[:2],
    "matrix": [
        {
            "code": "regulator",
            "label": "Regulator",
            "cells": [
                {"code": "prevention", "label": "Prevention", "count": 3},
                {"code": "identification", "label": "Identification", "count": 0},
            ],
        }
    ],
    "codes": {"R2": NamedRecord(KINDS["recommendation"], "sample", "Another recommendation")},
    "used_by": [(KINDS["recommendation"], [sample_edition("recommendation", code="R1")])],
}
