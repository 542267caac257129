"""A citation as the `citation_*` tags in the head of a page: what Zotero's button and Google Scholar read."""

from __future__ import annotations

from collections.abc import Iterator

from failure_lessons.bibliography.csl import date_parts, flatten_text, names_in_role
from failure_lessons.exports.formats.ris import format_ris_name
from failure_lessons.types import JSONObject

CONTAINER_TAGS = {  # what the work stands in; by it a program tells an article from a chapter
    "article-journal": "citation_journal_title",
    "article-magazine": "citation_journal_title",
    "article-newspaper": "citation_journal_title",
    "chapter": "citation_inbook_title",
    "paper-conference": "citation_conference_title",
}
ISSUERS = {  # whose work it is; by it a program tells a report from a thesis
    "report": "citation_technical_report_institution",
    "thesis": "citation_dissertation_institution",
}
TAG_OF_MEMBER = {
    "volume": "citation_volume",
    "issue": "citation_issue",
    "ISSN": "citation_issn",
    "ISBN": "citation_isbn",
    "DOI": "citation_doi",
    "language": "citation_language",
    "URL": "citation_public_url",
}


def citation_tags(csl: JSONObject) -> list[tuple[str, str]]:
    """The names and contents of the tags for a CSL item, in order; none that would be empty."""
    return [(name, text) for name, text in iterate_citation_tags(csl) if text]


def iterate_citation_tags(csl: JSONObject) -> Iterator[tuple[str, str]]:
    """Every tag the item could have."""
    kind = csl.get("type", "")
    yield "citation_title", flatten_text(csl.get("title", ""))
    yield from (("citation_author", format_ris_name(name)) for name in names_in_role(csl))
    yield from (("citation_editor", format_ris_name(name)) for name in names_in_role(csl, "editor"))
    if issued := date_parts(csl):
        yield "citation_publication_date", "/".join(f"{number:02}" for number in issued[0])
    if kind in CONTAINER_TAGS:
        yield CONTAINER_TAGS[kind], flatten_text(csl.get("container-title", ""))
    yield ISSUERS.get(kind, "citation_publisher"), flatten_text(csl.get("publisher", ""))
    if kind == "report":
        yield "citation_technical_report_number", flatten_text(csl.get("number", ""))
    first, _, last = flatten_text(csl.get("page", "")).replace("–", "-").partition("-")
    yield from (("citation_firstpage", first.strip()), ("citation_lastpage", last.strip()))
    yield from ((tag, flatten_text(csl.get(name, ""))) for name, tag in TAG_OF_MEMBER.items())
