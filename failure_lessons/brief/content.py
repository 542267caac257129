"""What a brief says: one value, plain text throughout, from which page, Word file and PDF are made alike.

It follows the habit of one page of messages, three of summary, and the evidence after that. Everything comes from the
very editions that the brief names and from what those editions pin, however old they are by now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.db.models import Q
from django.http import QueryDict
from markdown_it import MarkdownIt

from failure_lessons.brief.selection import BRIEFED, Pick, Selection, read
from failure_lessons.dates import NotEdtf, parse
from failure_lessons.publishing.kinds import KINDS, natural
from failure_lessons.publishing.models import Edition
from failure_lessons.resolve import Resolver, Shown
from failure_lessons.templatetags.evidence import label
from literature.documents import INLINE

HONESTY = (
    "The lessons and recommendations are an illustrative synthesis of the public record prepared for the Failure "
    "Lessons repository. No practitioner or policymaker has yet commented on them. They do not report the findings of "
    "the Leicester project, whose own report is Jones, Chivers, Rosell, Chamdal and Maltby (2017), Public Sector "
    "Failure and Resilience: Lessons for Healthcare Policy. Failure Lessons is not an NHS service."
)
NONE_AGAINST = "We looked for findings against it and recorded none. That does not mean that there are none."
TITLE = "My brief"
MARKDOWN = MarkdownIt("commonmark", {"html": False})


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
class Finding:
    """A finding with its sources."""

    anchor: str
    code: str
    edition: str
    statement: str
    facts: str
    page: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Bearing:
    """How a finding bears on a lesson: `relation` in words, such as “Supports”."""

    relation: str
    finding: str
    anchor: str
    statement: str
    note: str


@dataclass(frozen=True)
class Lesson:
    """A lesson that a picked record rests on, with the findings for and against it."""

    anchor: str
    code: str
    edition: str
    title: str
    statement: str
    facts: str
    page: str
    evidence: tuple[Bearing, ...]


@dataclass(frozen=True)
class Part:
    """A heading of a record's summary with what stands under it."""

    heading: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Item:
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
    parts: tuple[Part, ...] = ()
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
    items: list[Item] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    @property
    def permanent(self) -> str:
        """The whole address, to share and to print."""
        return f"{self.site}{self.selection.address}"

    @property
    def made_on(self) -> str:
        return english(self.day)

    @property
    def statement_of_honesty(self) -> str:
        return HONESTY


def brief(query: QueryDict, *, site: str, day: dt.date) -> Brief:
    """The brief that a query string asks for. At most four queries to the database, however many records.

    `site` is the site's own address without a slash at its end. Whatever was not understood is in `messages`;
    everything else is there all the same. Nothing is read but editions.
    """
    selection, place, messages = read(query)
    chosen = editions_of(selection.picks, messages)
    picks = tuple(Pick.of(edition) for edition in chosen)
    made = Brief(
        replace(selection, picks=picks), selection.title or TITLE, lines_of(selection.note), site, day, place, messages
    )
    fill(made, chosen)
    return made


def editions_of(picks: Sequence[Pick], messages: list[str]) -> list[Edition]:
    """The editions that these picks mean, each record once, in order; a message for each that means none. One query.

    Where a code or an address was used by two records one after the other, the edition that was published first is
    meant: what is published later never changes what a shared brief says.
    """
    if not picks:
        return []
    wanted = Q()
    for pick in picks:
        address, _, slug = pick.name.rpartition("/")
        wanted |= Q(kind=KIND_AT[address], slug=slug) if address else Q(code=pick.name)
    rows = Edition.objects.filter(wanted).without_text().order_by("revision")
    by_name: dict[str, list[Edition]] = {}
    for edition in rows:
        by_name.setdefault(f"{KINDS[edition.kind].address}/{edition.slug}", []).append(edition)
        if edition.code:
            by_name.setdefault(edition.code, []).append(edition)
    chosen: dict[Any, Edition] = {}
    for pick in picks:
        if found := meant(pick, by_name.get(pick.name, []), messages):
            chosen.setdefault(found.record_id, found)
    return list(chosen.values())


KIND_AT = {kind.address: kind.code for kind in KINDS.values()}


