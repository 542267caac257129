"""Atom (RFC 4287): changes as a feed. Identifiers are tag addresses (RFC 4151) that outlive any move of the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from django.conf import settings

from failure_lessons.feeds.changes import Change
from failure_lessons.feeds.xml import add, element, seconds, serialised
from failure_lessons.publishing.models import Revision

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
NAMESPACE = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Feed:
    """What a feed says about itself. Addresses are whole; `key` tells it from our other feeds."""

    key: str
    title: str
    subtitle: str
    address: str
    page: str
    next: str = ""


def tag(name: str) -> str:
    """A permanent identifier of ours."""
    return f"tag:{settings.REPOSITORY_DOMAIN},2026:{name}"


def atom(feed: Feed, changes: Sequence[Change], head: Revision | None, base: str) -> bytes:
    """The feed as XML. `head` is the newest change of the library; `base` its own address without a slash."""
    root = element("feed", xmlns=NAMESPACE)
    root.set("xml:lang", "en-GB")
    add(root, "id", tag(feed.key))
    add(root, "title", feed.title)
    add(root, "subtitle", feed.subtitle)
    moment = changes[0].revision.at if changes else head.at if head else None
    add(root, "updated", seconds(moment) if moment else "1970-01-01T00:00:00Z")
    add(add(root, "author"), "name", "Failure Lessons")
    add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    add(root, "link", rel="alternate", type="text/html", href=feed.page)
    if feed.next:
        add(root, "link", rel="next", type="application/atom+xml", href=feed.next)
    for change in changes:
        root.append(entry(change, base))
    return serialised(root)


def entry(change: Change, base: str) -> ET.Element:
    """One change."""
    made = element("entry")
    add(made, "id", tag(f"revision/{change.revision.number}"))
    add(made, "title", f"{change.words}: {change.title}")
    add(made, "updated", seconds(change.revision.at))
    add(made, "published", seconds(change.revision.at))
    add(made, "link", rel="alternate", type="text/html", href=f"{base}{change.page}")
    add(made, "link", rel="alternate", type="application/json", href=f"{base}{change.url}")
    if change.difference:
        address = f"{base}{change.difference}"
        add(made, "link", rel="related", type="text/html", href=address, title="Difference from the edition before")
    add(made, "category", term=change.revision.action, scheme=f"{base}/changes/#action", label=change.words)
    add(made, "category", term=change.kind.code, scheme=f"{base}/changes/#kind", label=change.kind.label)
    add(made, "summary", summary(change))
    return made


def summary(change: Change) -> str:
    """The change in sentences."""
    what = f"{change.kind.label}, edition {change.edition.number}."
    if change.is_withdrawal:
        return f"{what} Withdrawn: {change.note}"
    if change.is_gone:
        return f"{what} Withdrawn since."
    note = change.note if change.note[-1:] in ("", ".", "!", "?") else f"{change.note}."
    return " ".join(part for part in (what, note, change.edition.summary) if part)
