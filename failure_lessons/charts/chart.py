"""An indicator as a chart: bars where the figures are few, a line where they are many; always from nought."""

from __future__ import annotations

import re
from dataclasses import dataclass

from failure_lessons.charts.scales import Extent, Tick, figure_axis, format_figure
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import Better

FEW = 8  # above this, a line
NARROW, WIDE = 360, 720
ROW, LATER, FOOT = 32, 20, 28
NO_BAR = Extent(0, 0)
CHARACTER = 8.2  # width of a digit at the size of the labels


@dataclass(frozen=True)
class Point:
    """A figure for a period, its note, and where it is drawn. `later` is how long after the figure before, in words."""

    period: str
    value: float
    text: str
    note: str
    later: str = ""
    x: float = 0
    y: float = 0
    bar: Extent = NO_BAR

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
class Chart:
    """What the chart and the table of an indicator show; `points` are the rows."""

    name: str
    unit: str
    better: str
    points: tuple[Point, ...]
    ticks: tuple[Tick, ...]
    nought: float
    gutter: float
    width: int
    height: float
    line: bool
    runs: tuple[str, ...]  # the points of each unbroken stretch of the line
    every: int  # one label in so many is written, so that they do not overlap
    words: str

    @property
    def foot(self) -> float:
        return self.height - FOOT

    @property
    def tick_y(self) -> float:
        return self.height - 9


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
        points.append(Point(row["period"], row["value"], format_figure(row["value"]), row.get("note", ""), gap))
    drawn = line_of if len(points) > FEW else bars_of
    better = dict(Better.choices).get(indicator.get("better", ""), "Direction not stated")
    series = "; ".join(f"{point.period}: {point.text}" for point in points) or "no figures"
    unit = indicator.get("unit", "")
    words = f"{unit}. {better}. {series}."
    return drawn(points, indicator.get("name", ""), unit, str(better), words)


def bars_of(points: list[Point], name: str, unit: str, better: str, words: str) -> Chart:
    """A bar a period, one below the other, so that it can be read on a phone."""
    gutter = min(max([len(point.period) for point in points], default=4), 14) * CHARACTER + 10
    room = max([len(point.text) for point in points], default=1) * CHARACTER + 10
    negative = any(point.below for point in points)
    axis = figure_axis([point.value for point in points], gutter + (room if negative else 0), NARROW - room)
    nought = axis.at(0)
    y = 2.0
    placed = []
    for point in points:
        y += ROW + (LATER if point.later else 0)
        end = axis.at(point.value)
        x = round(end - 6 if point.below else end + 6, 1)
        bar = Extent(min(end, nought), max(end, nought))
        placed.append(Point(point.period, point.value, point.text, point.note, point.later, x, y - 10, bar))
    return Chart(name, unit, better, tuple(placed), axis.ticks, nought, gutter, NARROW, y + FOOT, False, (), 1, words)


def line_of(points: list[Point], name: str, unit: str, better: str, words: str) -> Chart:
    """Points joined by a line, broken wherever figures are missing."""
    height = 300.0
    room = max(len(point.text) for point in points) * CHARACTER + 16
    axis = figure_axis([point.value for point in points], height - FOOT, 14, most=6)
    step = (WIDE - room - 40) / (len(points) - 1)
    placed = [
        Point(p.period, p.value, p.text, p.note, p.later, round(room + 10 + index * step, 1), axis.at(p.value))
        for index, p in enumerate(points)
    ]
    runs: list[list[Point]] = []
    for point in placed:
        if point.later or not runs:
            runs.append([])
        runs[-1].append(point)
    widest = max(len(point.period) for point in points) * CHARACTER + 8
    return Chart(
        name,
        unit,
        better,
        tuple(placed),
        axis.ticks,
        axis.at(0),
        room,
        WIDE,
        height,
        True,
        tuple(" ".join(f"{point.x},{point.y}" for point in run) for run in runs),
        max(-int(-widest // step), 1),
        words,
    )
