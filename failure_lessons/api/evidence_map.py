"""The evidence map as data: the same map as the page, each cell with the list that it counts."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from failure_lessons.api.parameters import raise_bad_request, refuse_unknown_parameters
from failure_lessons.api.views import LibraryReadView, json_response, mark_cacheable
from failure_lessons.library.evidence_map import Map, MapQuery, evidence_map
from failure_lessons.library.list_query import repeated_parameters
from failure_lessons.publishing.addresses import add_prefix, api_list_path, list_path, site_address

MAP_QUERY_PARAMETERS = ("of", "by", "sector")


class EvidenceMap(LibraryReadView):
    """How much is published on each phase of failure, by theme, type of failure or sector."""

    def get(self, request: Request) -> HttpResponse:
        asked = request._request
        refuse_unknown_parameters(asked, MAP_QUERY_PARAMETERS)
        question = MapQuery.read(asked.GET)
        raise_bad_request(asked, [*repeated_parameters(asked.GET, ("of", "by")), *question.faults])
        drawing = evidence_map(question.of, question.by, question.sectors)
        return mark_cacheable(json_response(serialize_evidence_map(drawing, site_address(asked))))


def serialize_evidence_map(drawing: Map, base: str) -> dict[str, object]:
    """The map with addresses of the API in place of those of pages: the same filters mean the same records."""
    page, data = add_prefix(list_path(drawing.of.code)), base + api_list_path(drawing.of.code)

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