def meant(pick: Pick, editions: list[Edition], messages: list[str]) -> Edition | None:
    """The one of `editions` (all of this name, oldest first) that a pick means."""
    if not editions:
        messages.append(f"Nothing was ever published as {pick.name}.")
        return None
    if editions[0].kind not in BRIEFED:
        messages.append(
            f"{pick.name} is a {KINDS[editions[0].kind].label.lower()}. A brief holds recommendations, lessons, "
            "findings, case studies and literature reviews; their sources come along."
        )
        return None
    newest = next((edition for edition in editions if edition.is_current), editions[-1])
    if pick.number is None:
        return newest
    exact = next((edition for edition in editions if edition.number == pick.number), None)
    if exact is None:
        messages.append(f"{pick.name} has no edition {pick.number}. This is edition {newest.number}.")
    return exact or newest


def fill(made: Brief, chosen: Sequence[Edition]) -> None:
    """Compose the items with all they rest on. Three queries."""
    if not chosen:
        return
    current = {
        edition.record_id: edition
        for edition in Edition.objects.current()
        .filter(record_id__in=[each.record_id for each in chosen])
        .without_text()
    }
    live = [edition.pk for edition in chosen if not edition.withdrawn_at]
    closures = closures_of(live)
    keys = {*live, *(key for found in closures.values() for key in found)}
    whole = {edition.pk: edition for edition in Edition.objects.filter(pk__in=keys).defer("body", "search")}
    composer = Composer(made)
    for edition in chosen:
        pinned = [whole[key] for key in sorted(closures.get(edition.pk, ()))]
        composer.add(whole.get(edition.pk, edition), pinned, current.get(edition.record_id))
    composer.close()


