"""Several cases over time, one lane each: when each phase began and ended, by calendar or from the onset."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from failure_lessons.charts.scales import DAYS_A_YEAR, Extent, Tick, calendar_axis, elapsed_axis, format_figure
from failure_lessons.charts.timeline import TimelineEvent, event_bounds, order_events
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import EventPhase

WIDTH, LEFT, RIGHT = 640, 116, 632
ROW, HEAD, GAP, FOOT = 22, 30, 14, 34


@dataclass(frozen=True)
class LaneStage:
    """One phase of one case: its first and last event, how many there are, and where it is drawn."""

    phase: str
    label: str
    events: tuple[TimelineEvent, ...]
    after: str  # years from the onset to its first event, as read
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

    @property
    def short(self) -> str:
        """The name that stands before the colon of the title, short enough for its lane."""
        return textwrap.shorten(self.title.partition(":")[0], 64, placeholder=" …")

    @property
    def title_y(self) -> float:
        return self.y + 18

    @property
    def base(self) -> float:
        return self.y + HEAD + len(self.stages) * ROW


@dataclass(frozen=True)
class Lanes:
    """What the picture and the table show; each lane's stages are the rows."""

    lanes: tuple[CaseLane, ...]
    ticks: tuple[Tick, ...]
    height: float
    aligned: bool
    words: str
    width: int = WIDTH

    @property
    def foot(self) -> float:
        return self.height - FOOT

    @property
    def tick_y(self) -> float:
        return self.height - 10


def find_onset(events: Sequence[TimelineEvent]) -> dt.date | None:
    """The earliest day of the first event marked as onset, or of the first event where none is."""
    own = [event for event in events if event.record.get("phase") == EventPhase.ONSET] or list(events)
    return next((event.date.earliest for event in own if event.date.earliest), None)


def draw_lanes(records: Sequence[Document], *, aligned: bool) -> Lanes:
    """Case-study documents side by side, in the order given; `aligned` puts every onset at year 0."""
    read = [(record, order_events(record.get("events") or [])) for record in records]
    zeros = [find_onset(events) for _, events in read]
    if aligned:
        days = [
            day.toordinal() - zero.toordinal()
            for (_, events), zero in zip(read, zeros, strict=True)
            if zero
            for day in event_bounds(events)
        ]
        line, ticks = elapsed_axis(days, LEFT, RIGHT)
    else:
        line, ticks = calendar_axis([day for _, events in read for day in event_bounds(events)], LEFT, RIGHT)
    found: list[CaseLane] = []
    y = 4.0
    for (record, events), zero in zip(read, zeros, strict=True):
        origin = zero.toordinal() if aligned and zero else 0
        stages: list[LaneStage] = []
        for phase, label in EventPhase.choices:
            own = tuple(event for event in events if event.record.get("phase") == phase)
            if own:
                extents = [line.extent(event.date.earliest, event.date.latest, origin) for event in own]
                span = Extent(min(extent.start for extent in extents), max(extent.end for extent in extents))
                place = y + HEAD + len(stages) * ROW
                stages.append(
                    LaneStage(str(phase), str(label), own, years_after(zero, own[0]), span, tuple(extents), place)
                )
        lane = CaseLane(record.get("slug", ""), record.get("title", ""), zero, tuple(stages), y)
        found.append(lane)
        y = lane.base + GAP
    words = "Years from the first event marked as onset. " if aligned else "Calendar years. "
    words += "; ".join(f"{lane.short}: {', '.join(map(span_in_words, lane.stages))}" for lane in found) + "."
    return Lanes(tuple(found), tuple(ticks), y + FOOT - GAP + 4, aligned, words)


def years_after(zero: dt.date | None, event: TimelineEvent) -> str:
    """Years from the onset to an event's earliest day, to one place."""
    if zero is None or event.date.earliest is None:
        return "not known"
    return format_figure(round((event.date.earliest - zero).days / DAYS_A_YEAR, 1))


def span_in_words(stage: LaneStage) -> str:
    """A phase and its years."""
    if stage.first is stage.last:
        return f"{stage.label.lower()} {stage.first.date.short}"
    return f"{stage.label.lower()} {stage.first.date.short} to {stage.last.date.short}"
