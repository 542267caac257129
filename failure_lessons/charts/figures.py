"""Figures: pictures that are taken away, each with the table that says the same. One registry, by kind of record.

An app registers what the documents of a kind show. Every figure so gets a file as SVG, PNG and CSV and a page to embed,
at its record's edition (`failure_lessons.pages.charts`), and the page of the record offers them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from failure_lessons.charts.chart import draw_chart
from failure_lessons.charts.flow import draw_flow, is_under_way
from failure_lessons.charts.profile import draw_profile
from failure_lessons.charts.timeline import Timeline
from failure_lessons.types import Document


class Drawn(Protocol):
    """What every picture knows: its size, and itself in words."""

    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def words(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture, its shapes as a template draws them, and its table.

    `name` stands in addresses, for ever. `form` names its template, `charts/_<form>.svg.html`, and `look` the
    class of its SVG where that is another. `legend` holds lines that a picture needs where no page stands around it.
    """

    name: str
    title: str
    form: str
    look: str = ""
    picture: Drawn
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    below: str = ""  # the line under the title
    key: str = ""  # how to read it
    legend: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # keys of references, where the figure names its own

    @property
    def svg_class(self) -> str:
        return self.look or self.form

    @property
    def template(self) -> str:
        return f"charts/_{self.form}.svg.html"


@dataclass(frozen=True)
class FigureList:
    """How the figures of a kind's documents are made; `resolved` where pointers have to lead to what they mean."""

    build: Callable[[Document], Iterable[Figure]]
    resolved: bool = False


FIGURE_LISTS: dict[str, FigureList] = {}  # by the code of a kind


def register_figures(kind: str, build: Callable[[Document], Iterable[Figure]], *, resolved: bool = False) -> None:
    """Make known what figures the documents of a kind have."""
    FIGURE_LISTS[kind] = FigureList(build, resolved)


def timeline_figure(picture: Timeline, title: str, lanes: dict[str, str]) -> Figure:
    """Dated events in lanes, whose codes `lanes` puts into words; the numbers are told below it."""
    return Figure(
        name="timeline",
        title=title,
        form="timeline",
        picture=picture,
        columns=("Number", "Date", "Date in words", "Lane", "Event", "Description"),
        rows=tuple(
            (
                event.number,
                event.date.text,
                event.date.english,
                lanes.get(event.record["phase"], event.record["phase"]),
                event.record["title"],
                event.record.get("description"),
            )
            for event in picture.events
        ),
        key=picture.key,
        legend=tuple(f"{each.number}. {each.date.english}: {each.record['title']}" for each in picture.events),
    )


def indicator_figures(prefix: str, indicators: Iterable[Document]) -> Iterator[Figure]:
    """Series of figures, each as bars or as a line, named by their place."""
    for place, each in enumerate(indicators, start=1):
        picture = draw_chart(each)
        own = [source["ref"] for point in each.get("values") or [] for source in point.get("sources") or []]
        yield Figure(
            name=f"{prefix}-{place}",
            title=picture.name,
            form="chart",
            picture=picture,
            columns=("Period", "Value", "Unit", "Note", *([picture.comparator] if picture.comparator else [])),
            rows=tuple(
                (point.period, point.value, picture.unit, point.note, *([point.other] if picture.comparator else []))
                for point in picture.points
            ),
            below=f"{picture.unit[:1].upper()}{picture.unit[1:]}. {picture.better}."
            + (f" The stroke across: {picture.comparator}." if picture.comparator else ""),
            sources=tuple(dict.fromkeys([*(source["ref"] for source in each.get("sources") or []), *own])),
        )


def flow_figure(prisma: Document) -> Figure:
    """The PRISMA 2020 flow of a review."""
    picture = draw_flow(prisma)
    return Figure(
        name="prisma-flow",
        title="PRISMA 2020 flow diagram",
        form="flow",
        picture=picture,
        columns=("Stage", "Step", "Records"),
        rows=tuple((step.stage, step.text, step.number) for step in picture.steps),
        below="Screening was under way at this edition." if is_under_way(prisma) else "",
    )


def profile_figure(cerqual: Document) -> Figure:
    """A GRADE-CERQual assessment at a glance."""
    picture = draw_profile(cerqual)
    return Figure(
        name="confidence",
        title="Confidence profile (GRADE-CERQual)",
        form="profile",
        picture=picture,
        columns=("Component", "Level", "Reason"),
        rows=tuple((part.label, part.level, part.reason) for part in picture.parts),
    )


def list_profile(record: Document) -> Iterator[Figure]:
    """The confidence profile of a finding or lesson that has been assessed."""
    if record.get("cerqual"):
        yield profile_figure(record["cerqual"])
