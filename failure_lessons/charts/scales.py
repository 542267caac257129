"""From dates and figures to places in a picture."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

STEPS = (1, 2, 5)


class Tick(NamedTuple):
    """A line across a picture and the words at its foot."""

    at: float
    text: str


class Extent(NamedTuple):
    """The stretch of an axis that something takes up."""

    start: float
    end: float

    @property
    def width(self) -> float:
        return round(self.end - self.start, 1)

    @property
    def middle(self) -> float:
        return round((self.start + self.end) / 2, 1)

    def at_least(self, width: float) -> Extent:
        """The same stretch, wide enough to be seen."""
        spare = max(width - self.width, 0) / 2
        return Extent(round(self.start - spare, 1), round(self.end + spare, 1))


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5, 10, 20 … (or 0.1, 0.2 …) that cuts `span` into at most `most` parts."""
    if span / most < 1e-12:
        return 1
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(step * power for step in (*STEPS, 10, 20) if span / (step * power) <= most)


def format_figure(value: float) -> str:
    """A number as people read it: 80,100, −443, 26.5."""
    tidy = int(value) if float(value).is_integer() and abs(value) < 1e15 else value
    return f"{tidy:,}".replace("-", "−")


@dataclass(frozen=True)
class Days:
    """A line of days, `first` to `last` (ordinals), drawn from `left` to `right`."""

    first: int
    last: int
    left: float
    right: float

    def at(self, ordinal: float) -> float:
        """Where a day stands; days beyond the ends stand at the ends."""
        share = (ordinal - self.first) / max(self.last - self.first, 1)
        return round(self.left + min(max(share, 0), 1) * (self.right - self.left), 1)

    def extent(self, earliest: dt.date | None, latest: dt.date | None, zero: int = 0) -> Extent:
        """From the start of `earliest` to the end of `latest`; an open end reaches the end of the line."""
        start = self.first if earliest is None else earliest.toordinal() - zero
        end = self.last if latest is None else latest.toordinal() + 1 - zero
        return Extent(self.at(start), self.at(end))


def calendar_axis(days: Iterable[dt.date], left: float, right: float) -> tuple[Days, list[Tick]]:
    """A line of whole years around these days, with about ten ticks at most."""
    years = sorted({day.year for day in days}) or [2000]
    first, last = years[0], years[-1]
    line = Days(dt.date(first, 1, 1).toordinal(), dt.date(last, 12, 31).toordinal() + 1, left, right)
    step = max(int(nice_step(last + 1 - first, 10)), 1)
    marks = [year for year in range(-(-first // step) * step, last + 1, step) if year >= 1]
    return line, [Tick(line.at(dt.date(year, 1, 1).toordinal()), str(year)) for year in marks]


DAYS_A_YEAR = 365.2425


def elapsed_axis(ordinals: Sequence[int], left: float, right: float) -> tuple[Days, list[Tick]]:
    """A line of whole years before and after day 0, with about ten ticks at most."""
    low = math.floor(min([0, *ordinals]) / DAYS_A_YEAR)
    high = max(math.ceil(max([0, *ordinals]) / DAYS_A_YEAR), low + 1)
    line = Days(round(low * DAYS_A_YEAR), round(high * DAYS_A_YEAR), left, right)
    step = max(int(nice_step(high - low, 10)), 1)
    marks = range(-(-low // step) * step, high + 1, step)
    return line, [Tick(line.at(round(year * DAYS_A_YEAR)), format_figure(year)) for year in marks]


@dataclass(frozen=True)
class Figures:
    """An axis of figures that always contains nought, `low` to `high`, drawn from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[Tick, ...]

    def at(self, value: float) -> float:
        """Where a figure stands."""
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)


def figure_axis(values: Sequence[float], start: float, end: float, most: int = 4) -> Figures:
    """An axis for these figures with even ticks, from nought or beyond."""
    low, high = min([0, *values]), max([0, *values])
    step = nice_step((high - low) or 1, most)
    lowest, highest = math.floor(round(low / step, 9)), math.ceil(round(high / step, 9))
    if lowest == highest:
        highest += 1
    bare = Figures(lowest * step, highest * step, start, end, ())
    ticks = (round(count * step, 9) for count in range(lowest, highest + 1))
    return Figures(
        bare.low, bare.high, start, end, tuple(Tick(bare.at(value), format_figure(value)) for value in ticks)
    )
