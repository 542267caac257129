"""What a brief is made of: plain text throughout, so that page, Word file and PDF say the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.conf import settings

from failure_lessons.pages.brief.selection import Selection

MOST_ON_A_PAGE, LONGEST_NOTE_ON_A_PAGE = 3, 300  # records; characters
HONESTY_IN_SHORT = (
    "An illustrative synthesis of the public record, on which no practitioner or policymaker has yet commented; not "
    "the findings of the Leicester project, and not an NHS service."
)
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
    """A lesson that a picked record rests on, with the findings for and against it.

    `parts` say why we are this sure, by component, and whether it carries over to the NHS.
    """

    anchor: str
    code: str
    edition: str
    title: str
    statement: str
    facts: str
    page: str
    evidence: tuple[BriefBearing, ...]
    parts: tuple[BriefPart, ...] = ()


@dataclass(frozen=True)
class BriefFront:
    """What the first page says of a record: complete in itself, and short where the record has a short form.

    `facts` are names and values in a line; `points` are headings with one text each, `more` of them
    where there is room.
    """

    question: str
    action: str
    facts: tuple[tuple[str, str], ...] = ()
    points: tuple[tuple[str, str], ...] = ()
    steps: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()


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
    front: BriefFront = BriefFront("", "")
    facts: tuple[tuple[str, str], ...] = ()
    parts: tuple[BriefPart, ...] = ()
    rests_on: tuple[tuple[str, str], ...] = ()
    withdrawn: str = ""
    newer: str = ""
    compare: str = ""
    changed: str = ""
    short: bool = False  # its first page was written for a page of three

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
        return format_day(self.day)

    @property
    def short_address(self) -> str:
        """An address that can be read out and typed: the same records in the same editions."""
        return f"{self.site}{self.selection.short_address}"

    @property
    def depth(self) -> str:
        """How much of it is shown: `1` and `3` for so many pages, or all."""
        return self.selection.depth

    @property
    def statement_of_honesty(self) -> str:
        return settings.SITE_NOTICE or HONESTY

    @property
    def honesty_in_short(self) -> str:
        return settings.SITE_NOTICE or HONESTY_IN_SHORT

    @property
    def changes(self) -> list[BriefItem]:
        """What is no longer as it was when the editions of this brief were the newest."""
        return [item for item in self.items if item.withdrawn or item.newer or item.changed]

    @property
    def fits_one_page(self) -> bool:
        """Whether the first page is sure to be one sheet: at most three records with short forms, a short note."""
        return (
            len(self.items) <= MOST_ON_A_PAGE
            and all(item.short for item in self.items)
            and len("".join(self.note)) <= LONGEST_NOTE_ON_A_PAGE
        )


def format_day(day: dt.date) -> str:
    """Such as “5 May 2026”."""
    return f"{day.day} {day:%B %Y}"
