"""What can be followed: a record, what is asked of a body, a filtered list, a search; by its address."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.db.models import Q
from django.http import QueryDict
from django.urls import Resolver404, get_script_prefix, resolve

from failure_lessons.feeds.record_feeds import changes_of_list
from failure_lessons.library.filters import clean_search_text, search_query
from failure_lessons.library.list_query import CannotAsk, filters_of, narrow_editions, parse_list_query
from failure_lessons.pages.records import BY_ADDRESS
from failure_lessons.publishing.ledger_queries import LedgerEntryQuerySet
from failure_lessons.publishing.models import Edition, EditionCitation, EditionQuerySet, LedgerEntry
from failure_lessons.publishing.registry import KINDS, Kind

LONGEST_FOLLOWED = 1000  # characters
FOLLOW_UP = "follow-up"


class CannotFollowThis(Exception):
    """There is nothing to follow at this address; the message says why."""


@dataclass(frozen=True)
class Target:
    """Something that can be followed. `plain` is its title without words that its follower typed."""

    address: str  # below the site's root, in one spelling
    title: str
    plain: str
    record: uuid.UUID | None = None
    kind: Kind | None = None
    query: str = ""
    words: str = ""

    def list_awaited(self, day: dt.date) -> EditionQuerySet:
        """What is published now of it by a day in London and may become overdue: dossiers, or that of a record."""
        rows = Edition.objects.current().of_kind(*(kind.code for kind in KINDS.values() if kind.asks_the_clock))
        if self.record:
            about = EditionCitation.objects.about_record(self.record)
            return rows.filter(Q(record_id=self.record) | Q(pk__in=about))
        if self.kind and self.kind.asks_the_clock:
            chosen = narrow_editions(self.kind, QueryDict(self.query), rows.with_evidence_status(), day).qs
            return rows.filter(pk__in=chosen.order_by().values("pk"))
        return rows.filter(search=search_query(self.words)) if self.words else rows.none()

    def list_changes(self) -> LedgerEntryQuerySet:
        """Every change of the library that concerns it."""
        if self.record:
            return LedgerEntry.objects.of_record(self.record)
        if self.kind:
            return changes_of_list(self.kind, QueryDict(self.query))
        found = Edition.objects.filter(withdrawn_at=None, search=search_query(self.words))
        return LedgerEntry.objects.of_editions(found)


def find_target(address: str) -> Target:
    """What stands at an address such as `/recommendations/?phase=prevention`, with the site's path prefix or without.

    Raises `CannotFollowThis`.
    """
    if len(address) > LONGEST_FOLLOWED:
        raise CannotFollowThis("There are too many filters to follow: take some away.")
    parts = urlsplit(address)
    try:
        if parts.scheme or parts.netloc:
            raise ValueError
        match = resolve(f"/{parts.path.removeprefix(get_script_prefix())}")
    except (Resolver404, ValueError):
        raise CannotFollowThis("There is nothing to follow at this address.") from None
    query = QueryDict(parts.query)
    if match.url_name == "detail":
        return find_record_target(str(match.kwargs["address"]), str(match.kwargs["slug"]))
    if match.url_name == "body":
        return find_body_target(str(match.kwargs["slug"]))
    if match.url_name == "list":
        return find_list_target(find_kind(str(match.kwargs["address"])), query)
    if match.url_name == "search":
        words = clean_search_text(query.get("q", ""))
        if words:
            return Target(f"/search/?{urlencode({'q': words})}", f"Search: {words}", "A search", words=words)
    raise CannotFollowThis("There is nothing to follow at this address.")


def find_kind(address: str) -> Kind:
    """The kind whose records stand under this address. Raises `CannotFollowThis`."""
    if address not in BY_ADDRESS:
        raise CannotFollowThis("There is nothing to follow at this address.")
    return BY_ADDRESS[address]


def find_record_target(address: str, slug: str) -> Target:
    """A record that readers can read."""
    kind = find_kind(address)
    edition = Edition.objects.at_address(kind.code, slug).without_text().first()
    if edition is None or edition.withdrawn_at:
        raise CannotFollowThis("There is no such record to follow, or it was withdrawn.")
    title = f"{edition.code} {edition.title}".strip()
    return Target(f"/{kind.address}/{edition.slug}/", title, title, record=edition.record_id)


def find_body_target(slug: str) -> Target:
    """What is asked of a body: its dossiers."""
    rows = Edition.objects.current().of_kind("organisation")
    name = None if "\0" in slug else rows.filter(slug=slug).values_list("title", flat=True).first()
    if name is None:
        raise CannotFollowThis("There is no such body.")
    title = f"What is asked of {name}"
    return Target(f"/follow-up/bodies/{slug}/", title, title, kind=KINDS[FOLLOW_UP], query=urlencode({"body": slug}))


def find_list_target(kind: Kind, query: QueryDict) -> Target:
    """A list under its filters; what only says how it is shown is left out."""
    known = filters_of(kind).base_filters
    pairs = sorted((name, value) for name in query if name in known for value in set(query.getlist(name)) if value)
    asked = urlencode(pairs)
    try:
        parse_list_query(kind, QueryDict(asked))
    except CannotAsk as error:
        raise CannotFollowThis(error.faults[0].text) from None
    plain = kind.label_plural + (" under filters of your choice" if pairs else "")
    told = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in pairs)
    title = f"{kind.label_plural}, {told}" if pairs else kind.label_plural
    return Target(f"/{kind.address}/{'?' if asked else ''}{asked}", title[:300], plain, kind=kind, query=asked)
