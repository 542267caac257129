"""Several cases over time, one lane each: when each phase began and ended, by calendar or from the start."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from failure_lessons.charts.scales import DAYS_A_YEAR, Extent, Tick, calendar_axis, elapsed_axis, format_figure
from failure_lessons.charts.timeline import PREVENTION_EXPLAINED, TimelineEvent, event_bounds, order_events
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import EventPhase

FOOT = 34
FIRST_LABEL = EventPhase.ONSET.label


class Layout(NamedTuple):
    """The sizes of a drawing of lanes: where its axis begins and ends, and what each lane and phase takes up."""

    width: int
    left: int
    row: int
    head: int
    gap: int
    fixed: bool  # whether each phase keeps its row in every lane, so that a place means a phase

    @property
    def right(self) -> int:
        return self.width - 8


PAGE_LAYOUT = Layout(width=640, left=116, row=22, head=30, gap=14, fixed=False)
SLIDE_LAYOUT = Layout(width=1080, left=232, row=12, head=4, gap=10, fixed=True)  # half as high as wide, with six cases
SLIDE_TOP = 30  # room for the names of the phases


@dataclass(frozen=True)
class LaneStage:
    """One phase of one case: its first and last event, how many there are, and where it is drawn."""

    phase: str
    label: str
    events: tuple[TimelineEvent, ...]
    after: str  # years from the start of the case to its first event, as read
    span: Extent
    ticks: tuple[Extent, ...]
    y: float

    @property
    def first(self) -> TimelineEvent:
        return self.events[0]

    @property
    def last(self) -> TimelineEvent:
        return self.events[-1]

    @property
    def bars(self) -> list[Extent]:
        """Its events, each wide enough to be seen."""
        return [tick.at_least(3) for tick in self.ticks]

    @property
    def text_y(self) -> float:
        return self.y + 15


@dataclass(frozen=True)
class CaseLane:
    """One case and its phases in order."""

    slug: str
    title: str
    zero: dt.date | None
    stages: tuple[LaneStage, ...]
    y: float
    base: float

    @property
    def short(self) -> str:
        """The name that stands before the colon of the title, short enough for its lane."""
        return textwrap.shorten(self.title.partition(":")[0], 64, placeholder=" …")

    @property
    def name_lines(self) -> list[tuple[float, str]]:
        """The name in lines beside the lane, the first three."""
        return [(self.y + 20 + place * 19, text) for place, text in enumerate(textwrap.wrap(self.short, 25)[:3])]

    @property
    def title_y(self) -> float:
        return self.y + 18


@dataclass(frozen=True)
class Lanes:
    """What the picture and the table show; each lane's stages are the rows."""

    lanes: tuple[CaseLane, ...]
    ticks: tuple[Tick, ...]
    height: float
    aligned: bool
    words: str
    layout: Layout = PAGE_LAYOUT

    @property
    def width(self) -> int:
        return self.layout.width

    @property
    def left(self) -> int:
        return self.layout.left

    @property
    def phases(self) -> list[tuple[str, str, float]]:
        """Code and name of each phase, and where a legend across the picture names it."""
        return [
            (str(code), str(label), self.left + place * 150) for place, (code, label) in enumerate(EventPhase.choices)
        ]

    @property
    def key(self) -> str:
        """How to read the picture."""
        start = f"Year 0 is the first event under {FIRST_LABEL} (the first event of all where there is none). "
        order = "In each case the phases stand one below the other, 1 to 5. " if self.layout.fixed else ""
        return (
            f"{start if self.aligned else ''}{order}The tinted band runs from the first to the last event of a phase; "
            "each stroke in it is an event, wider where only the month, the year or a range is known."
            f"{PREVENTION_EXPLAINED}"
        )

    @property
    def foot(self) -> float:
        return self.height - FOOT

    @property
    def tick_y(self) -> float:
        return self.height - 10


def find_start(events: Sequence[TimelineEvent]) -> dt.date | None:
    """The earliest day of the first event of the first phase, or of the first event where it has none."""
    own = [event for event in events if event.record.get("phase") == EventPhase.ONSET] or list(events)
    return next((event.date.earliest for event in own if event.date.earliest), None)


def draw_lanes(records: Sequence[Document], *, aligned: bool, layout: Layout = PAGE_LAYOUT) -> Lanes:
    """Case-study documents one below the other, in the order given; `aligned` puts every start at year 0."""
    read = [(record, order_events(record.get("events") or [])) for record in records]
    zeros = [find_start(events) for _, events in read]
    if aligned:
        days = [
            day.toordinal() - zero.toordinal()
            for (_, events), zero in zip(read, zeros, strict=True)
            if zero
            for day in event_bounds(events)
        ]
        line, ticks = elapsed_axis(days, layout.left, layout.right)
    else:
        line, ticks = calendar_axis(
            [day for _, events in read for day in event_bounds(events)], layout.left, layout.right
        )
    found: list[CaseLane] = []
    y = SLIDE_TOP if layout.fixed else 4.0
    for (record, events), zero in zip(read, zeros, strict=True):
        origin = zero.toordinal() if aligned and zero else 0
        stages: list[LaneStage] = []
        for at, (phase, label) in enumerate(EventPhase.choices):
            own = tuple(event for event in events if event.record.get("phase") == phase)
            if own:
                extents = [line.extent(event.date.earliest, event.date.latest, origin) for event in own]
                span = Extent(min(extent.start for extent in extents), max(extent.end for extent in extents))
                place = y + layout.head + (at if layout.fixed else len(stages)) * layout.row
                stages.append(
                    LaneStage(str(phase), str(label), own, years_after(zero, own[0]), span, tuple(extents), place)
                )
        rows = len(EventPhase.choices) if layout.fixed else len(stages)
        base = y + layout.head + rows * layout.row
        found.append(CaseLane(record.get("slug", ""), record.get("title", ""), zero, tuple(stages), y, base))
        y = base + layout.gap
    words = f"Years from the first event under {FIRST_LABEL}. " if aligned else "Calendar years. "
    words += "; ".join(f"{lane.short}: {', '.join(map(span_in_words, lane.stages))}" for lane in found) + "."
    return Lanes(tuple(found), tuple(ticks), y + FOOT - layout.gap + 4, aligned, words, layout)


def years_after(zero: dt.date | None, event: TimelineEvent) -> str:
    """Years from the start of a case to an event's earliest day, to one place."""
    if zero is None or event.date.earliest is None:
        return "not known"
    return format_figure(round((event.date.earliest - zero).days / DAYS_A_YEAR, 1))


def span_in_words(stage: LaneStage) -> str:
    """A phase and its years."""
    if stage.first is stage.last:
        return f"{stage.label.lower()} {stage.first.date.short}"
    return f"{stage.label.lower()} {stage.first.date.short} to {stage.last.date.short}"
