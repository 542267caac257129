"""What a brief is made of: plain text throughout, so that page, Word file and PDF say the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from failure_lessons.pages.brief.selection import Selection

HONESTY = (
    "The lessons and recommendations are an illustrative synthesis of the public record prepared for the Failure "
    "Lessons repository. No practitioner or policymaker has yet commented on them. They do not report the findings of "
    "the Leicester project, whose own report is Jones, Chivers, Rosell, Chamdal and Maltby (2017), Public Sector "
    "Failure and Resilience: Lessons for Healthcare Policy. Failure Lessons is not an NHS service."
)


@dataclass(frozen=True)
class Citation:
    """A statement's pointer to source number `source` of the list."""

    source: int
    short: str
    locator: str
    quotation: str


@dataclass(frozen=True)
class Source:
    """One numbered source. `link` leads to the document itself where it has an address, else to our record of it."""

    number: int
    lead: str
    title: str
    rest: str
    edition: str
    page: str
    link: str


@dataclass(frozen=True)
class BriefFinding:
    """A finding with its sources."""

    anchor: str
    code: str
    edition: str
    statement: str
    facts: str
    page: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class BriefBearing:
    """How a finding bears on a lesson: `relation` in words, such as “Supports”."""

    relation: str
    finding: str
    anchor: str
    statement: str
    note: str


@dataclass(frozen=True)
class BriefLesson:
    """A lesson that a picked record rests on, with the findings for and against it."""

    anchor: str
    code: str
    edition: str
    title: str
    statement: str
    facts: str
    page: str
    evidence: tuple[BriefBearing, ...]


@dataclass(frozen=True)
class BriefPart:
    """A heading of a record's summary with what stands under it."""

    heading: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class BriefItem:
    """One picked record. `withdrawn` and `newer` are empty unless they apply; a withdrawn record says nothing else."""

    pick: str
    kind: str
    code: str
    number: int
    title: str
    published: str
    page: str
    what: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    parts: tuple[BriefPart, ...] = ()
    rests_on: tuple[tuple[str, str], ...] = ()
    withdrawn: str = ""
    newer: str = ""
    compare: str = ""
    changed: str = ""

    @property
    def name(self) -> str:
        """Such as “Recommendation R4”."""
        return f"{self.kind} {self.code}".strip()


@dataclass
class Brief:
    """All of it. `selection` names every edition; `place` is where in the page the reader was."""

    selection: Selection
    title: str
    note: list[str]
    site: str
    day: dt.date
    place: str = ""
    messages: list[str] = field(default_factory=list)
    items: list[BriefItem] = field(default_factory=list)
    lessons: list[BriefLesson] = field(default_factory=list)
    findings: list[BriefFinding] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    @property
    def permanent(self) -> str:
        """The whole address, to share and to print."""
        return f"{self.site}{self.selection.address}"

    @property
    def made_on(self) -> str:
        return english_day(self.day)

    @property
    def statement_of_honesty(self) -> str:
        return HONESTY


def english_day(day: dt.date) -> str:
    """Such as “5 May 2026”."""
    return f"{day.day} {day:%B %Y}"
