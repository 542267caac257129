"""A figure that stands alone: SVG with its own colours, type, words and source line, and the same as PNG.

Nothing in it is fetched or run. The style is one text, whose hash the answer's content security policy may name.
"""

from __future__ import annotations

import textwrap
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.template.loader import render_to_string

from failure_lessons.charts.figures import Figure
from failure_lessons.files.typesetting import COMPILER
from failure_lessons.validators.text import normalise_text

STYLE = Path(__file__).with_name("standalone.css").read_text(encoding="utf-8")
STYLE_HASH = f"sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}"
SHEET_EDGE, LEAST_WIDTH = 20, 480
TITLE_SIZE, TITLE_STEP, TEXT_SIZE, TEXT_STEP, LINE_GAP = 19, 25, 13, 18, 8  # sizes and distances of lines
LETTER = 0.56  # of the size of its type: how wide a letter is on the whole
TYPESET = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.picture), format: "svg")'
DENSITY = 192  # pixels to an inch of a PNG: two for each unit of the picture
PICTURES_KEPT = 64


@dataclass(frozen=True)
class TextLine:
    """A line of text as drawn."""

    y: float
    text: str
    role: str


@dataclass(frozen=True)
class FigureSheet:
    """A figure with everything around it, as drawn."""

    figure: Figure
    lines: tuple[TextLine, ...]
    x: float
    y: float
    width: float
    height: float


def lay_out(figure: Figure, about: str, credit: tuple[str, ...]) -> FigureSheet:
    """Title and what it is `about` above the picture; what it needs to be read and its source (`credit`) below."""
    inner = max(figure.picture.width, LEAST_WIDTH)
    lines: list[TextLine] = []
    y: float = SHEET_EDGE

    def write(text: str, role: str, size: int, step: int) -> None:
        nonlocal y
        for each in textwrap.wrap(normalise_text(text)[0], int(inner / (size * LETTER)), break_on_hyphens=False):
            y += step
            lines.append(TextLine(y, each, role))

    write(figure.title, "title", TITLE_SIZE, TITLE_STEP)
    write(about, "text", TEXT_SIZE, TEXT_STEP)
    write(figure.below, "text", TEXT_SIZE, TEXT_STEP)
    top = y + SHEET_EDGE
    y = top + figure.picture.height
    write(figure.key, "text", TEXT_SIZE, TEXT_STEP)
    y += LINE_GAP
    for text in figure.legend:
        write(text, "text", TEXT_SIZE, TEXT_STEP)
    y += LINE_GAP
    for text in credit:
        write(text, "credit", TEXT_SIZE, TEXT_STEP)
    left = SHEET_EDGE + (inner - figure.picture.width) / 2
    return FigureSheet(figure, tuple(lines), left, top, inner + 2 * SHEET_EDGE, y + SHEET_EDGE)


def write_svg(figure: Figure, about: str, credit: tuple[str, ...]) -> bytes:
    """The file; well-formed XML without scripts, links and anything from elsewhere."""
    return render_svg(lay_out(figure, about, credit)).encode()


def write_drawing(figure: Figure) -> str:
    """The picture alone as SVG, for a page that has title and source of its own."""
    width, height = figure.picture.width, figure.picture.height
    return render_svg(FigureSheet(figure, (), 0, 0, width, height))


def render_svg(sheet: FigureSheet) -> str:
    """A sheet as text."""
    return normalise_text(render_to_string("charts/standalone.svg.html", {"sheet": sheet, "style": STYLE}))[0]


def write_png(figure: Figure, about: str, credit: tuple[str, ...]) -> bytes:
    """The same, drawn by Typst with the letters that it has."""
    return draw_png(write_svg(figure, about, credit).decode())


@lru_cache(maxsize=PICTURES_KEPT)
def draw_png(svg: str) -> bytes:
    """The PNG of an SVG: some 20 ms."""
    made = COMPILER.compile(input=TYPESET, format="png", ppi=DENSITY, sys_inputs={"picture": svg})
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no single picture.")
    return made
