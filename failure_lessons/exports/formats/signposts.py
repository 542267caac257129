"""Signposting: typed links that tell a machine what a page is about (signposting.org, levels 1 and 2).

Level 1 is the HTTP header `TypedLink` of a record's page and of its data; level 2 is a link set (RFC 9264) beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from failure_lessons.exports.formats import CITING, FORMATS
from failure_lessons.exports.formats.jsonld import CONTEXT, schema_type
from failure_lessons.exports.formats.rows import LICENCE, EditionItem
from failure_lessons.publishing.addresses import api_list_path, history_path, record_path, site_path
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.types import JSONObject

LINKSET = "application/linkset+json"
CITED_BY = "http://purl.org/spar/cito/isCitedAsEvidenceBy"


class TypedLink(NamedTuple):
    """One typed link (RFC 8288)."""

    rel: str
    href: str
    type: str = ""

    def __str__(self) -> str:
        kind = f'; type="{self.type}"' if self.type else ""
        return f'<{self.href}>; rel="{self.rel}"{kind}'


def format_link_header(links: Iterable[TypedLink]) -> str:
    """The value of an HTTP `TypedLink` header."""
    return ", ".join(map(str, links))


def page_links(edition: EditionRow, base: str, *, numbered: bool = False) -> list[TypedLink]:
    """Where a record's page points: `numbered` for the page of this very edition.

    What is cited is always the numbered edition, whose words never change. The licence is ours, so a reference, which
    stands for somebody else's work, has none.
    """
    item = EditionItem(edition, base)
    place = (item.kind.address, edition.slug)
    linkset = site_path("linkset-edition", *place, edition.number) if numbered else site_path("linkset", *place)
    part_of = item.content.get("derived", {}).get("part_of")
    whole = base + (record_path(part_of["kind"], part_of["slug"]) if part_of else site_path("home"))
    ours = edition.kind != "reference"
    return [
        TypedLink("cite-as", item.permanent),
        TypedLink("type", f"{CONTEXT}/AboutPage"),
        TypedLink("type", f"{CONTEXT}/{schema_type(item)}"),
        *([TypedLink("author", base + site_path("about")), TypedLink("license", LICENCE)] if ours else []),
        TypedLink("item", item.data, "application/json"),
        *(TypedLink("describedby", citing_address(item, name), FORMATS[name].media_type) for name in CITING),
        TypedLink("collection", whole, "text/html"),
        TypedLink("linkset", base + linkset, LINKSET),
        TypedLink("latest-version", item.page),
        TypedLink("version-history", base + history_path(edition.kind, edition.slug)),
    ]


def data_links(edition: EditionRow, base: str) -> list[TypedLink]:
    """Where a record's data (the answer of the API) points: to its page, and to what its page says of it."""
    item = EditionItem(edition, base)
    return [
        TypedLink("cite-as", item.permanent),
        *([TypedLink("license", LICENCE)] if edition.kind != "reference" else []),
        TypedLink("type", f"{CONTEXT}/{schema_type(item)}"),
        TypedLink("collection", item.permanent, "text/html"),
        *(
            TypedLink(CITED_BY, f"{base}{api_list_path(kind.code)}?rests_on={edition.kind}%3A{edition.slug}")
            for kind in KINDS.values()
            if kind.has_pins and kind.rank > item.kind.rank
        ),
    ]


def file_links(edition: EditionRow, base: str) -> list[TypedLink]:
    """Where a description (RIS, DataCite …) points: to the page of the edition that it describes."""
    return [TypedLink("describes", EditionItem(edition, base).permanent, "text/html")]


def landing_page(item: EditionItem, numbered: bool) -> str:
    """The page that links are about."""
    return item.permanent if numbered else item.page


def citing_address(item: EditionItem, name: str) -> str:
    """The address of the edition in a format for citing it."""
    return item.base + site_path(
        "cite-edition", item.kind.address, item.row.slug, item.row.number, FORMATS[name].extension
    )


def build_linkset(edition: EditionRow, base: str, *, numbered: bool = False) -> JSONObject:
    """All links of a page, of its data and of its descriptions, as a link set."""
    item = EditionItem(edition, base)
    described = [citing_address(item, name) for name in CITING]
    return {
        "linkset": [
            link_context(landing_page(item, numbered), page_links(edition, base, numbered=numbered)),
            link_context(
                item.data,
                [*data_links(edition, base), TypedLink("collection", landing_page(item, numbered), "text/html")],
            ),
            *(
                link_context(address, [TypedLink("describes", landing_page(item, numbered), "text/html")])
                for address in described
            ),
        ]
    }


def link_context(anchor: str, pointing: Iterable[TypedLink]) -> JSONObject:
    """A link context object: an anchor and its targets by relation."""
    found: JSONObject = {"anchor": anchor}
    for link in dict.fromkeys(pointing):
        target = {"href": link.href} | ({"type": link.type} if link.type else {})
        found.setdefault(link.rel, []).append(target)
    return found
