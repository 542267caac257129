"""The figures of a case study: its timeline and its indicators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from failure_lessons.charts.figures import Figure, indicator_figures, timeline_figure
from failure_lessons.charts.lanes import PAGE_LAYOUT, SLIDE_LAYOUT, draw_lanes
from failure_lessons.charts.timeline import draw_timeline
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import EventPhase

EVENT_PHASES = {str(code): str(label) for code, label in EventPhase.choices}


def list_figures_of_case(case: Document) -> Iterator[Figure]:
    """The timeline, if anything happened, and a chart for each indicator."""
    if case.get("events"):
        yield timeline_figure(draw_timeline(case), "Timeline by phase", EVENT_PHASES)
    yield from indicator_figures("indicator", case.get("indicators") or [])


def figures_of_comparison(cases: Sequence[Document], *, aligned: bool) -> dict[str, Figure]:
    """Several cases on one timeline, by name: as the page draws them, and for a slide."""
    found = {}
    for name, form, layout in (("timeline", "lanes", PAGE_LAYOUT), ("slide", "lanes_slide", SLIDE_LAYOUT)):
        picture = draw_lanes(cases, aligned=aligned, layout=layout)
        found[name] = Figure(
            name=name,
            title=f"{spell_number(len(cases))} cases on one timeline",
            form=form,
            look="timeline",
            picture=picture,
            columns=(
                "Case",
                "Phase",
                "First date",
                "First event",
                "Last date",
                "Last event",
                "Events",
                "Years after start",
            ),
            rows=tuple(
                (
                    lane.short,
                    stage.label,
                    stage.first.date.text,
                    stage.first.record["title"],
                    stage.last.date.text,
                    stage.last.record["title"],
                    len(stage.events),
                    stage.after,
                )
                for lane in picture.lanes
                for stage in lane.stages
            ),
            key=picture.key,
        )
    return found


def spell_number(number: int) -> str:
    """A small number at the start of a title."""
    return {2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six"}.get(number, str(number))
