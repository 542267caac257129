"""Does every statement of what is published reach its source? Read from editions alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from failure_lessons.packages.validation import LONGEST_QUOTATION
from failure_lessons.publishing.models import Edition
from failure_lessons.types import Document

CITED_PARTS = ("responses", "actions", "judgements", "assessments")


@dataclass
class CheckedDossiers:
    """What was looked at, and what is wrong with it."""

    records: int = 0
    statements: int = 0
    sources: int = 0
    quotations: int = 0
    faults: list[str] = field(default_factory=list)


def list_cited_statements(content: Document) -> Iterator[tuple[str, Document]]:
    """What says where it was read, each with its place in the document."""
    if "source_recommendation" not in content and "recommendation" not in content:
        yield "text", content
    for name in CITED_PARTS:
        for number, item in enumerate(content.get(name, [])):
            yield f"{name}/{number}", item
            for place, due in enumerate(item.get("due_dates", [])):
                if due.get("sources"):
                    yield f"{name}/{number}/due_dates/{place}", due
    for number, series in enumerate(content.get("series", [])):
        for place, point in enumerate(series["values"]):
            yield f"series/{number}/values/{place}", point


def check_dossiers_published() -> CheckedDossiers:
    """Every current dossier and source recommendation. Two queries for each record, one for all references."""
    checked = CheckedDossiers()
    references = {each.slug: each for each in Edition.objects.current().of_kind("reference").defer("body", "search")}
    bodies = set(Edition.objects.current().of_kind("organisation").values_list("slug", flat=True))
    for edition in Edition.objects.current().of_kind("follow-up", "source-recommendation").order_by("kind", "sort_key"):
        checked.records += 1
        pinned = set(edition.cites.filter(kind="reference").values_list("slug", flat=True))
        for place, statement in list_cited_statements(edition.content):
            checked.statements += 1
            for fault in check_statement(checked, statement, pinned, references, bodies):
                checked.faults.append(f"{edition.kind} {edition.slug} at {place}: {fault}")
    return checked


def check_statement(
    checked: CheckedDossiers, statement: Document, pinned: set[str], references: dict[str, Edition], bodies: set[str]
) -> Iterator[str]:
    """What is wrong with one statement."""
    body = statement.get("body") or (statement.get("made_by") or {}).get("body")
    if body and body not in bodies:
        yield f"the body “{body}” has no published record."
    if not statement.get("sources"):
        yield "it names no source."
    for source in statement.get("sources", []):
        checked.sources += 1
        key = source["ref"]
        found = references.get(key)
        if key not in pinned:
            yield f"the source “{key}” is not among its pins."
        if found is None:
            yield f"the source “{key}” is not published, or was withdrawn."
        elif not (found.content.get("URL") or found.content.get("DOI") or found.content.get("ISBN")):
            yield f"the source “{key}” has no address by which it could be found."
        if words := source.get("quotation"):
            checked.quotations += 1
            if len(words.split()) > LONGEST_QUOTATION:
                yield f"a quotation of “{key}” has {len(words.split())} words; at most {LONGEST_QUOTATION}."
