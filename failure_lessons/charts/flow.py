"""The PRISMA 2020 flow of a review as a diagram and as rows."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from failure_lessons.charts.scales import format_figure
from failure_lessons.types import Document

LEFT, MIDDLE, BOX, LINE, PAD = 34, 312, 246, 21, 12
LETTERS = 29  # that fit in a box
ASIDE_GAP = 12  # between boxes that stand aside of the same box
STAGES = ("Identification", "Screening", "Included")


@dataclass(frozen=True)
class FlowStep:
    """One box: its stage, its words, its number. `aside` boxes hold what leaves the flow."""

    stage: str
    text: str
    number: int
    aside: bool = False


@dataclass(frozen=True)
class FlowBox:
    """A box as drawn."""

    step: FlowStep
    x: float
    y: float
    height: float
    lines: tuple[tuple[float, str], ...]

    @property
    def text_x(self) -> float:
        return self.x + PAD

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class FlowStage:
    """The band that names a part of the flow."""

    label: str
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class Flow:
    """What the diagram and the table show; `steps` are the rows."""

    steps: tuple[FlowStep, ...]
    boxes: tuple[FlowBox, ...]
    stages: tuple[FlowStage, ...]
    down: tuple[tuple[float, float, float], ...]  # x, from y, to y
    across: tuple[tuple[float, float, float], ...]  # y, from x, to x
    height: float
    words: str
    is_under_way: bool
    width: int = 560
    box: int = BOX


def is_under_way(prisma: Document) -> bool:
    """Whether screening was going on: records were not yet screened, or reports not yet assessed."""
    return bool(prisma.get("records_not_yet_screened") or prisma.get("reports_not_yet_assessed"))


def tell_included(prisma: Document) -> str:
    """How many studies are included, and that there may be more; nothing where it is not known."""
    if "studies_included" not in prisma:
        return ""
    return f"{prisma['studies_included']}{' so far, screening under way' if is_under_way(prisma) else ''}"


def list_waiting_step(stage: str, text: str, number: int) -> list[FlowStep]:
    """The box of what is not decided yet; none where nothing waits."""
    return [FlowStep(stage, text, number, aside=True)] if number else []


def list_prisma_steps(prisma: Document) -> tuple[FlowStep, ...]:
    """The boxes of PRISMA 2020 in reading order, from `derived.prisma`."""

    def number(name: str) -> int:
        return int(prisma.get(name) or 0)

    searches = number("searches")
    noun = "search" if searches == 1 else "searches"
    found = [
        FlowStep(STAGES[0], f"Records found by {searches} {noun}", number("records_identified")),
        FlowStep(
            STAGES[0],
            "Removed before screening: duplicates and results plainly off the subject, not logged singly",
            number("removed_before_screening"),
            aside=True,
        ),
        *list_waiting_step(STAGES[0], "Records not yet screened", number("records_not_yet_screened")),
        FlowStep(STAGES[1], "Records screened on title and abstract", number("records_screened")),
        FlowStep(STAGES[1], "Records excluded on title and abstract", number("records_excluded"), aside=True),
        *(
            [
                FlowStep(STAGES[1], "Reports sought for retrieval", number("reports_sought")),
                FlowStep(STAGES[1], "Reports not retrieved", number("reports_not_retrieved"), aside=True),
                *list_waiting_step(STAGES[1], "Reports not yet assessed", number("reports_not_yet_assessed")),
            ]
            if number("reports_sought")
            else []
        ),
        FlowStep(STAGES[1], "Reports assessed in full text", number("reports_assessed")),
        FlowStep(STAGES[1], "Reports excluded on full text", number("reports_excluded"), aside=True),
        FlowStep(
            STAGES[2],
            "Studies included so far" if is_under_way(prisma) else "Studies included",
            number("studies_included"),
        ),
    ]
    if only := number("included_on_title_and_abstract_only"):
        found.append(FlowStep(STAGES[2], "of these, included on title and abstract alone", only, aside=True))
    return tuple(found)


def draw_box(step: FlowStep, y: float, height: float) -> FlowBox:
    """A box with its words broken into lines."""
    x = MIDDLE if step.aside else LEFT
    lines = [*textwrap.wrap(step.text, LETTERS), f"n = {format_figure(step.number)}"]
    start = y + PAD + 14
    return FlowBox(step, x, y, height, tuple((start + index * LINE, text) for index, text in enumerate(lines)))


def box_height(step: FlowStep) -> float:
    """How high a box must be."""
    return (len(textwrap.wrap(step.text, LETTERS)) + 1) * LINE + 2 * PAD


def draw_flow(prisma: Document) -> Flow:
    """The flow diagram of a review's `derived.prisma`."""
    found = list_prisma_steps(prisma)
    rows: list[list[FlowStep]] = []
    for step in found:
        if step.aside:
            rows[-1].append(step)
        else:
            rows.append([step])
    boxes: list[FlowBox] = []
    down, across = [], []
    bands: dict[str, tuple[float, float]] = {}
    y = 4.0
    for main, *asides in rows:
        heights = [box_height(step) for step in asides]
        height = max(box_height(main), sum(heights) + ASIDE_GAP * (len(asides) - 1))
        boxes.append(draw_box(main, y, height))
        top = y
        for step, own in zip(asides, heights, strict=True):
            tall = height if len(asides) == 1 else own
            boxes.append(draw_box(step, top, tall))
            across.append((top + tall / 2, LEFT + BOX, MIDDLE - 9))
            top += tall + ASIDE_GAP
        start = bands.get(main.stage, (y, 0))[0]
        bands[main.stage] = (start, y + height)
        if main is not rows[-1][0]:
            down.append((LEFT + BOX / 2, y + height, y + height + 29))
        y += height + 38
    stages = tuple(FlowStage(name, top, end - top) for name, (top, end) in bands.items())
    words = "; ".join(f"{step.text}: {format_figure(step.number)}" for step in found) + "."
    return Flow(found, tuple(boxes), stages, tuple(down), tuple(across), y - 34, words, is_under_way(prisma))
