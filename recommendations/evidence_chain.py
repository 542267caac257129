"""The evidence chain of a recommendation: lessons, the findings that bear on each, and their sources.

One value feeds the list that a reader opens and the picture beside it, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from failure_lessons.publishing.statements import PublicStatement
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import EvidenceRelation

EVIDENCE_RELATIONS = [str(code) for code in EvidenceRelation.values]
SIGNS = {"supports": "+", "qualifies": "±", "contradicts": "−"}

# The picture, in its own units: about one CSS pixel each at full size.
WIDTH, ROW, TOP, GAP = 480, 30, 34, 16
RECOMMENDATION, LESSON, FINDING, SOURCE = 22, 106, 222, 290  # middle of the first three columns, start of the fourth
HALF_BOX = 11  # half the height of a box
LONGEST_SOURCE_LABEL = 20  # characters of a source that fit


@dataclass(frozen=True)
class Bearing:
    """A finding that bears on a lesson, and how. `record` is the finding with its sources, resolved."""

    code: str
    relation: str
    note: str
    record: Document

    @property
    def sign(self) -> str:
        """The relation as one character."""
        return SIGNS.get(self.relation, "?")

    @property
    def sources(self) -> Sequence[Document]:
        """What the finding rests on; nothing when it was withdrawn."""
        return self.record["sources"] or ()


@dataclass(frozen=True)
class BearingGroup:
    """The findings that bear on a lesson in one way."""

    relation: str
    bearings: tuple[Bearing, ...]


@dataclass(frozen=True)
class ChainLink:
    """A lesson that a recommendation rests on, with what bears on it: for, then qualifying, then against."""

    lesson: Document
    groups: tuple[BearingGroup, ...]

    @property
    def bearings(self) -> list[Bearing]:
        """Every finding, in the order of the groups."""
        return [bearing for group in self.groups for bearing in group.bearings]


@dataclass(frozen=True)
class ChainBox:
    """A named box of the picture: its middle, its width, its words, its class."""

    x: int
    y: int
    width: int
    text: str
    kind: str

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def top(self) -> int:
        return self.y - HALF_BOX

    @property
    def baseline(self) -> int:
        return self.y + 5


@dataclass(frozen=True)
class Thread:
    """A curve between two boxes."""

    path: str
    kind: str


@dataclass(frozen=True)
class Picture:
    """The chain as boxes and threads, ready to be drawn."""

    height: int
    boxes: tuple[ChainBox, ...]
    threads: tuple[Thread, ...]
    sources: tuple[tuple[int, int, str], ...]  # x, baseline, words
    columns: tuple[tuple[int, str], ...]
    width: int = WIDTH


@dataclass(frozen=True)
class Chain:
    """Everything a recommendation rests on, down to the sources."""

    code: str
    links: tuple[ChainLink, ...]

    @cached_property
    def bearings(self) -> list[Bearing]:
        """Every finding under every lesson; one that bears on two lessons stands twice."""
        return [bearing for link in self.links for bearing in link.bearings]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many different findings bear in each way, and how many different sources there are."""
        found = {
            relation: len({each.code for each in self.bearings if each.relation == relation})
            for relation in EVIDENCE_RELATIONS
        }
        found["findings"] = len({each.code for each in self.bearings})
        found["sources"] = len({source["ref"] for each in self.bearings for source in each.sources})
        return found

    @cached_property
    def description(self) -> str:
        """The picture in words."""
        parts = []
        for link in self.links:
            ways = "; ".join(
                f"{group.relation} it: {', '.join(each.code for each in group.bearings)}" for group in link.groups
            )
            parts.append(f"Lesson {link.lesson['code']}: {ways or 'no finding'}.")
        return f"{self.code} rests on {' '.join(parts)}" if parts else f"{self.code} rests on no published lesson."

    @cached_property
    def picture(self) -> Picture:
        """Where everything stands: one row a finding, each lesson beside its findings."""
        boxes: list[ChainBox] = []
        threads: list[Thread] = []
        sources: list[tuple[int, int, str]] = []
        y, middles = TOP + HALF_BOX, []
        for link in self.links:
            first = y
            rows = link.bearings
            centre = first + ROW * max(len(rows) - 1, 0) // 2
            for bearing in rows:
                threads.append(draw_thread(LESSON + 30, centre, FINDING - 46, y, bearing.relation))
                boxes.append(ChainBox(FINDING, y, 92, f"{bearing.sign} {bearing.code}", bearing.relation))
                sources.append((SOURCE, y + 5, shorten_sources(bearing.sources)))
                y += ROW
            boxes.append(ChainBox(LESSON, centre, 60, link.lesson["code"], "lesson"))
            middles.append(centre)
            y = max(y, first + ROW) + GAP
        middle = sum(middles) // len(middles) if middles else TOP + HALF_BOX
        threads = [draw_thread(RECOMMENDATION + 22, middle, LESSON - 30, each, "rests") for each in middles] + threads
        boxes.append(ChainBox(RECOMMENDATION, middle, 44, self.code, "recommendation"))
        columns = ((0, "Action"), (LESSON - 30, "Lesson"), (FINDING - 46, "Finding"), (SOURCE, "Source"))
        return Picture(y if self.links else TOP + ROW, tuple(boxes), tuple(threads), tuple(sources), columns)


def policy_statements(record: Document) -> Iterator[PublicStatement]:
    """The policy context of a recommendation, for the meter of traceability; all else in it rests on lessons."""
    if record.get("policy_context"):
        yield PublicStatement("policy-context", record["policy_context"].get("citations") or [])


def draw_thread(x1: int, y1: int, x2: int, y2: int, kind: str) -> Thread:
    """A curve that leaves and arrives level."""
    bend = (x1 + x2) // 2
    return Thread(f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}", kind)


def shorten_sources(sources: Sequence[Document]) -> str:
    """The first source of a finding, shortened to fit but with its year, and how many more there are."""
    if not sources:
        return "none"
    words, _, year = str(sources[0]["reference"]["short"]).rpartition(" ")
    tail = f" {year} +{len(sources) - 1}" if len(sources) > 1 else f" {year}"
    room = LONGEST_SOURCE_LABEL - len(tail)
    return (words if len(words) <= room else words[: room - 1].rstrip(" ,.&") + "…") + tail


def build_chain(record: Document) -> Chain:
    """The chain of a resolved recommendation."""
    links = []
    for lesson in record["lessons"] or ():
        bearings = [
            Bearing(item["finding"], item["relation"], item["note"], item["record"])
            for item in lesson["evidence"] or ()
        ]
        groups = tuple(
            BearingGroup(relation, tuple(each for each in bearings if each.relation == relation))
            for relation in EVIDENCE_RELATIONS
            if any(each.relation == relation for each in bearings)
        )
        links.append(ChainLink(lesson, groups))
    return Chain(record["code"], tuple(links))
