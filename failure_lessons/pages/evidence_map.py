"""The evidence map as a page, and as a table to keep."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from failure_lessons.charts.figures import Figure
from failure_lessons.charts.grid import GridCell, GridRow, draw_grid
from failure_lessons.charts.taking import LICENCE_LINE, TakenFigure, figure_file, framed_page
from failure_lessons.files.cells import TextSink, open_csv
from failure_lessons.library.evidence_map import MAP_ROWS, MAPPED_KINDS, Map, MapCell, MapQuery, evidence_map
from failure_lessons.publishing.addresses import site_address, site_path
from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies.choices import Sector

CELL_STATES = {"found": "Found", "looked": "Looked, none found", "none": "Nothing here"}


def map_page(request: HttpRequest) -> HttpResponse:
    """The map as a page: a real table with the drawing in its cells."""
    question = MapQuery.read(request.GET)
    drawing = evidence_map(question.of, question.by, question.sectors)
    context = {
        "map": drawing,
        "messages": question.messages,
        "today": timezone.localdate(),
        "kinds": [KINDS[code] for code in MAPPED_KINDS],
        "ways": MAP_ROWS.items(),
        "sectors": Sector.choices,
        "download": f"{reverse('evidence-map-csv')}?{question.query}",
        "figure": draw_map_figure(drawing),
        "query": question.query,
    }
    return render(request, "pages/evidence_map.html", context, status=400 if question.messages else 200)


def draw_map_figure(drawing: Map) -> Figure:
    """The map as a picture with its table. No query."""
    rows = [GridRow(row.label, (*map(draw_map_cell, row.cells), GridCell(row.total, ""))) for row in drawing.rows]
    totals = [*(phase.total for phase in drawing.phases), drawing.total]
    rows.append(GridRow("All", tuple(GridCell(total, "") for total in totals)))
    kinds = drawing.of.label_plural
    sectors = ", ".join(str(Sector(code).label) for code in drawing.sectors)
    told = "; ".join(f"{row.label}: {row.total}" for row in drawing.rows)
    mark = f"one {drawing.of.label.lower()}" if drawing.a_mark_is == 1 else f"up to {drawing.a_mark_is} {kinds.lower()}"
    return Figure(
        name="map",
        title=f"{kinds} by phase and {drawing.by_label.lower()}",
        form="grid",
        look="grid-map",
        picture=draw_grid(
            (*(phase.label for phase in drawing.phases), "All"),
            rows,
            ((level.shape, level.label) for level in drawing.scale),
            f"How many {kinds.lower()} are published here. {told}.",
        ),
        columns=(drawing.by_label, "Phase", kinds, "State", *(level.label for level in drawing.scale)),
        rows=tuple(
            (row.label, cell.phase_label, cell.count, CELL_STATES[cell.state], *count_of_levels(cell, drawing))
            for row in drawing.rows
            for cell in row.cells
        ),
        below=f"Evidence from {sectors}." if sectors else "",
        key=f"Each mark is {mark}. A dash: nothing here joins the two, which does not say that anybody looked.",
    )


def draw_map_cell(cell: MapCell) -> GridCell:
    """A cell of the map for the picture."""
    return GridCell(cell.count, cell.state, tuple(mark.shape for mark in cell.marks))


def count_of_levels(cell: MapCell, drawing: Map) -> list[int]:
    """How many records of a cell have each level of the scale."""
    found = {level.code: level.count for level in cell.levels}
    return [found.get(level.code, 0) for level in drawing.scale]


def take_map(request: HttpRequest) -> TakenFigure | HttpResponse:
    """The map asked for, with its citation, or the answer that says why there is none."""
    question = MapQuery.read(request.GET)
    if question.messages:
        return HttpResponse("\n".join(question.messages), status=400, content_type="text/plain; charset=utf-8")
    drawing = evidence_map(question.of, question.by, question.sectors)
    page = f"{site_address(request)}{site_path('evidence-map')}?{question.query}"
    day = date_format(timezone.localdate(), "j F Y")
    credit = (f"{settings.SITE.name}. Evidence map, counted on {day}. Available from: {page}", LICENCE_LINE)
    name = f"evidence-map-{question.of}-by-{question.by}"
    return TakenFigure(draw_map_figure(drawing), f"As of {day}.", page, credit, name)


@require_safe
def map_file(request: HttpRequest, name: str, extension: str) -> HttpResponse:
    """The map as SVG, PNG or CSV. Four queries at most."""
    taken = take_map(request) if name == "map" else None
    if taken is None:
        raise Http404
    return taken if isinstance(taken, HttpResponse) else figure_file(taken, extension)


@require_safe
def embed_map(request: HttpRequest) -> HttpResponse:
    """The map for a frame on another site. Four queries at most."""
    taken = take_map(request)
    return taken if isinstance(taken, HttpResponse) else framed_page(taken)


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
