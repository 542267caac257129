"""Atom (RFC 4287): changes as a feed. Identifiers are tag addresses (RFC 4151) that outlive any move of the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import orjson
from django.conf import settings

from failure_lessons.feeds.changes import LedgerChange
from failure_lessons.feeds.xml import add_element, format_utc_seconds, make_element, serialise_xml
from failure_lessons.publishing.addresses import compare_path, site_path
from failure_lessons.publishing.ledger_head import signed_head
from failure_lessons.publishing.models import LedgerEntry

ATOM_MEDIA_TYPE = "application/atom+xml; charset=utf-8"
ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Feed:
    """What a feed says about itself. Addresses are whole; `key` tells it from our other feeds."""

    key: str
    title: str
    subtitle: str
    address: str
    page: str
    next: str = ""


def tag_uri(name: str) -> str:
    """A permanent identifier of ours."""
    return f"tag:{settings.REPOSITORY_DOMAIN},2026:{name}"


def render_atom_feed(feed: Feed, changes: Sequence[LedgerChange], head: LedgerEntry | None, base: str) -> bytes:
    """The feed as XML. `head` is the newest change of the library; `base` its own address without a slash."""
    root = make_element("feed", xmlns=ATOM_NAMESPACE)
    root.set("xml:lang", "en-GB")
    add_element(root, "id", tag_uri(feed.key))
    add_element(root, "title", feed.title)
    add_element(root, "subtitle", feed.subtitle)
    moment = changes[0].revision.at if changes else head.at if head else None
    add_element(root, "updated", format_utc_seconds(moment) if moment else "1970-01-01T00:00:00Z")
    add_element(add_element(root, "author"), "name", settings.SITE.name)
    add_element(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    add_element(root, "link", rel="alternate", type="text/html", href=feed.page)
    if feed.next:
        add_element(root, "link", rel="next", type="application/atom+xml", href=feed.next)
    if ledger := signed_head(head):
        add_element(root, "ledger:head", orjson.dumps(ledger).decode(), **{"xmlns:ledger": tag_uri("ledger")})
    for change in changes:
        root.append(render_atom_entry(change, base))
    return serialise_xml(root)


def render_atom_entry(change: LedgerChange, base: str) -> ET.Element:
    """One change."""
    made = make_element("entry")
    add_element(made, "id", tag_uri(f"revision/{change.revision.number}"))
    add_element(made, "title", f"{change.words}: {change.title}")
    add_element(made, "updated", format_utc_seconds(change.revision.at))
    add_element(made, "published", format_utc_seconds(change.revision.at))
    add_element(made, "link", rel="alternate", type="text/html", href=f"{base}{change.page_path}")
    add_element(made, "link", rel="alternate", type="application/json", href=f"{base}{change.api_path}")
    if change.is_comparable:
        edition = change.edition
        address = base + compare_path(edition.kind, edition.slug, edition.number - 1, edition.number)
        add_element(
            made, "link", rel="related", type="text/html", href=address, title="Difference from the edition before"
        )
    add_element(
        made, "category", term=change.revision.action, scheme=f"{base}{site_path('changes')}#action", label=change.words
    )
    add_element(
        made, "category", term=change.kind.code, scheme=f"{base}{site_path('changes')}#kind", label=change.kind.label
    )
    if change.change:
        scheme = f"{base}{site_path('changes')}#change"
        add_element(made, "category", term=change.change, scheme=scheme, label=change.change_words)
    add_element(made, "summary", summarize_change(change))
    return made


def summarize_change(change: LedgerChange) -> str:
    """The change in sentences."""
    what = f"{change.kind.label}, edition {change.edition.number}."
    if change.is_withdrawal:
        return f"{what} Withdrawn: {change.note}"
    if change.is_gone:
        return f"{what} Withdrawn since."
    note = change.note if change.note[-1:] in ("", ".", "!", "?") else f"{change.note}."
    said = f"{change.change_words}." if change.change else ""
    return " ".join(part for part in (what, said, note, change.edition.summary) if part)
