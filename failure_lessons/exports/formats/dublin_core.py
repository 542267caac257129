"""Simple Dublin Core, for OAI-PMH's `oai_dc`."""

from __future__ import annotations

from collections.abc import Sequence

from failure_lessons.bibliography.csl import date_parts, names_in_role
from failure_lessons.exports.formats.cited_versions import Pin
from failure_lessons.exports.formats.ris import format_ris_name
from failure_lessons.exports.formats.rows import LICENCE, PUBLISHER, EditionItem
from failure_lessons.files.cells import NO_XML
from failure_lessons.publishing.responsibility import authors_of
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.validators.addresses import link_target


def dublin_core(edition: EditionRow, base: str, pins: Sequence[Pin] = ()) -> list[tuple[str, str]]:
    """An edition as (element, value) pairs in the order of the standard, ready for XML. A reference is the source."""
    item = EditionItem(edition, base)
    pairs = dublin_core_of_source(item) if edition.kind == "reference" else dublin_core_of_edition(item, pins)
    clean = ((name, NO_XML.sub("", str(value)).strip()) for name, value in pairs if value)
    return [(name, value) for name, value in clean if value]


def dublin_core_of_edition(item: EditionItem, pins: Sequence[Pin]) -> list[tuple[str, str]]:
    """What we published ourselves."""
    content = item.content
    themes = content.get("themes") or content.get("derived", {}).get("themes") or []
    return [
        ("title", item.title),
        *(("creator", format_ris_name(name)) for name in authors_of(content) or [{"literal": PUBLISHER}]),
        *(("subject", slug) for slug in themes),
        ("description", item.description),
        ("publisher", PUBLISHER),
        ("date", item.published.isoformat()),
        ("type", item.kind.label),
        ("format", "text/html"),
        ("identifier", item.permanent),
        ("identifier", item.code),
        ("language", "en-GB"),
        ("relation", item.page),
        *(("source" if pin.kind == "reference" else "relation", pin.address(item.base)) for pin in pins),
        ("rights", LICENCE),
    ]


def dublin_core_of_source(item: EditionItem) -> list[tuple[str, str]]:
    """A source, and where we describe it."""
    csl = item.content
    return [
        ("title", item.title),
        *(("creator", format_ris_name(name)) for name in names_in_role(csl)),
        ("description", str(csl.get("abstract", ""))),
        ("publisher", str(csl.get("publisher", ""))),
        *(("date", "-".join(f"{number:02}" for number in part)) for part in date_parts(csl)),
        ("type", str(csl.get("type", ""))),
        ("identifier", f"doi:{csl['DOI']}" if csl.get("DOI") else ""),
        ("identifier", link_target(csl.get("URL"))),
        ("identifier", item.permanent),
        ("source", str(csl.get("container-title", ""))),
        ("rights", str(csl.get("licence", ""))),
    ]
