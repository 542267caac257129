"""The evidence map as a page, and as a table to keep."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from failure_lessons.files.cells import TextSink, open_csv
from failure_lessons.library.evidence_map import MAP_ROWS, MAPPED_KINDS, Map, MapQuery, evidence_map
from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies.choices import Sector


def map_page(request: HttpRequest) -> HttpResponse:
    """The map as a page: a real table with the drawing in its cells."""
    question = MapQuery.read(request.GET)
    drawing = evidence_map(question.of, question.by, question.sectors)
    parameters = [("of", question.of), ("by", question.by), *(("sector", code) for code in question.sectors)]
    context = {
        "map": drawing,
        "messages": question.messages,
        "today": timezone.localdate(),
        "kinds": [KINDS[code] for code in MAPPED_KINDS],
        "ways": MAP_ROWS.items(),
        "sectors": Sector.choices,
        "download": f"{reverse('evidence-map-csv')}?{urlencode(parameters)}",
    }
    return render(request, "pages/evidence_map.html", context, status=400 if question.messages else 200)


def download_map(request: HttpRequest) -> HttpResponse:
    """The same map as CSV, a line a cell."""
    question = MapQuery.read(request.GET)
    if question.messages:
        return HttpResponse("\n".join(question.messages), status=400, content_type="text/plain; charset=utf-8")
    drawing = evidence_map(question.of, question.by, question.sectors)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="evidence-map-{question.of}-by-{question.by}.csv"'
    site = request.build_absolute_uri("/")[:-1]
    write_map_csv(answer, drawing, site, timezone.localdate())
    return answer


def write_map_csv(out: TextSink, drawing: Map, site: str, day: dt.date) -> None:
    """The map as CSV lines into `out`, with a mark that makes spreadsheets read UTF-8."""
    out.write("\ufeff")
    lines = open_csv(out)
    lines.writerow(
        ["counted", "by", "code", "label", "phase", "count", "state"]
        + [f"{drawing.grading}:{level.code}" for level in drawing.scale]
        + ["list", "as_of"]
    )
    for row in drawing.rows:
        for cell in row.cells:
            levels = {level.code: level.count for level in cell.levels}
            lines.writerow(
                [drawing.of.code, drawing.by, row.code, row.label, cell.phase, cell.count, cell.state]
                + [levels.get(level.code, 0) for level in drawing.scale]
                + [f"{site}{cell.address}", day.isoformat()]
            )
