"""Signposting: typed links that tell a machine what a page is about (signposting.org, levels 1 and 2).

Level 1 is the HTTP header `Link` of a record's page and of its data; level 2 is a link set (RFC 9264) beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from failure_lessons.exports.formats import CITING, FORMATS
from failure_lessons.exports.formats.jsonld import CONTEXT, schema_type
from failure_lessons.exports.formats.rows import LICENCE, Item, Row
from failure_lessons.publishing.registry import KINDS

LINKSET = "application/linkset+json"


class Link(NamedTuple):
    """One typed link (RFC 8288)."""

    rel: str
    href: str
    type: str = ""

    def __str__(self) -> str:
        kind = f'; type="{self.type}"' if self.type else ""
        return f'<{self.href}>; rel="{self.rel}"{kind}'


def header(links: Iterable[Link]) -> str:
    """The value of an HTTP `Link` header."""
    return ", ".join(map(str, links))


def links(edition: Row, base: str, *, numbered: bool = False) -> list[Link]:
    """Where a record's page points: `numbered` for the page of this very edition.

    What is cited is always the numbered edition, whose words never change. The licence is ours, so a reference, which
    stands for somebody else's work, has none.
    """
    item = Item(edition, base)
    page = landing(item, numbered)
    part_of = item.content.get("derived", {}).get("part_of")
    whole = f"{base}/{KINDS[part_of['kind']].address}/{part_of['slug']}/" if part_of else f"{base}/"
    ours = edition.kind != "reference"
    return [
        Link("cite-as", item.permanent),
        Link("type", f"{CONTEXT}/AboutPage"),
        Link("type", f"{CONTEXT}/{schema_type(item)}"),
        *([Link("author", f"{base}/about/"), Link("license", LICENCE)] if ours else []),
        Link("item", item.data, "application/json"),
        *(Link("describedby", citing(item, name), FORMATS[name].media_type) for name in CITING),
        Link("collection", whole, "text/html"),
        Link("linkset", f"{page}linkset.json", LINKSET),
        Link("latest-version", item.page),
        Link("version-history", f"{item.page}history/"),
    ]


def data_links(edition: Row, base: str) -> list[Link]:
    """Where a record's data (the answer of the API) points: to its page, and to what its page says of it."""
    item = Item(edition, base)
    return [
        Link("cite-as", item.permanent),
        *([Link("license", LICENCE)] if edition.kind != "reference" else []),
        Link("type", f"{CONTEXT}/{schema_type(item)}"),
        Link("collection", item.permanent, "text/html"),
    ]


def file_links(edition: Row, base: str) -> list[Link]:
    """Where a description (RIS, DataCite …) points: to the page of the edition that it describes."""
    return [Link("describes", Item(edition, base).permanent, "text/html")]


def landing(item: Item, numbered: bool) -> str:
    """The page that links are about."""
    return item.permanent if numbered else item.page


def citing(item: Item, name: str) -> str:
    """The address of the edition in a format for citing it."""
    return f"{item.permanent}cite.{FORMATS[name].extension}"


def linkset(edition: Row, base: str, *, numbered: bool = False) -> dict[str, Any]:
    """All links of a page, of its data and of its descriptions, as a link set."""
    item = Item(edition, base)
    described = [citing(item, name) for name in CITING]
    return {
        "linkset": [
            context(landing(item, numbered), links(edition, base, numbered=numbered)),
            context(item.data, [*data_links(edition, base), Link("collection", landing(item, numbered), "text/html")]),
            *(context(address, [Link("describes", landing(item, numbered), "text/html")]) for address in described),
        ]
    }


def context(anchor: str, pointing: Iterable[Link]) -> dict[str, Any]:
    """A link context object: an anchor and its targets by relation."""
    found: dict[str, Any] = {"anchor": anchor}
    for link in dict.fromkeys(pointing):
        target = {"href": link.href} | ({"type": link.type} if link.type else {})
        found.setdefault(link.rel, []).append(target)
    return found
