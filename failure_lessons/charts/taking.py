"""Figures on their way out: as files, and as a page that others may put into a frame.

Nothing but that page may stand in a frame of another site. It has no form and no script, and is rendered without the
request: it reads neither cookie nor session.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header

from failure_lessons.charts.figures import Figure
from failure_lessons.charts.standalone import STYLE_HASH, write_png, write_svg
from failure_lessons.files.cells import cell_text, open_csv

FRAMED_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *"
PICTURE_POLICY = f"default-src 'none'; style-src '{STYLE_HASH}'; frame-ancestors 'none'"
LICENCE_LINE = "Licence: Creative Commons Attribution 4.0 International."


class TakenFigure(NamedTuple):
    """A figure, what it is of, where to read on, and the lines that say where it comes from."""

    figure: Figure
    about: str
    page: str
    credit: tuple[str, ...]
    name: str  # under which its files are kept


def figure_file(taken: TakenFigure, extension: str) -> HttpResponse:
    """The file. A picture may be shown where it stands; a table is kept."""
    if extension not in WRITERS:
        raise Http404
    content_type, write = WRITERS[extension]
    answer = HttpResponse(write(taken.figure, taken.about, taken.credit), content_type=content_type)
    kept = content_disposition_header(extension == "csv", f"{taken.name}.{extension}")
    answer["Content-Disposition"] = kept or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = PICTURE_POLICY
    return answer


def write_figure_csv(figure: Figure, about: str, credit: tuple[str, ...]) -> bytes:
    """The table that says the same, with what it is of and the citation in its last columns; no cell is a formula."""
    out = io.StringIO()
    lines = open_csv(out)
    lines.writerow([*figure.columns, "Of", "Source"])
    for row in figure.rows:
        cells = [cell_text(cell) if isinstance(cell, str) else cell for cell in row]
        lines.writerow([*cells, about, " ".join(credit)])
    return out.getvalue().encode("utf-8-sig")


WRITERS: dict[str, tuple[str, Callable[[Figure, str, tuple[str, ...]], bytes]]] = {
    "svg": ("image/svg+xml; charset=utf-8", write_svg),
    "png": ("image/png", write_png),
    "csv": ("text/csv; charset=utf-8", write_figure_csv),
}


def framed_page(taken: TakenFigure) -> HttpResponse:
    """The figure with its table and its source, for a frame anywhere."""
    return allow_frames(HttpResponse(render_to_string("charts/embed.html", {"taken": taken})))


def withdrawn_page() -> HttpResponse:
    """In place of the page of a withdrawn record, which has a form, a few words that may stand in a frame."""
    return allow_frames(HttpResponse(render_to_string("charts/embed_withdrawn.html"), status=410))


def allow_frames(answer: HttpResponse) -> HttpResponse:
    """Let other sites put this answer into a frame."""
    answer["Content-Security-Policy"] = FRAMED_POLICY
    answer.xframe_options_exempt = True  # read by Django's own middleware
    return answer
