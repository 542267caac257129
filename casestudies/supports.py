"""What each source of a case study supports: the parts of the document that cite it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from casestudies.sections import CaseSection
from failure_lessons.bibliography.inline import inline_keys
from failure_lessons.publishing.statements import PublicStatement
from failure_lessons.types import Document, JSONArray, JSONValue

SECTIONS = {str(code): str(label) for code, label in CaseSection.choices}


class Support(NamedTuple):
    """One part of a case that cites a source: what kind of part, what it is called, its anchor on the page."""

    part: str
    name: str
    anchor: str


def list_statements(record: Document) -> Iterator[PublicStatement]:
    """Every statement of a case-study document with what it cites, for the meter of traceability."""
    texts = {**(record.get("phases") or {}), **{name: record.get(name) for name in SECTIONS if record.get(name)}}
    listed = record.get("text_sources") or {}
    for name, text in texts.items():
        yield PublicStatement("narrative", listed.get(name) or [], bool(inline_keys(text)))
    for part, sort in (("events", "event"), ("interventions", "intervention"), ("actors", "part-played")):
        for item in record.get(part) or []:
            yield PublicStatement(sort, item.get("sources") or [], bool(inline_keys(item.get("description") or "")))
    for item in record.get("indicators") or []:
        points = item.get("values") or []
        sources = [*(item.get("sources") or []), *(each for point in points for each in point.get("sources") or [])]
        yield PublicStatement("indicator", sources, bool(inline_keys(points)))
    for quote in record.get("quotes") or []:
        yield PublicStatement("quotation", [{**quote, "quotation": quote["text"]}])


class NarrativeSection(NamedTuple):
    """One part of the narrative: its anchor, title, text, listed sources, and what it comes to in one sentence."""

    anchor: str
    title: str
    text: str
    sources: JSONArray
    in_short: str


def list_narrative_sections(record: Document) -> list[NarrativeSection]:
    """The parts of a case's narrative that have a text, in the order of reading; the summary left out."""
    texts = {**(record.get("phases") or {}), "context": record.get("context") or ""}
    texts["selection_rationale"] = record.get("selection_rationale") or ""
    listed, in_short = record.get("text_sources") or {}, record.get("in_short") or {}
    return [
        NarrativeSection(name.replace("_", "-"), title, texts[name], listed.get(name) or [], in_short.get(name) or "")
        for name, title in SECTIONS.items()
        if texts.get(name)
    ]


def cited_keys(sources: Iterable[Document] | None, *texts: JSONValue) -> set[str]:
    """The references that a part lists or names in its text."""
    return {item["ref"] for item in sources or []} | inline_keys(list(texts))


def citing_parts(record: Document) -> Iterator[tuple[set[str], Support]]:
    """Each part of a resolved case-study document with the references it cites, in the order of the page."""
    texts = {**(record.get("phases") or {}), **{name: record.get(name) or "" for name in SECTIONS if name in record}}
    listed = record.get("text_sources") or {}
    for name, label in SECTIONS.items():
        yield cited_keys(listed.get(name), texts.get(name) or ""), Support("Text", label, name.replace("_", "-"))
    for event in record.get("events") or []:
        yield (
            cited_keys(event.get("sources"), event.get("description") or ""),
            Support("Event", event["title"], "timeline"),
        )
    for actor in record.get("actors") or []:
        yield cited_keys(actor.get("sources")), Support("Part played", actor["name"], "actors")
    for number, item in enumerate(record.get("interventions") or [], start=1):
        support = Support("Intervention", item["title"], f"intervention-{number}")
        yield cited_keys(item.get("sources"), item.get("description") or ""), support
    for number, item in enumerate(record.get("indicators") or [], start=1):
        points = item.get("values") or []
        notes = [point.get("note") or "" for point in points]
        sources = [*(item.get("sources") or []), *(each for point in points for each in point.get("sources") or [])]
        yield cited_keys(sources, notes), Support("Indicator", item["name"], f"indicator-{number}")
    for finding in record.get("findings") or []:
        if isinstance(finding, Mapping) and finding.get("sources"):
            found = cited_keys(finding["sources"], finding.get("explanation") or "")
            yield found, Support("Finding", finding["code"], f"finding-{finding['code'].lower()}")
    for quote in record.get("quotes") or []:
        yield {quote["ref"]}, Support("Quotation", quote.get("speaker_role") or "a quotation", "quotes")


def by_reference(record: Document) -> dict[str, list[Support]]:
    """What each reference supports, by its key; each part once."""
    found: dict[str, list[Support]] = {}
    for references, support in citing_parts(record):
        for key in references:
            supports = found.setdefault(key, [])
            if support not in supports:
                supports.append(support)
    return found
