"""What is harvested: each record in the state it had at one revision of the library.

A list is pinned to the newest revision at its first request. Editions never change, so every later part of the list is
cut from the same state, whatever is published meanwhile: nothing is lost or repeated. What changes meanwhile bears a
later datestamp and comes with the next harvest. One thing cannot wait: a record withdrawn meanwhile is delivered as
deleted at once.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from failure_lessons.publishing.ledger_queries import LedgerEntryQuerySet
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies.choices import Phase, Sector

RESUMPTION_SALT = "oai"
TOKEN_VERSION = 1  # grows when tokens are made otherwise
# terms that make sets, beside kinds and themes
TERM_SETS: dict[str, type[models.TextChoices]] = {"sector": Sector, "phase": Phase}
SETS = ("kind", "theme", *TERM_SETS)


class NotResumable(Exception):
    """The token is not one of ours, or not for this verb."""


@dataclass(frozen=True)
class HarvestItem:
    """One record as it is harvested."""

    revision: LedgerEntry

    @property
    def edition(self) -> Edition:
        return self.revision.edition

    @property
    def is_deleted(self) -> bool:
        return self.edition.withdrawn_at is not None

    @property
    def datestamp(self) -> dt.datetime:
        """When the record last changed."""
        return self.edition.withdrawn_at or self.revision.at

    @property
    def identifier(self) -> str:
        return f"{identifier_prefix()}{self.edition.kind}/{self.edition.record_id}"

    @property
    def sets(self) -> list[str]:
        """The narrowest sets it belongs to; it belongs to what stands before the colon too."""
        return [
            f"kind:{self.edition.kind}",
            *(term for term in self.edition.terms if term.partition(":")[0] in SETS and term[:5] != "kind:"),
        ]


def identifier_prefix() -> str:
    """How every identifier of ours begins."""
    return f"oai:{settings.REPOSITORY_DOMAIN}:"


def find_item(identifier: str) -> HarvestItem | None:
    """The record of this identifier, as it stands."""
    kind, _, text = identifier.removeprefix(identifier_prefix()).partition("/")
    try:
        record_id = uuid.UUID(text)
    except ValueError:
        return None
    if kind not in KINDS or identifier != f"{identifier_prefix()}{kind}/{record_id}":
        return None
    rows = LedgerEntry.objects.of_record(record_id).of_kind(kind).select_related("edition")
    revision = rows.defer("edition__body", "edition__search").order_by("-number").first()
    return HarvestItem(revision) if revision else None


def set_names() -> list[tuple[str, str]]:
    """Every set with its name, the wider before the narrower. One query."""
    themes = Edition.objects.current().of_kind("theme").order_by("sort_key", "pk").values_list("slug", "title")
    named: list[tuple[str, str]] = [("kind", "Records by kind")]
    named += [(f"kind:{kind.code}", kind.label_plural) for kind in reversed(KINDS.values())]
    named += [("theme", "Records that have a theme"), *((f"theme:{slug}", title) for slug, title in themes)]
    for term, vocabulary in TERM_SETS.items():
        named.append((term, f"Records that have a {term}"))
        named += [(f"{term}:{code}", str(label)) for code, label in vocabulary.choices]
    return named


def in_set(spec: str) -> Q:
    """A condition on revisions: their edition belongs to this set."""
    name, _, code = spec.partition(":")
    if name not in SETS:
        return Q(pk__in=[])
    if name == "kind":
        return Q(edition__kind=code) if code else Q()
    if code:
        return Q(edition__terms__contains=[spec])
    any_such = RawSQL(
        "exists (select from unnest(publishing_edition.terms) term where term like %s)", [f"{name}:%"], BooleanField()
    )
    return Q(any_such)


@dataclass(frozen=True)
class Harvest:
    """A list asked for, and how far it was delivered."""

    verb: str
    prefix: str
    spec: str = ""
    start: dt.datetime | None = None  # first moment wanted
    end: dt.datetime | None = None  # first moment not wanted any more
    bound: int = 0  # the revision at which the library is read
    position: int = 0  # the last revision delivered
    delivered: int = 0
    size: int = 0

    def all_items(self) -> LedgerEntryQuerySet:
        """The whole list, in the order of revisions."""
        rows = (
            LedgerEntry.objects.last_of_each_record(self.bound)
            .select_related("edition")
            .defer(
                "edition__body", "edition__search", *(["edition__document"] if self.verb == "ListIdentifiers" else [])
            )
        )
        if self.spec:
            rows = rows.filter(in_set(self.spec))
        if self.start:
            rows = rows.filter(at__gte=self.start)
        if self.end:
            rows = rows.filter(at__lt=self.end)
        return rows.order_by("number")

    def next_part(self, length: int) -> tuple[list[HarvestItem], bool]:
        """The next part of the list, and whether there is more."""
        rows = list(self.all_items().after(self.position)[: length + 1])
        return [HarvestItem(row) for row in rows[:length]], len(rows) > length

    def make_token(self) -> str:
        """Everything needed to go on, signed: nothing is kept here, and no restart or time makes it void."""
        moments = [moment.timestamp() if moment else None for moment in (self.start, self.end)]
        state = [
            TOKEN_VERSION,
            self.verb,
            self.prefix,
            self.spec,
            *moments,
            self.bound,
            self.position,
            self.delivered,
            self.size,
        ]
        return signing.dumps(state, salt=RESUMPTION_SALT, compress=True)


def resume_harvest(verb: str, token: str) -> Harvest:
    """The list that a token goes on with. Raises `NotResumable`."""
    try:
        state = signing.loads(token, salt=RESUMPTION_SALT)
    except (signing.BadSignature, ValueError):
        raise NotResumable from None
    if state[0] != TOKEN_VERSION:
        raise NotResumable
    whose, name, spec, *moments, bound, position, delivered, size = state[1:]
    head = LedgerEntry.objects.head()
    if whose != verb or head is None or bound > head.number:
        raise NotResumable
    start, end = (None if moment is None else dt.datetime.fromtimestamp(moment, dt.UTC) for moment in moments)
    return Harvest(verb, name, spec, start, end, bound, position, delivered, size)
