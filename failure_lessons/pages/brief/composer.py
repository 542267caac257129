"""From editions to the parts of a brief: each kind in its own words, and lessons, findings and sources each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from failure_lessons.bibliography.inline import INLINE
from failure_lessons.dates import NotEdtf, parse_edtf
from failure_lessons.library.resolve import ResolvedObject, Resolver
from failure_lessons.pages.brief.parts import (
    Brief,
    BriefBearing,
    BriefFinding,
    BriefItem,
    BriefLesson,
    BriefPart,
    Citation,
    Source,
    english_day,
)
from failure_lessons.pages.brief.selection import Pick
from failure_lessons.pages.templatetags.evidence import document_label, label
from failure_lessons.publishing.addresses import add_prefix, compare_path, edition_path, record_path
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.renditions import natural_sort_key
from failure_lessons.types import JSONValue
from failure_lessons.validators.addresses import link_target

NONE_AGAINST = "No finding here contradicts it. That does not mean that there are none."
PLAIN_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def page_of(kind: str, slug: str, number: int | Literal[""] = "") -> str:
    """The page of an edition that stands in a resolved document; of the record, where no number is known."""
    return add_prefix(edition_path(kind, slug, number) if number else record_path(kind, slug))


class Composer:
    """Gathers lessons, findings and sources, each once, while the records are written one after the other."""

    def __init__(self, made: Brief) -> None:
        self.made = made
        self.resolver = Resolver([], {})
        self.numbers: dict[tuple[str, str], int] = {}
        self.lessons: dict[str, ResolvedObject] = {}
        self.findings: dict[str, ResolvedObject] = {}

    def add(self, edition: Edition, pinned: Sequence[Edition], current: Edition | None) -> None:
        """Write one record. The evidence under it waits for `close`."""
        kind = KINDS[edition.kind]
        item = BriefItem(
            pick=str(Pick.of(edition)),
            kind=kind.label,
            code=edition.code,
            number=edition.number,
            title=edition.public_title,
            published=english_day(edition.published_at.date()),
            page=add_prefix(edition_path(edition.kind, edition.slug, edition.number)),
        )
        if edition.withdrawn_at:
            withdrawn = f"Withdrawn on {english_day(edition.withdrawn_at.date())}: {edition.withdrawal_reason}"
            self.made.items.append(replace(item, withdrawn=withdrawn))
            return
        if current and current.number != edition.number:
            item = replace(
                item,
                newer=f"Edition {current.number} was published on {english_day(current.published_at.date())}.",
                compare=add_prefix(compare_path(edition.kind, edition.slug, edition.number, current.number)),
            )
        if edition.evidence_changed_at:
            item = replace(
                item,
                changed=f"Evidence has changed since: something this rests on was replaced or withdrawn on "
                f"{english_day(edition.evidence_changed_at.date())}, and this text has not been "
                f"reviewed in that light.",
            )
        self.resolver = Resolver(pinned, {})
        record: ResolvedObject = self.resolver(edition.content)
        record["number"] = edition.number
        write = getattr(self, edition.kind.replace("-", "_"))
        self.made.items.append(replace(item, **write(record)))

    def recommendation(self, record: ResolvedObject) -> dict[str, object]:
        return {
            "what": record["statement"],
            "facts": filled_facts(
                ("Who", record["owner"]),
                ("By when", (record["timescale"] or {}).get("label", "")),
                (
                    "How sure",
                    f"{label(record['strength'], 'Strength')}; "
                    f"{label(record['confidence']).lower()} confidence in the evidence",
                ),
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
        }

    def lesson(self, record: ResolvedObject) -> dict[str, object]:
        transfer = record["transfer"] or ResolvedObject()
        evidence = record["evidence"] or ()
        against = [
            f"{each['finding']}: {each['note'] or each['record']['statement']}"
            for each in evidence
            if each["relation"] == "contradicts"
        ]
        return {
            "what": record["statement"],
            "facts": filled_facts(("How sure", self.confidence(record))),
            "parts": self.parts(
                ("Why", record["explanation"]),
                ("What speaks against it", against or [NONE_AGAINST]),
                ("What is alike in the NHS", transfer["alike"]),
                ("What differs in the NHS", transfer["differs"]),
                ("What would change our view", transfer["would_change_our_view"]),
            ),
            "rests_on": (self.lesson_named(record),),
        }

    def finding(self, record: ResolvedObject) -> dict[str, object]:
        part_of = (record["derived"] or {}).get("part_of", {})
        return {
            "what": record["statement"],
            "facts": filled_facts(
                ("From", part_of.get("title", "")),
                ("Phase", label(record["phase"])),
                ("How sure", self.confidence(record)),
            ),
            "parts": self.parts(("Why", record["explanation"]), ("For the NHS", record["relevance_to_nhs"])),
            "rests_on": (self.finding_named(record),),
        }

    def case_study(self, record: ResolvedObject) -> dict[str, object]:
        period = record["period"] or ResolvedObject()
        sources = record["text_sources"] or ResolvedObject()
        ended = f" to {date_in_english(period['end'])}" if period["end"] else " onwards"
        return {
            "what": record["title"],
            "facts": filled_facts(
                ("Sector", label(record["sector"])),
                ("Period", f"{date_in_english(period['start'])}{ended}" if period["start"] else ""),
                (
                    "What failed",
                    ", ".join(document_label(record, "failure-type", code) for code in record["failure_types"]),
                ),
            ),
            "parts": self.parts(
                ("What happened", self.append_source_numbers(record["summary"], sources["summary"])),
                (
                    "Outcome",
                    self.append_source_numbers((record["phases"] or ResolvedObject())["outcome"], sources["outcome"]),
                ),
                (
                    "Why this case was chosen",
                    self.append_source_numbers(record["selection_rationale"], sources["selection_rationale"]),
                ),
            ),
            "rests_on": tuple(self.finding_named(each) for each in record["findings"] or ()),
        }

    def literature_review(self, record: ResolvedObject) -> dict[str, object]:
        included = (record["derived"] or {}).get("prisma", {}).get("studies_included")
        return {
            "what": record["title"],
            "facts": filled_facts(
                ("Type", label(record["review_type"])),
                ("Sector", label(record["sector"])),
                ("Studies included", "" if included is None else str(included)),
            ),
            "parts": self.parts(("Question", record["question"]), ("What it shows", record["synthesis"])),
            "rests_on": tuple(self.finding_named(each) for each in record["findings"] or ()),
        }

    def parts(self, *written: tuple[str, JSONValue]) -> tuple[BriefPart, ...]:
        """Headings with their paragraphs; headings without text are left out."""
        found = []
        for heading, text in written:
            texts = text if isinstance(text, list) else plain_paragraphs(self.number_citations(str(text)))
            if texts:
                found.append(BriefPart(heading, tuple(texts)))
        return tuple(found)

    def number_citations(self, text: str) -> str:
        """`text` with the references named in it as numbers of the list of sources."""
        return INLINE.sub(lambda match: self.bracketed_number(match[1]), text)

    def bracketed_number(self, key: str) -> str:
        reference = self.resolver.references.get(key)
        return f"\\[{self.number_of(reference)}\\]" if reference else ""

    def append_source_numbers(self, text: str, sources: Sequence[ResolvedObject]) -> str:
        """`text` with the numbers of its sources after its last word."""
        numbers = dict.fromkeys(self.number_of(each["reference"]) for each in sources or ())
        return f"{text} \\[{', '.join(map(str, numbers))}\\]" if text and numbers else text

    def number_of(self, reference: ResolvedObject) -> int:
        """The number of a source, given at its first use."""
        key = (str(reference["slug"]), str(reference["edition"]))
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers) + 1
            text = reference["text"] or {"lead": reference["short"], "title": "", "rest": ""}
            self.made.sources.append(
                Source(
                    number=self.numbers[key],
                    lead=text["lead"],
                    title=text["title"],
                    rest=text["rest"],
                    edition=str(reference["edition"]),
                    page=page_of("reference", reference["slug"], reference["edition"]),
                    link=link_of(reference) or self.made.site + page_of("reference", reference["slug"]),
                )
            )
        return self.numbers[key]

    def confidence(self, record: ResolvedObject) -> str:
        """The agreed confidence in words; nothing where none was recorded."""
        overall = (record["cerqual"] or {}).get("overall") or {}
        return f"{label(overall['level'])} confidence (GRADE-CERQual)" if overall.get("level") else ""

    def lesson_named(self, record: ResolvedObject) -> tuple[str, str]:
        """The code and the anchor of a lesson, which is kept for the evidence."""
        anchor = f"lesson-{record['slug']}-{record['number'] or 'gone'}"
        if anchor not in self.lessons:
            self.lessons[anchor] = record
            bearings = []
            for each in record["evidence"] or ():
                found = each["record"]
                code, to = self.finding_named(found)
                bearings.append(BriefBearing(label(each["relation"]), code, to, found["statement"], each["note"]))
            self.made.lessons.append(
                BriefLesson(
                    anchor=anchor,
                    code=record["code"],
                    edition=str(record["number"]),
                    title=record["title"],
                    statement=record["statement"],
                    facts=self.confidence(record),
                    page=page_of("lesson", record["slug"], record["number"]),
                    evidence=tuple(bearings),
                )
            )
        return record["code"], anchor

    def finding_named(self, record: ResolvedObject) -> tuple[str, str]:
        """The code and the anchor of a finding, which is kept for the evidence."""
        anchor = f"finding-{record['slug']}-{record['number'] or 'gone'}"
        self.findings.setdefault(anchor, record)
        return record["code"], anchor

    def close(self) -> None:
        """Write the findings, in the order of their codes, and number their sources."""
        for anchor, record in sorted(self.findings.items(), key=lambda pair: natural_sort_key(pair[1]["code"])):
            part_of = (record["derived"] or {}).get("part_of", {})
            self.made.findings.append(
                BriefFinding(
                    anchor=anchor,
                    code=record["code"],
                    edition=str(record["number"]),
                    statement=record["statement"],
                    facts=". ".join(
                        filter(None, [part_of.get("title", ""), label(record["phase"]), self.confidence(record)])
                    ),
                    page=page_of("finding", record["slug"], record["number"]),
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


def filled_facts(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The pairs that have a value."""
    return tuple((name, value) for name, value in pairs if value)


def date_in_english(text: str) -> str:
    """An EDTF date in English, or the text as it is."""
    try:
        return parse_edtf(text).english
    except NotEdtf:
        return text


def link_of(reference: ResolvedObject) -> str:
    """The address of the source itself: its DOI or its own."""
    if reference["DOI"]:
        return f"https://doi.org/{reference['DOI']}"
    return link_target(reference["URL"])


def plain_paragraphs(text: str) -> list[str]:
    """Markdown as plain paragraphs: marks of emphasis go, an entry of a list keeps its bullet."""
    found = []
    listed = 0
    for token in PLAIN_MARKDOWN.parse(text):
        if token.type == "list_item_open":
            listed += 1
        elif token.type == "list_item_close":
            listed -= 1
        elif token.type in ("inline", "fence", "code_block"):
            children: Iterable[Token] = token.children or [token]
            plain = "".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in children).strip()
            if plain:
                found.append(f"• {plain}" if listed else plain)
    return found
