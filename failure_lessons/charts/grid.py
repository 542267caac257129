"""A grid of rows and phases with marks in its cells: the evidence map as a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

ROW_NAME, GRID_CELL_WIDTH, TOTAL_WIDTH, HEAD = 210, 128, 84, 34
LEAST_ROW, NAME_STEP, NAME_LETTERS, COUNT_ROOM = 42, 17, 26, 30
GRID_MARK_STEP, MARKS_IN_ROW = 14, 7


@dataclass(frozen=True)
class GridMark:
    """A mark where it is drawn."""

    x: float
    y: float
    shape: str


@dataclass(frozen=True)
class GridCell:
    """What one cell holds: a number, and a shape for each of its marks. `state` says what an empty one means."""

    count: int
    state: str
    shapes: tuple[str, ...] = ()
    x: float = 0
    y: float = 0
    width: float = GRID_CELL_WIDTH
    height: float = 0

    @property
    def text(self) -> str:
        return str(self.count) if self.count else "looked, none" if self.state == "looked" else "–"

    @property
    def text_x(self) -> float:
        return self.x + 8

    @property
    def text_y(self) -> float:
        return self.y + 20

    @property
    def marks(self) -> tuple[GridMark, ...]:
        return tuple(
            GridMark(
                self.x + 14 + GRID_MARK_STEP * (place % MARKS_IN_ROW),
                self.y + COUNT_ROOM + 5 + GRID_MARK_STEP * (place // MARKS_IN_ROW),
                shape,
            )
            for place, shape in enumerate(self.shapes)
        )


@dataclass(frozen=True)
class GridRow:
    """A row: its name, broken into lines, and its cells with its total last."""

    name: str
    cells: tuple[GridCell, ...]
    y: float = 0
    height: float = 0

    @property
    def name_lines(self) -> list[tuple[float, str]]:
        """Each line of its name, and where it stands."""
        lines = textwrap.wrap(self.name, NAME_LETTERS, break_on_hyphens=False)
        return [(self.y + 20 + NAME_STEP * place, text) for place, text in enumerate(lines)]


@dataclass(frozen=True)
class Grid:
    """The whole picture; `columns` are headings and where they begin, `scale` the marks and what they mean."""

    columns: tuple[tuple[float, str], ...]
    rows: tuple[GridRow, ...]
    scale: tuple[tuple[GridMark, str], ...]
    width: float
    height: float
    words: str


def draw_grid(columns: Iterable[str], rows: Iterable[GridRow], scale: Iterable[tuple[str, str]], words: str) -> Grid:
    """Place the rows below each other, and what the marks mean below them; `scale` holds shapes and labels."""
    headings = tuple(columns)
    places = [ROW_NAME + GRID_CELL_WIDTH * place for place in range(len(headings))]
    width = places[-1] + TOTAL_WIDTH
    y: float = HEAD
    placed: list[GridRow] = []
    for row in rows:
        deepest = max((-(-len(cell.shapes) // MARKS_IN_ROW) for cell in row.cells), default=0)
        height = max(LEAST_ROW, COUNT_ROOM + GRID_MARK_STEP * deepest + 4, 8 + NAME_STEP * len(row.name_lines) + 8)
        cells = tuple(
            GridCell(
                cell.count, cell.state, cell.shapes, x, y, TOTAL_WIDTH if x == places[-1] else GRID_CELL_WIDTH, height
            )
            for x, cell in zip(places, row.cells, strict=True)
        )
        placed.append(GridRow(row.name, cells, y, height))
        y += height
    key, x = [], 10.0
    y += 24
    for shape, label in scale:
        room = 30 + 7.6 * len(label)
        if x + room > width:
            x, y = 10.0, y + 22
        key.append((GridMark(x, y, shape), label))
        x += room
    return Grid(tuple(zip(places, headings, strict=True)), tuple(placed), tuple(key), width, y + 14, words)
