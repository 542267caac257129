"""The meter of traceability as data."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from failure_lessons.api.views import LibraryReadView, json_response, mark_cacheable
from failure_lessons.library.traceability import TraceRow, measure_traceability
from failure_lessons.publishing.statements import REACHES


class TraceabilityView(LibraryReadView):
    """How many published statements reach the words of a source, a place in it, the work alone, or nothing."""

    def get(self, request: Request) -> HttpResponse:
        self.check_request(request)
        meter = measure_traceability()
        body = {
            "revision": meter.revision,
            "statements": serialize_row(meter.whole),
            "sorts": [{"code": row.code, "label": row.label, **serialize_row(row)} for row in meter.rows],
        }
        return mark_cacheable(json_response(body))


def serialize_row(row: TraceRow) -> dict[str, int]:
    """The counts of a row."""
    return {"total": row.total, **{reach: getattr(row, reach) for reach in REACHES}}
