"""The timeline of one case: a band for each phase, a numbered mark for each event, its uncertainty drawn to scale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from failure_lessons.charts.scales import Extent, Tick, calendar_axis
from failure_lessons.dates import Edtf, NotEdtf, parse_edtf
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import EventPhase

WIDTH, LEFT, RIGHT = 640, 8, 632
TOP, ROW, PAD, NAME, FOOT = 4, 34, 8, 20, 30
BADGE = 12  # half the width of a number's disc
PREVENTION_EXPLAINED = f" {EventPhase.ONSET.label}: while it could still have been prevented."


@dataclass(frozen=True)
class TimelineEvent:
    """An event with its place in the order and its date read."""

    number: int
    date: Edtf
    record: Document

    @property
    def is_doubtful(self) -> bool:
        """The date itself is doubtful, not just wide."""
        return any(sign in self.date.text for sign in "~?%X")

    @property
    def exact(self) -> bool:
        """The very day is known."""
        return self.date.earliest is not None and self.date.earliest == self.date.latest


@dataclass(frozen=True)
class TimelineMark:
    """An event as drawn: the stretch of time it may fall in, and its number above."""

    event: TimelineEvent
    extent: Extent
    x: float
    y: float

    @property
    def bar(self) -> Extent:
        """The stretch, wide enough to be seen."""
        return self.extent.at_least(3)

    @property
    def bar_y(self) -> float:
        return self.y + BADGE + 2

    @property
    def text_y(self) -> float:
        return self.y + 5


@dataclass(frozen=True)
class PhaseLane:
    """A phase: its name, its band from first to last event, and its marks."""

    phase: str
    label: str
    y: float
    height: float
    span: Extent
    marks: tuple[TimelineMark, ...]

    @property
    def text_y(self) -> float:
        return self.y + 18


@dataclass(frozen=True)
class Timeline:
    """What the picture and the table of a case's timeline show. `events` are the rows."""

    events: tuple[TimelineEvent, ...]
    lanes: tuple[PhaseLane, ...]
    ticks: tuple[Tick, ...]
    height: float
    words: str
    width: int = WIDTH

    @property
    def doubtful(self) -> bool:
        """Some date is itself in doubt."""
        return any(event.is_doubtful for event in self.events)

    @property
    def key(self) -> str:
        """How to read the picture."""
        begins = any(lane.phase == EventPhase.ONSET for lane in self.lanes)
        doubt = ", dashed where the date is itself in doubt" if self.doubtful else ""
        return (
            "Each number is an event of the table. The bar under a number shows when it happened: a stroke for a day, "
            f"wider where only the month, the year or a range is known{doubt}. The tinted band runs from the first to "
            f"the last event of a phase.{PREVENTION_EXPLAINED if begins else ''}"
        )

    @property
    def foot(self) -> float:
        return self.height - FOOT

    @property
    def tick_y(self) -> float:
        return self.height - 9


def read_date(text: str) -> Edtf:
    """The date; where the text is no date, one that may be any day and says what is written."""
    try:
        return parse_edtf(text)
    except NotEdtf:
        return Edtf(text, None, None, text or "not known", text or "not known")


def order_events(events: Sequence[Document]) -> tuple[TimelineEvent, ...]:
    """Events by their earliest day, in the order given where that is the same; those without a date come last."""
    dated = [(read_date(event.get("date", "")), event) for event in events]
    dated.sort(key=lambda pair: pair[0].earliest or (dt.date.min if pair[0].latest else dt.date.max))
    return tuple(TimelineEvent(number, date, event) for number, (date, event) in enumerate(dated, start=1))


def event_bounds(events: Sequence[TimelineEvent]) -> list[dt.date]:
    """Every first and last day that the events name."""
    return [day for event in events for day in (event.date.earliest, event.date.latest) if day]


def draw_timeline(record: Document, lanes_in_order: Sequence[tuple[str, str]] = tuple(EventPhase.choices)) -> Timeline:
    """The timeline of the events of a document: those of a case study, or of one whose events name other lanes."""
    events = order_events(record.get("events") or [])
    line, ticks = calendar_axis(event_bounds(events), LEFT + BADGE, RIGHT - BADGE)
    lanes: list[PhaseLane] = []
    y = float(TOP)
    for phase, label in lanes_in_order:
        own = [event for event in events if event.record.get("phase") == phase]
        if not own:
            continue
        marks, rows = stack_marks(
            [(event, line.extent(event.date.earliest, event.date.latest)) for event in own], y + NAME
        )
        height = NAME + rows * ROW + PAD
        span = Extent(min(mark.extent.start for mark in marks), max(mark.extent.end for mark in marks))
        lanes.append(PhaseLane(str(phase), str(label), y, height, span, marks))
        y += height + 4
    return Timeline(events, tuple(lanes), tuple(ticks), y + FOOT, describe_timeline(events, lanes))


def stack_marks(placed: Sequence[tuple[TimelineEvent, Extent]], y: float) -> tuple[tuple[TimelineMark, ...], int]:
    """Marks in as few rows as keep numbers and bars apart, and how many rows that takes."""
    taken: list[float] = []
    marks: list[TimelineMark] = []
    for event, extent in placed:
        start = min(extent.start, extent.middle - BADGE)
        end = max(extent.end, extent.middle + BADGE)
        row = next((index for index, free in enumerate(taken) if free <= start), len(taken))
        taken[row : row + 1] = [end + 2]
        marks.append(TimelineMark(event, extent, extent.middle, y + PAD / 2 + BADGE + row * ROW))
    return tuple(marks), len(taken)


def describe_timeline(events: Sequence[TimelineEvent], lanes: Sequence[PhaseLane]) -> str:
    """The picture in words."""
    if not events:
        return "No event is recorded."
    parts = [
        f"{lane.label}: {len(lane.marks)} event{'s' if len(lane.marks) > 1 else ''}, "
        f"{'numbers' if len(lane.marks) > 1 else 'number'} {', '.join(str(mark.event.number) for mark in lane.marks)}"
        for lane in lanes
    ]
    first, last = events[0].date.english, events[-1].date.english
    return f"From {first} to {last}. {'. '.join(parts)}. The table below says what each number stands for."