def closures_of(keys: Sequence[int]) -> dict[int, set[int]]:
    """For each of these editions, everything it rests on, however far down, as it pinned it. One query."""
    found: dict[int, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive closure (root, id) as (
                select edition_id, cites_id from publishing_editioncitation where edition_id = any(%s)
                union
                select closure.root, c.cites_id
                from publishing_editioncitation c join closure on c.edition_id = closure.id
            )
            select root, id from closure
            """,
            [list(keys)],
        )
        for root, key in cursor.fetchall():
            found.setdefault(root, set()).add(key)
    return found


class Composer:
    """Gathers lessons, findings and sources, each once, while the records are written one after the other."""

    def __init__(self, made: Brief) -> None:
        self.made = made
        self.resolver = Resolver([], {})
        self.numbers: dict[tuple[str, str], int] = {}
        self.lessons: dict[str, Shown] = {}
        self.findings: dict[str, Shown] = {}

    def add(self, edition: Edition, pinned: Sequence[Edition], current: Edition | None) -> None:
        """Write one record. The evidence under it waits for `close`."""
        kind = KINDS[edition.kind]
        item = Item(
            pick=str(Pick.of(edition)),
            kind=kind.label,
            code=edition.code,
            number=edition.number,
            title=edition.title,
            published=english(edition.published_at.date()),
            page=f"/{kind.address}/{edition.slug}/v{edition.number}/",
        )
        if edition.withdrawn_at:
            withdrawn = f"Withdrawn on {english(edition.withdrawn_at.date())}: {edition.withdrawal_reason}"
            self.made.items.append(replace(item, withdrawn=withdrawn))
            return
        if current and current.number != edition.number:
            item = replace(
                item,
                newer=f"Edition {current.number} was published on {english(current.published_at.date())}.",
                compare=f"/{kind.address}/{edition.slug}/compare/{edition.number}..{current.number}/",
            )
        if edition.evidence_changed_at:
            item = replace(
                item,
                changed=f"Evidence has changed since: something this rests on was replaced or withdrawn on "
                f"{english(edition.evidence_changed_at.date())}, and this text has not been reviewed in that light.",
            )
        self.resolver = Resolver(pinned, {})
        record: Shown = self.resolver(edition.content)
        record["number"] = edition.number
        write = getattr(self, edition.kind.replace("-", "_"))
        self.made.items.append(replace(item, **write(record)))

    def recommendation(self, record: Shown) -> dict[str, Any]:
        return {
            "what": record["statement"],
            "facts": facts(
                ("Who", record["owner"]),
                ("By when", (record["timescale"] or {}).get("label", "")),
                ("How sure", f"{label(record['strength'], 'Strength')}; "
                             f"{label(record['confidence']).lower()} confidence in the evidence"),
            ),
            "parts": self.parts(
                ("Why", record["rationale"]),
                ("What speaks against it", record["counter_evidence"]),
                ("Risk if it is done", record["risks"]),
                ("What has to be in place", record["conditions"]),
                ("What it takes", record["resources"]),
                ("How we would know that it worked", record["measures"]),
            ),
            "rests_on": tuple(self.lesson_named(each) for each in record["lessons"] or ()),
        }  # fmt: skip

    def lesson(self, record: Shown) -> dict[str, Any]:
        transfer = record["transfer"] or Shown()
        evidence = record["evidence"] or ()
        against = [f"{each['finding']}: {each['note'] or each['record']['statement']}" for each in evidence
                   if each["relation"] == "contradicts"]  # fmt: skip
        return {
            "what": record["statement"],
            "facts": facts(("How sure", self.confidence(record))),
            "parts": self.parts(
                ("Why", record["explanation"]),
                ("What speaks against it", against or [NONE_AGAINST]),
                ("What is alike in the NHS", transfer["alike"]),
                ("What differs in the NHS", transfer["differs"]),
                ("What would change our view", transfer["would_change_our_view"]),
            ),
            "rests_on": (self.lesson_named(record),),
        }

    def finding(self, record: Shown) -> dict[str, Any]:
        part_of = (record["derived"] or {}).get("part_of", {})
        return {
            "what": record["statement"],
            "facts": facts(
                ("From", part_of.get("title", "")),
                ("Phase", label(record["phase"])),
                ("How sure", self.confidence(record)),
            ),
            "parts": self.parts(("Why", record["explanation"]), ("For the NHS", record["relevance_to_nhs"])),
            "rests_on": (self.finding_named(record),),
        }

    def case_study(self, record: Shown) -> dict[str, Any]:
        period = record["period"] or Shown()
        sources = record["text_sources"] or Shown()
        ended = f" to {dated(period['end'])}" if period["end"] else " onwards"
        return {
            "what": record["title"],
            "facts": facts(
                ("Sector", label(record["sector"])),
                ("Period", f"{dated(period['start'])}{ended}" if period["start"] else ""),
                ("What failed", ", ".join(label(code) for code in record["failure_types"])),
            ),
            "parts": self.parts(
                ("What happened", self.sourced(record["summary"], sources["summary"])),
                ("Outcome", self.sourced((record["phases"] or Shown())["outcome"], sources["outcome"])),
                (
                    "Why this case was chosen",
                    self.sourced(record["selection_rationale"], sources["selection_rationale"]),
                ),
            ),
            "rests_on": tuple(self.finding_named(each) for each in record["findings"] or ()),
        }

    def literature_review(self, record: Shown) -> dict[str, Any]:
        included = (record["derived"] or {}).get("prisma", {}).get("studies_included")
        return {
            "what": record["title"],
            "facts": facts(
                ("Type", label(record["review_type"])),
                ("Sector", label(record["sector"])),
                ("Studies included", "" if included is None else str(included)),
            ),
            "parts": self.parts(("Question", record["question"]), ("What it shows", record["synthesis"])),
            "rests_on": tuple(self.finding_named(each) for each in record["findings"] or ()),
        }

    def parts(self, *written: tuple[str, Any]) -> tuple[Part, ...]:
        """Headings with their paragraphs; headings without text are left out."""
        found = []
        for heading, text in written:
            texts = text if isinstance(text, list) else paragraphs(self.cited(str(text)))
            if texts:
                found.append(Part(heading, tuple(texts)))
        return tuple(found)

    def cited(self, text: str) -> str:
        """`text` with the references named in it as numbers of the list of sources."""
        return INLINE.sub(lambda match: self.bracket(match[1]), text)

    def bracket(self, key: str) -> str:
        reference = self.resolver.references.get(key)
        return f"\\[{self.number_of(reference)}\\]" if reference else ""

    def sourced(self, text: str, sources: Sequence[Shown]) -> str:
        """`text` with the numbers of its sources after its last word."""
        numbers = dict.fromkeys(self.number_of(each["reference"]) for each in sources or ())
        return f"{text} \\[{', '.join(map(str, numbers))}\\]" if text and numbers else text

    def number_of(self, reference: Shown) -> int:
        """The number of a source, given at its first use."""
        key = (str(reference["slug"]), str(reference["edition"]))
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers) + 1
            text = reference["text"] or {"lead": reference["short"], "title": "", "rest": ""}
            page = f"/references/{reference['slug']}/"
            self.made.sources.append(
                Source(
                    number=self.numbers[key],
                    lead=text["lead"],
                    title=text["title"],
                    rest=text["rest"],
                    edition=str(reference["edition"]),
                    page=f"{page}v{reference['edition']}/" if reference["edition"] else page,
                    link=link_of(reference) or f"{self.made.site}{page}",
                )
            )
        return self.numbers[key]

    def confidence(self, record: Shown) -> str:
        """The agreed confidence in words; nothing where none was recorded."""
        overall = (record["cerqual"] or {}).get("overall") or {}
        return f"{label(overall['level'])} confidence (GRADE-CERQual)" if overall.get("level") else ""

    def lesson_named(self, record: Shown) -> tuple[str, str]:
        """The code and the anchor of a lesson, which is kept for the evidence."""
        anchor = f"lesson-{record['slug']}-{record['number'] or 'gone'}"
        if anchor not in self.lessons:
            self.lessons[anchor] = record
            bearings = []
            for each in record["evidence"] or ():
                found = each["record"]
                code, to = self.finding_named(found)
                bearings.append(Bearing(label(each["relation"]), code, to, found["statement"], each["note"]))
            self.made.lessons.append(
                Lesson(
                    anchor=anchor,
                    code=record["code"],
                    edition=str(record["number"]),
                    title=record["title"],
                    statement=record["statement"],
                    facts=self.confidence(record),
                    page=f"/lessons/{record['slug']}/" + (f"v{record['number']}/" if record["number"] else ""),
                    evidence=tuple(bearings),
                )
            )
        return record["code"], anchor

    def finding_named(self, record: Shown) -> tuple[str, str]:
        """The code and the anchor of a finding, which is kept for the evidence."""
        anchor = f"finding-{record['slug']}-{record['number'] or 'gone'}"
        self.findings.setdefault(anchor, record)
        return record["code"], anchor

    def close(self) -> None:
        """Write the findings, in the order of their codes, and number their sources."""
        for anchor, record in sorted(self.findings.items(), key=lambda pair: natural(pair[1]["code"])):
            part_of = (record["derived"] or {}).get("part_of", {})
            self.made.findings.append(
                Finding(
                    anchor=anchor,
                    code=record["code"],
                    edition=str(record["number"]),
                    statement=record["statement"],
                    facts=". ".join(
                        filter(None, [part_of.get("title", ""), label(record["phase"]), self.confidence(record)])
                    ),
                    page=f"/findings/{record['slug']}/" + (f"v{record['number']}/" if record["number"] else ""),
                    citations=tuple(
                        Citation(
                            self.number_of(each["reference"]),
                            each["reference"]["short"],
                            each["locator"] or "no page given",
                            each["quotation"],
                        )
                        for each in record["sources"] or ()
                    ),
                )
            )


def facts(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The pairs that have a value."""
    return tuple((name, value) for name, value in pairs if value)


def english(day: dt.date) -> str:
    """Such as “5 May 2026”."""
    return f"{day.day} {day:%B %Y}"


def dated(text: str) -> str:
    """An EDTF date in English, or the text as it is."""
    try:
        return parse(text).english
    except NotEdtf:
        return text


def lines_of(note: str) -> list[str]:
    """A note's lines, without empty ones."""
    return [stripped for each in note.split("\n") if (stripped := each.strip())]


def link_of(reference: Shown) -> str:
    """The address of the source itself: its DOI or its own."""
    if reference["DOI"]:
        return f"https://doi.org/{reference['DOI']}"
    address = str(reference["URL"])
    return address if address.startswith(("https://", "http://")) else ""


def paragraphs(text: str) -> list[str]:
    """Markdown as plain paragraphs: marks of emphasis go, an entry of a list keeps its bullet."""
    found = []
    listed = 0
    for token in MARKDOWN.parse(text):
        if token.type == "list_item_open":
            listed += 1
        elif token.type == "list_item_close":
            listed -= 1
        elif token.type in ("inline", "fence", "code_block"):
            children: Iterable[Any] = token.children or [token]
            plain = "".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in children).strip()
            if plain:
                found.append(f"• {plain}" if listed else plain)
    return found
