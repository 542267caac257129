"""What a record says in plain texts: reasons, transfer, relations, dates, and Markdown without its marks."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from failure_lessons.dates import NotEdtf, parse_edtf
from failure_lessons.library.resolve import ResolvedObject
from failure_lessons.pages.templatetags.evidence import label
from failure_lessons.validators.addresses import link_target

PLAIN_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
CERQUAL_COMPONENTS = (
    ("methodological_limitations", "Methodological limitations"),
    ("coherence", "Coherence"),
    ("adequacy", "Adequacy of data"),
    ("relevance", "Relevance"),
)

FOR_SERVICE, CARRIES_OVER = f"For {settings.SITE.service}", f"Does it carry over to {settings.SITE.service}?"


def reasons_by_component(record: ResolvedObject) -> list[str]:
    """Each component of GRADE-CERQual with its level and reason, then the overall reason."""
    cerqual = record["cerqual"] or {}
    found = []
    for name, heading in CERQUAL_COMPONENTS:
        if given := cerqual.get(name):
            found.append(
                f"{heading}: {label(given['level'], 'CerqualLevel').lower()}. {given.get('reason') or ''}".strip()
            )
    overall = cerqual.get("overall") or {}
    if overall.get("reason"):
        found.append(f"Overall: {label(overall['level'], 'ConfidenceLevel').lower()}. {overall['reason']}")
    return found


def transfer_pairs(record: ResolvedObject) -> tuple[tuple[str, str], ...]:
    """Whether a lesson carries over to the NHS: headings and texts."""
    transfer = record["transfer"] or ResolvedObject()
    return filled_facts(
        (f"What is alike in {settings.SITE.service}", transfer["alike"]),
        (f"What differs in {settings.SITE.service}", transfer["differs"]),
        ("What would change our view", transfer["would_change_our_view"]),
    )


def related(record: ResolvedObject) -> list[str]:
    """The relations that a recommendation states, in words."""
    return [
        f"{label(each['type'], 'RelationType')} {each['to']}. {each.get('note') or ''}".strip()
        for each in record["relations"] or ()
    ]


def departures(record: ResolvedObject) -> list[str]:
    """Where a recommendation does not do what good practice asks, and why."""
    return [
        f"{label(each['check'], 'QualityCheck')}: {each['reason']} (Found: {each['found']})"
        for each in record["departures"] or ()
    ]


def numbered(texts: Iterable[str]) -> list[str]:
    """Texts with the number of each before it."""
    return [f"{place}. {text}" for place, text in enumerate(texts, start=1)]


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
    """Markdown as plain paragraphs: marks of emphasis go, an entry of a list keeps its bullet, a row is a line."""
    found = []
    listed = 0
    row: list[str] | None = None
    for token in PLAIN_MARKDOWN.parse(text):
        if token.type == "list_item_open":
            listed += 1
        elif token.type == "list_item_close":
            listed -= 1
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            found.append(" | ".join(row or []))
            row = None
        elif token.type in ("inline", "fence", "code_block"):
            children: Iterable[Token] = token.children or [token]
            plain = "".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in children).strip()
            if row is not None:
                row.append(plain)
            elif plain:
                found.append(f"• {plain}" if listed else plain)
    return found
