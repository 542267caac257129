"""From editions to the parts of a brief: each kind in its own words, and lessons, findings and sources each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from failure_lessons.bibliography.inline import INLINE
from failure_lessons.charts.flow import tell_included
from failure_lessons.library.resolve import ResolvedObject, Resolver
from failure_lessons.pages.brief.parts import (
    Brief,
    BriefBearing,
    BriefFinding,
    BriefFront,
    BriefItem,
    BriefLesson,
    BriefPart,
    Citation,
    Source,
    format_day,
)
from failure_lessons.pages.brief.selection import Pick
from failure_lessons.pages.brief.wording import (
    CARRIES_OVER,
    FOR_SERVICE,
    date_in_english,
    departures,
    filled_facts,
    link_of,
    numbered,
    plain_paragraphs,
    reasons_by_component,
    related,
    transfer_pairs,
)
from failure_lessons.pages.templatetags.evidence import document_label, label
from failure_lessons.publishing.addresses import add_prefix, compare_path, edition_path, record_path
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.renditions import natural_sort_key
from failure_lessons.types import JSONValue

NONE_AGAINST = "No finding here contradicts it. That does not mean that there are none."

WHAT_BECAME = "What became of it"


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

    def add(
        self, edition: Edition, pinned: Sequence[Edition], current: Edition | None, became: Sequence[str] = ()
    ) -> None:
        """Write one record, and what became of it. The evidence under it waits for `close`."""
        kind = KINDS[edition.kind]
        item = BriefItem(
            pick=str(Pick.of(edition)),
            kind=kind.label,
            code=edition.code,
            number=edition.number,
            title=edition.public_title,
            published=format_day(edition.published_at.date()),
            page=add_prefix(edition_path(edition.kind, edition.slug, edition.number)),
        )
        if edition.withdrawn_at:
            withdrawn = f"Withdrawn on {format_day(edition.withdrawn_at.date())}: {edition.withdrawal_reason}"
            self.made.items.append(replace(item, withdrawn=withdrawn))
            return
        if current and current.number != edition.number:
            item = replace(
                item,
                newer=f"Edition {current.number} was published on {format_day(current.published_at.date())}.",
                compare=add_prefix(compare_path(edition.kind, edition.slug, edition.number, current.number)),
            )
        if edition.evidence_changed_at:
            item = replace(
                item,
                changed=f"Evidence has changed since: something this rests on was replaced or withdrawn on "
                f"{format_day(edition.evidence_changed_at.date())}, and this text has not been "
                f"reviewed in that light.",
            )
        self.resolver = Resolver(pinned, {})
        record: ResolvedObject = self.resolver(edition.content)
        record["number"] = edition.number
        write = getattr(self, edition.kind.replace("-", "_"))
        item = replace(item, **write(record))
        if became:
            item = replace(
                item,
                front=replace(item.front, more=(*item.front.more, (WHAT_BECAME, " ".join(became)))),
                parts=(*item.parts, BriefPart(WHAT_BECAME, tuple(became))),
            )
        self.made.items.append(item)

    def recommendation(self, record: ResolvedObject) -> dict[str, object]:
        short = record["short_form"] or ResolvedObject()
        strength = label(record["strength"], "Strength")
        if record["wording"]:
            strength = f"{strength} (“{label(record['wording'], 'Wording').lower()}”)"
        sureness = f"{label(record['confidence'], 'ConfidenceLevel')} confidence in the evidence"
        facts = filled_facts(
            ("Who", record["owner"]),
            ("By when", (record["timescale"] or {}).get("label", "")),
            ("Strength", strength),
            ("Cost", label(record["cost"], "CostLevel") if record["cost"] else ""),
        )
        return {
            "what": record["statement"],
            "short": bool(short["action"] and short["sureness"] and short["against"]),
            "front": BriefFront(
                question=short["question"],
                action=short["action"] or record["statement"],
                facts=facts,
                points=filled_facts(
                    ("How sure, and why", short["sureness"] or sureness),
                    ("What speaks against it", short["against"] or self.in_one_text(record["counter_evidence"])),
                ),
                steps=tuple(short["steps"] or record["actions"] or ()),
                more=filled_facts(
                    ("Why", self.in_one_text(record["rationale"])),
                    ("Risk if it is done", record["risks"]),
                    ("Who could be worse off", record["worse_off"]),
                    ("What it takes", record["resources"]),
                    ("How we would know that it worked", " ".join(record["measures"] or ())),
                ),
            ),
            "facts": (*facts, ("How sure", sureness)),
            "parts": self.parts(
                ("Why", record["rationale"]),
                ("Steps", numbered(record["actions"] or ())),
                ("How sure, and why", self.reasons_of_lessons(record)),
                ("What speaks against it", record["counter_evidence"]),
                ("Risk if it is done", record["risks"]),
                ("Who could be worse off", record["worse_off"]),
                *(() if self.made.depth and len(self.made.selection.picks) > 1 else self.practice_of(record)),
                *(() if self.made.depth else self.rest_of(record)),
            ),
            "rests_on": tuple(self.lesson_named(each) for each in record["lessons"] or ()),
        }

    def practice_of(self, record: ResolvedObject) -> tuple[tuple[str, JSONValue], ...]:
        """What three pages have room for where they hold one recommendation alone."""
        return (
            ("Why this strength", record["strength_reason"]),
            ("What has to be in place", record["conditions"]),
            ("What it takes", record["resources"]),
            ("How we would know that it worked", record["measures"]),
            (CARRIES_OVER, self.transfer_of_lessons(record)),
        )

    def rest_of(self, record: ResolvedObject) -> tuple[tuple[str, JSONValue], ...]:
        """What the whole brief alone says of a recommendation."""
        return (
            ("In plain words", record["plain_summary"]),
            ("What exists already, and what this adds", self.policy_of(record)),
            ("Whom and what it is about", self.scope_of(record)),
            ("Other recommendations", related(record)),
            ("Where it departs from good practice", departures(record)),
        )

    def policy_of(self, record: ResolvedObject) -> list[str]:
        """What stands around a recommendation, as of which day, with its sources."""
        context = record["policy_context"] or ResolvedObject()
        pairs = filled_facts(
            ("As of", date_in_english(context["as_of"])),
            ("Exists already", context["exists_already"]),
            ("What this adds", context["what_this_adds"]),
            ("Who holds the power", context["who_holds_the_power"]),
            ("What may change", context["what_may_change"]),
            ("To be looked at again by", date_in_english(context["review_by"])),
        )
        found = [f"{name}: {text}" for name, text in pairs]
        for each in () if self.made.depth else context["citations"] or ():
            quoted = f": “{each['quotation']}”" if each["quotation"] else ""
            place = each["locator"] or "no page given"
            found.append(f"[{self.number_of(each['reference'])}] {each['reference']['short']}, {place}{quoted}")
        return found

    def reasons_of_lessons(self, record: ResolvedObject) -> list[str]:
        """Why we are as sure as we are, for each lesson that a recommendation rests on."""
        found = []
        for lesson in record["lessons"] or ():
            overall = (lesson["cerqual"] or {}).get("overall") or {}
            if overall.get("reason"):
                level = label(overall["level"], "ConfidenceLevel").lower()
                found.append(f"{lesson['code']}, {level} confidence. {overall['reason']}")
        return found

    def transfer_of_lessons(self, record: ResolvedObject) -> list[str]:
        """What is alike in the NHS, what differs, and what would change our view, for each lesson."""
        found = []
        for lesson in record["lessons"] or ():
            told = [f"{heading}: {text}" for heading, text in transfer_pairs(lesson)]
            found += [f"{lesson['code']}. {text}" for text in told]
        return found

    def scope_of(self, record: ResolvedObject) -> list[str]:
        """Whom it addresses, at which level, in which phase, against what, of which type."""
        failing = ", ".join(document_label(record, "failure-type", code) for code in record["failure_types"] or ())
        pairs = filled_facts(
            ("For", ", ".join(label(code, "Audience") for code in record["audiences"] or ())),
            ("Level", label(record["level"], "Level")),
            ("Phase", label(record["phase"], "Phase")),
            ("What is failing", failing),
            ("Type of action", label(record["action_kind"], "RecommendationKind")),
        )
        return [". ".join(f"{name}: {value}" for name, value in pairs) + "."]

    def in_one_text(self, text: str) -> str:
        """Prose as one plain text."""
        return " ".join(plain_paragraphs(self.number_citations(text or "")))

    def situation(self, record: ResolvedObject) -> dict[str, object]:
        sureness = f"{label(record['confidence'], 'ConfidenceLevel')} confidence in the answer"
        answer, reason, against = map(
            self.in_one_text, (record["answer"], record["confidence_reason"], record["counter_evidence"])
        )
        steps = [self.in_one_text(step) for step in record["steps"] or ()]
        points = (("How sure, and why", f"{sureness}. {reason}"), ("What speaks against it", against))
        recommended = [f"{each['code']}: {each['statement']}" for each in record["recommendations"] or ()]
        return {
            "what": answer,
            "front": BriefFront(record["question"], answer, points=filled_facts(*points), steps=tuple(steps)),
            "facts": filled_facts(("How sure", sureness)),
            "parts": self.parts(
                ("What to do on Monday", numbered(steps)),
                *points,
                ("Recommendations that it rests on", recommended),
            ),
            "rests_on": tuple(self.lesson_named(each) for each in record["lessons"] or ()),
        }

    def lesson(self, record: ResolvedObject) -> dict[str, object]:
        evidence = record["evidence"] or ()
        against = [
            f"{each['finding']}: {each['note'] or each['record']['statement']}"
            for each in evidence
            if each["relation"] == "contradicts"
        ]
        overall = (record["cerqual"] or {}).get("overall") or {}
        return {
            "what": record["statement"],
            "front": BriefFront(
                question="",
                action=record["statement"],
                facts=filled_facts(("Phase", label(record["phase"], "Phase"))),
                points=filled_facts(
                    (
                        "How sure, and why",
                        " ".join(filter(None, [self.confidence(record) + ".", overall.get("reason")])),
                    ),
                    ("What speaks against it", " ".join(against) or NONE_AGAINST),
                ),
            ),
            "facts": filled_facts(("How sure", self.confidence(record))),
            "parts": self.parts(
                ("Why", record["explanation"]),
                ("How sure, and why", reasons_by_component(record)),
                ("What speaks against it", against or [NONE_AGAINST]),
                *transfer_pairs(record),
            ),
            "rests_on": (self.lesson_named(record),),
        }

    def finding(self, record: ResolvedObject) -> dict[str, object]:
        part_of = (record["derived"] or {}).get("part_of", {})
        facts = filled_facts(
            ("From", part_of.get("title", "")),
            ("Phase", label(record["phase"])),
            ("How sure", self.confidence(record)),
        )
        return {
            "what": record["statement"],
            "front": BriefFront("", record["statement"], facts),
            "facts": facts,
            "parts": self.parts(("Why", record["explanation"]), (FOR_SERVICE, record["relevance_to_nhs"])),
            "rests_on": (self.finding_named(record),),
        }

    def case_study(self, record: ResolvedObject) -> dict[str, object]:
        period = record["period"] or ResolvedObject()
        sources = record["text_sources"] or ResolvedObject()
        ended = f" to {date_in_english(period['end'])}" if period["end"] else " onwards"
        facts = filled_facts(
            ("Sector", label(record["sector"])),
            ("Period", f"{date_in_english(period['start'])}{ended}" if period["start"] else ""),
            (
                "What failed",
                ", ".join(document_label(record, "failure-type", code) for code in record["failure_types"]),
            ),
        )
        return {
            "what": record["title"],
            "front": BriefFront(
                "", record["title"], facts, filled_facts(("What happened", self.in_one_text(record["summary"])))
            ),
            "facts": facts,
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
        facts = filled_facts(
            ("Type", label(record["review_type"])),
            ("Sector", label(record["sector"])),
            ("Studies included", tell_included((record["derived"] or {}).get("prisma", {}))),
        )
        return {
            "what": record["title"],
            "front": BriefFront(self.in_one_text(record["question"]), record["title"], facts),
            "facts": facts,
            "parts": self.parts(("Question", record["question"]), ("What it shows", record["synthesis"])),
            "rests_on": tuple(self.finding_named(each) for each in record["findings"] or ()),
        }

    def parts(self, *written: tuple[str, JSONValue]) -> tuple[BriefPart, ...]:
        """Headings with their paragraphs; headings without text are left out."""
        found = []
        for heading, text in written:
            if isinstance(text, list):
                texts = [self.number_citations(each).replace("\\[", "[").replace("\\]", "]") for each in text]
            else:
                texts = plain_paragraphs(self.number_citations(str(text)))
            if texts:
                found.append(BriefPart(heading, tuple(texts)))
        return tuple(found)

    def number_citations(self, text: str) -> str:
        """`text` with the references named in it as numbers of the list of sources."""
        return INLINE.sub(lambda match: self.bracketed_number(match[1]), text)

    def bracketed_number(self, key: str) -> str:
        """A reference by its number, or by author and year where the list of sources is left out."""
        reference = self.resolver.references.get(key)
        if reference and self.made.depth:
            return f"({reference['short']})"
        return f"\\[{self.number_of(reference)}\\]" if reference else ""

    def append_source_numbers(self, text: str, sources: Sequence[ResolvedObject]) -> str:
        """`text` with the numbers of its sources after its last word."""
        if self.made.depth:
            return text
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
                    parts=self.parts(("How sure, and why", reasons_by_component(record)), *transfer_pairs(record)),
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
