"""Two to six cases side by side: pure functions over case-study documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from casestudies.sections import PHASE_SECTIONS
from failure_lessons.charts.chart import Chart, draw_chart
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import Better

LEAST_COMPARED, MOST_COMPARED = 2, 6


class PhaseExtract(NamedTuple):
    """What one case says about a phase: its slug and name, one sentence, where the rest is."""

    slug: str
    name: str
    words: str
    anchor: str


class IndicatorChange(NamedTuple):
    """An indicator of a case from its first to its last figure, and whether that is better."""

    chart: Chart
    verdict: str


class Matrix(NamedTuple):
    """Interventions by kind (rows) and case (columns, in the order asked for)."""

    label: str
    cells: tuple[tuple[Document, ...], ...]
    names: tuple[str, ...]  # of the cases

    @property
    def named_cells(self) -> list[tuple[str, tuple[Document, ...]]]:
        """Each cell with the case it is of."""
        return list(zip(self.names, self.cells, strict=True))


@dataclass(frozen=True)
class SideBySide:
    """Everything the page of a comparison shows but the timelines."""

    cases: tuple[Document, ...]

    @property
    def phases(self) -> list[tuple[str, list[PhaseExtract]]]:
        """Each phase with what every case says about it."""
        return [(str(part.label), [extract_phase(case, part) for case in self.cases]) for part in PHASE_SECTIONS]

    @property
    def names(self) -> list[tuple[str, str]]:
        """Slug and short name of each case."""
        return [(case["slug"], short_case_name(case["title"])) for case in self.cases]

    @property
    def interventions(self) -> list[Matrix]:
        """The kinds that some case knows, in the order of the labels that the cases tell."""
        labels: dict[str, str] = {}
        for case in self.cases:
            told = case.get("derived", {}).get("labels", {}).get("intervention", {})
            labels |= {item["kind"]: told.get(item["kind"], item["kind"]) for item in case.get("interventions") or []}
        names = tuple(name for _, name in self.names)
        return [
            Matrix(
                label,
                tuple(
                    tuple(item for item in case.get("interventions") or [] if item["kind"] == kind)
                    for case in self.cases
                ),
                names,
            )
            for kind, label in sorted(labels.items(), key=lambda pair: pair[1].casefold())
        ]

    @property
    def indicators(self) -> list[tuple[str, str, list[IndicatorChange]]]:
        """Each case with how its indicators went."""
        return [
            (
                case["slug"],
                short_case_name(case["title"]),
                [judge_indicator(item) for item in case.get("indicators") or []],
            )
            for case in self.cases
        ]


def short_case_name(title: str) -> str:
    """A case by the name that stands before the colon of its title."""
    return title.partition(":")[0]


def extract_phase(case: Document, name: str) -> PhaseExtract:
    """What a case says about a phase, in the sentence that was written for this."""
    words = (case.get("in_short") or {}).get(name) or ""
    return PhaseExtract(case["slug"], short_case_name(case["title"]), words, name.replace("_", "-"))


def judge_indicator(indicator: Document) -> IndicatorChange:
    """How an indicator went, by its own direction."""
    picture = draw_chart(indicator)
    if len(picture.points) < 2 or indicator.get("better") not in Better.values:
        return IndicatorChange(picture, "no judgement")
    moved = picture.points[-1].value - picture.points[0].value
    if not moved:
        return IndicatorChange(picture, "no change")
    return IndicatorChange(picture, "better" if (moved > 0) == (indicator["better"] == Better.HIGHER) else "worse")


def unique_slugs(asked: Sequence[str]) -> list[str]:
    """The slugs asked for, each once, in the order given."""
    return list(dict.fromkeys(slug.strip() for slug in asked if slug.strip()))


def echo_safely(text: str, most: int = 40) -> str:
    """What somebody asked for, fit to be shown back: short, and without characters that no page may hold."""
    return "".join(filter(str.isprintable, text[:most]))
