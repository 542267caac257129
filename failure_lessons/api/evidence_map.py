"""The evidence map as data: the same map as the page, each cell with the list that it counts."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from failure_lessons.api.parameters import refuse, refuse_strangers
from failure_lessons.api.views import Reading, answered, of_the_library, site
from failure_lessons.library.evidence_map import Map, Question, evidence_map
from failure_lessons.library.list_query import Fault, repeated
from failure_lessons.publishing.models import Edition

PARAMETERS = ("of", "by", "sector")


class EvidenceMap(Reading):
    """How much is published on each phase of failure, by theme, type of failure or sector."""

    def get(self, request: Request) -> Any:
        asked = request._request
        refuse_strangers(asked, PARAMETERS)
        blank = [name for name, values in asked.GET.lists() if not all(values)]
        question = Question.read(asked.GET)
        refuse(
            asked,
            [
                *repeated(asked.GET, ("of", "by")),
                *(Fault(name, f"`{name}` is empty: leave it out.", "of=finding") for name in blank),
                *(Fault("of", text, "of=finding&by=theme") for text in question.messages),
            ],
        )
        drawing = evidence_map(Edition.objects.current(), question.of, question.by, question.sectors)
        return of_the_library(answered(as_data(drawing, site(asked))))


def as_data(drawing: Map, base: str) -> dict[str, Any]:
    """The map with addresses of the API in place of those of pages: the same filters mean the same records."""
    page, data = f"/{drawing.of.address}/", f"{base}/api/v1/{drawing.of.api_address}/"

    def address(of_page: str) -> str:
        return of_page.replace(page, data, 1)

    return {
        "of": drawing.of.code,
        "by": drawing.by,
        "sectors": list(drawing.sectors),
        "graded_by": drawing.grading,
        "total": drawing.total,
        "rows": [
            {
                "code": row.code,
                "label": row.label,
                "total": row.total,
                "url": address(row.address),
                "cells": [
                    {
                        "phase": cell.phase,
                        "count": cell.count,
                        "state": cell.state,
                        "levels": {level.code: level.count for level in cell.levels if level.count},
                        "url": address(cell.address),
                    }
                    for cell in row.cells
                ],
            }
            for row in drawing.rows
        ],
    }
