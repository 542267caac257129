"""The evidence chain of a recommendation: lessons, the findings that bear on each, and their sources.

One value feeds the list that a reader opens and the picture beside it, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from failure_lessons.publishing.statements import PublicStatement
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import ConfidenceLevel, EvidenceRelation

EVIDENCE_RELATIONS = [str(code) for code in EvidenceRelation.values]
SIGNS = {"supports": "+", "qualifies": "±", "contradicts": "−"}

# The picture, in its own units: about one CSS pixel each at full size.
WIDTH, ROW, TOP, GAP = 380, 30, 34, 16
RECOMMENDATION, LESSON, FINDING, SOURCE = 22, 106, 222, 290  # middle of the first three columns, start of the fourth
HALF_BOX = 11  # half the height of a box


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
    """A named box of the picture: its middle, its width, its words, its class; where it leads, and what it says there.

    `address` is the plural noun and the slug of a record; without one the box leads nowhere.
    """

    x: int
    y: int
    width: int
    text: str
    kind: str
    address: tuple[str, str] | None = None
    says: str = ""

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
    sources: tuple[ChainBox, ...]
    columns: tuple[tuple[int, str], ...]
    words: str
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
        sources: list[ChainBox] = []
        y, middles = TOP + HALF_BOX, []
        for link in self.links:
            first = y
            rows = link.bearings
            centre = first + ROW * max(len(rows) - 1, 0) // 2
            for bearing in rows:
                threads.append(draw_thread(LESSON + 30, centre, FINDING - 46, y, bearing.relation))
                boxes.append(bearing_box(bearing, y))
                sources.append(sources_box(bearing, y))
                y += ROW
            boxes.append(lesson_box(link.lesson, centre))
            middles.append(centre)
            y = max(y, first + ROW) + GAP
        middle = sum(middles) // len(middles) if middles else TOP + HALF_BOX
        threads = [draw_thread(RECOMMENDATION + 22, middle, LESSON - 30, each, "rests") for each in middles] + threads
        boxes.append(ChainBox(RECOMMENDATION, middle, 44, self.code, "recommendation"))
        columns = ((0, "Action"), (LESSON - 30, "Lesson"), (FINDING - 46, "Finding"), (SOURCE, "Source"))
        height = y if self.links else TOP + ROW
        return Picture(height, tuple(boxes), tuple(threads), tuple(sources), columns, self.description)


def policy_statements(record: Document) -> Iterator[PublicStatement]:
    """The policy context of a recommendation, for the meter of traceability; all else in it rests on lessons."""
    if record.get("policy_context"):
        yield PublicStatement("policy-context", record["policy_context"].get("citations") or [])


def draw_thread(x1: int, y1: int, x2: int, y2: int, kind: str) -> Thread:
    """A curve that leaves and arrives level."""
    bend = (x1 + x2) // 2
    return Thread(f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}", kind)


def lesson_box(lesson: Document, y: int) -> ChainBox:
    """The box of a lesson: its statement, and how sure we are of it."""
    says = f"Lesson {lesson['code']}: {lesson['statement'] or lesson['title']}{tell_confidence(lesson)}"
    return ChainBox(LESSON, y, 60, lesson["code"], "lesson", address_of("lessons", lesson), says)


def bearing_box(bearing: Bearing, y: int) -> ChainBox:
    """The box of a finding that bears on a lesson: its statement, and how sure we are where that was judged."""
    record = bearing.record
    says = f"{bearing.code} {bearing.relation} it: {record['statement']}{tell_confidence(record)}"
    words = f"{bearing.sign} {bearing.code}"
    return ChainBox(FINDING, y, 92, words, bearing.relation, address_of("findings", record), says)


def sources_box(bearing: Bearing, y: int) -> ChainBox:
    """How many sources a finding has; it leads to their words, and names them all."""
    count = len({source["ref"] for source in bearing.sources})
    words = f"{count} source{'' if count == 1 else 's'}" if count else "none"
    names = "; ".join(dict.fromkeys(str(source["reference"]["short"]) for source in bearing.sources))
    address = address_of("findings", bearing.record) if count else None
    return ChainBox(SOURCE, y, 0, words, "source", address, f"Sources of {bearing.code}: {names}")


def tell_confidence(record: Document) -> str:
    """How sure we are of a lesson or finding, as the end of a sentence; nothing where nobody has judged it."""
    level = (record.get("cerqual") or {}).get("overall", {}).get("level", "")
    return f" Confidence: {ConfidenceLevel(level).label.lower()}." if level in ConfidenceLevel.values else ""


def address_of(plural: str, record: Document) -> tuple[str, str] | None:
    """Where a record stands; nothing for one that was withdrawn."""
    return (plural, str(record["slug"])) if record["slug"] else None


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
