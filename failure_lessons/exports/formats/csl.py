"""Editions as CSL-JSON items: what every citation style, RIS and BibTeX are made from.

A reference is the source itself, as its document has it. Any other record is cited as a numbered edition published by
Failure Lessons, at the permanent address of that edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from failure_lessons.exports.formats.rows import PUBLISHER, EditionItem, in_blocks, iterate_items
from failure_lessons.publishing.responsibility import authors_of
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.types import JSONObject
from failure_lessons.validators.addresses import link_target

OURS = {"schema", "kind", "slug", "licence", "derived"}  # members of a reference's document that CSL does not know


def csl_item(item: EditionItem) -> JSONObject:
    """The CSL-JSON item of an edition."""
    if item.row.kind == "reference":
        own = {name: value for name, value in item.content.items() if name not in OURS}
        if own.get("URL") and not link_target(own["URL"]):
            del own["URL"]  # stored before addresses were checked: no program may follow it
        licence = item.content.get("licence")
        return {**own, "custom": {"licence": licence}} if licence else own
    day = item.published
    return {
        "id": citation_key(item),
        "type": "report",
        "title": item.title.removesuffix("."),  # a finding's title is a sentence; styles end titles themselves
        "author": authors_of(item.content) or [{"literal": PUBLISHER}],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "publisher": PUBLISHER,
        "genre": item.kind.label,
        "number": f"{item.code}, edition {item.row.number}" if item.code else f"edition {item.row.number}",
        "URL": item.permanent,
        **({"abstract": item.description} if item.description else {}),
        "language": "en-GB",
    }


def citation_key(item: EditionItem) -> str:
    """The key of an item in a bibliography: ASCII, and unlike any other item's (a slug has no colon)."""
    if item.row.kind == "reference":
        return item.row.slug
    return f"failure-lessons:{item.row.kind}-{item.row.slug}-v{item.row.number}"


def csl_json(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """One JSON array of CSL items, as Zotero, pandoc and citeproc read it."""

    def pieces() -> Iterator[bytes]:
        yield b"["
        for place, item in enumerate(iterate_items(rows, base)):
            yield b",\n" if place else b"\n"
            yield orjson.dumps(csl_item(item))
        yield b"\n]\n"

    return in_blocks(pieces())
