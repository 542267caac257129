"""An indicator as a chart: bars where the figures are few, a line where they are many; always from nought."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from failure_lessons.charts.scales import Extent, Tick, figure_axis, format_figure
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import Better

FEW = 8  # above this, a line
NARROW, WIDE = 360, 720
ROW, LATER_ROW, FOOT = 32, 20, 28
NO_BAR = Extent(0, 0)
CHARACTER = 8.2  # width of a digit at the size of the labels


@dataclass(frozen=True)
class Point:
    """A figure for a period, its note, and where it is drawn.

    `later` is how long after the figure before, in words; `other` the same figure of what the series is compared with.
    """

    period: str
    value: float
    text: str
    note: str
    later: str = ""
    other: float | None = None
    x: float = 0
    y: float = 0
    bar: Extent = NO_BAR
    other_at: float = 0

    @property
    def other_text(self) -> str:
        return "" if self.other is None else format_figure(self.other)

    @property
    def below(self) -> bool:
        return self.value < 0

    @property
    def bar_y(self) -> float:
        return self.y - 15

    @property
    def later_y(self) -> float:
        return self.y - 25


@dataclass(frozen=True)
class Shape:
    """Where everything of a chart is drawn."""

    points: tuple[Point, ...]
    ticks: tuple[Tick, ...]
    nought: float
    gutter: float
    width: int
    height: float
    line: bool = False
    runs: tuple[str, ...] = ()  # the points of each unbroken stretch of the line
    every: int = 1  # one label in so many is written, so that they do not overlap

    @property
    def foot(self) -> float:
        return self.height - FOOT

    @property
    def tick_y(self) -> float:
        return self.height - 9


@dataclass(frozen=True, kw_only=True)
class Chart(Shape):
    """What the chart and the table of an indicator show; `points` are the rows."""

    name: str
    unit: str
    better: str
    words: str
    comparator: str  # what the other figures tell of


def find_year(period: str) -> int | None:
    """The first year that a period's label names."""
    found = re.search(r"\b[12]\d{3}", period)
    return int(found[0]) if found else None


def gap_in_words(before: str, after: str) -> str:
    """How far two labels are apart, where that is more than a year: a gap that must not be drawn over."""
    first, second = find_year(before), find_year(after)
    if first is None or second is None or second - first < 2:
        return ""
    return f"{second - first} years later"


def draw_chart(indicator: Document) -> Chart:
    """The chart of an indicator of a case-study document."""
    points: list[Point] = []
    for row in indicator.get("values") or []:
        gap = gap_in_words(points[-1].period, row["period"]) if points else ""
        figure, note = format_figure(row["value"]), row.get("note", "")
        points.append(Point(row["period"], row["value"], figure, note, gap, row.get("comparator")))
    shape = line_of(points) if len(points) > FEW else bars_of(points)
    better = dict(Better.choices).get(indicator.get("better", ""), "Direction not stated")
    comparator = indicator.get("comparator", "") or ("Compared with" if any(p.other_text for p in points) else "")
    series = "; ".join(map(tell_point, points)) or "no figures"
    against = f" In brackets: {comparator}." if comparator else ""
    unit = indicator.get("unit", "")
    words = f"{unit}. {better}. {series}.{against}"
    name = indicator.get("name", "")
    return Chart(**vars(shape), name=name, unit=unit, better=str(better), words=words, comparator=comparator)


def tell_point(point: Point) -> str:
    """A figure in words, and the one it is compared with."""
    return f"{point.period}: {point.text}" + (f" ({point.other_text})" if point.other_text else "")


def list_values(points: list[Point]) -> list[float]:
    """Every figure that has a place on the axis."""
    return [point.value for point in points] + [point.other for point in points if point.other is not None]


def bars_of(points: list[Point]) -> Shape:
    """A bar a period, one below the other, so that it can be read on a phone."""
    gutter = min(max([len(point.period) for point in points], default=4), 14) * CHARACTER + 10
    room = max([len(point.text) for point in points], default=1) * CHARACTER + 10
    negative = any(point.below for point in points)
    axis = figure_axis(list_values(points), gutter + (room if negative else 0), NARROW - room)
    nought = axis.at(0)
    y = 2.0
    placed = []
    for point in points:
        y += ROW + (LATER_ROW if point.later else 0)
        end = axis.at(point.value)
        x = round(end - 6 if point.below else end + 6, 1)
        bar = Extent(min(end, nought), max(end, nought))
        other_at = axis.at(point.other) if point.other is not None else 0
        if point.other is not None and 0 <= other_at - end < room:
            x = round(other_at + 6, 1)  # the figure stands beyond the mark, not under it
        placed.append(replace(point, x=x, y=y - 10, bar=bar, other_at=other_at))
    return Shape(tuple(placed), axis.ticks, nought, gutter, NARROW, y + FOOT)


def line_of(points: list[Point]) -> Shape:
    """Points joined by a line, broken wherever figures are missing."""
    height = 300.0
    room = max(len(point.text) for point in points) * CHARACTER + 16
    axis = figure_axis(list_values(points), height - FOOT, 14, most=6)
    step = (WIDE - room - 40) / (len(points) - 1)
    placed = [
        replace(
            p,
            x=round(room + 10 + index * step, 1),
            y=axis.at(p.value),
            other_at=axis.at(p.other) if p.other is not None else 0,
        )
        for index, p in enumerate(points)
    ]
    runs: list[list[Point]] = []
    for point in placed:
        if point.later or not runs:
            runs.append([])
        runs[-1].append(point)
    widest = max(len(point.period) for point in points) * CHARACTER + 8
    return Shape(
        tuple(placed),
        axis.ticks,
        axis.at(0),
        room,
        WIDE,
        height,
        line=True,
        runs=tuple(" ".join(f"{point.x},{point.y}" for point in run) for run in runs),
        every=max(-int(-widest // step), 1),
    )
