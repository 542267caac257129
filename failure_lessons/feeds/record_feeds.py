"""Feeds: of all changes, of one list, of one record. Each is known by the revision it was written at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.cache import get_conditional_response

from failure_lessons.feeds.atom import ATOM_MEDIA_TYPE, Feed, render_atom_feed
from failure_lessons.feeds.changes import GREATEST, newest_changes_page, parse_change_filter, parse_whole_number
from failure_lessons.library.list_query import (
    CannotAsk,
    ParameterError,
    filters_of,
    narrow_editions,
    repeated_parameters,
    unknown_parameters,
)
from failure_lessons.pages.records import kind_at
from failure_lessons.problems import problem_response
from failure_lessons.publishing.addresses import list_path, record_path, requested_address, site_address, site_path
from failure_lessons.publishing.ledger_queries import LedgerEntryQuerySet
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import Kind

ENTRIES_PER_FEED = 50  # entries of one feed document
FEED_VERSION = 1  # grows when feeds are written otherwise, so that no reader keeps the old form
Described = tuple[LedgerEntryQuerySet, Feed]


def feed_response(request: HttpRequest, described: Callable[[QueryDict, str], Described]) -> HttpResponse:
    """A feed of what `described` makes of the query string and the site's address: 400, 304 or the feed."""
    base = site_address(request)
    try:
        revisions, feed = described(request.GET, base)
        text = request.GET.get("before")
        before = None if text is None else parse_whole_number("before", text, 1, GREATEST, 100)
    except CannotAsk as error:
        first = error.faults[0]
        return problem_response(request, 400, first.text, parameter=first.parameter)
    head = LedgerEntry.objects.head()
    etag = f'"{head.sha256[:32] if head else "empty"}-{FEED_VERSION}"'
    response: HttpResponse | None = get_conditional_response(request, etag=etag)
    if response is None:
        page, following = newest_changes_page(revisions.up_to(head.number if head else 0), before, ENTRIES_PER_FEED)
        if following:
            onwards = request.GET.copy()
            onwards["before"] = str(following)
            feed = Feed(
                feed.key,
                feed.title,
                feed.subtitle,
                feed.address,
                feed.page,
                f"{requested_address(request)}?{onwards.urlencode()}",
            )
        response = HttpResponse(render_atom_feed(feed, page, head, base), content_type=ATOM_MEDIA_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    return response


def canonical_query(query: QueryDict) -> str:
    """The filters of a query string in a fixed order: the same question is the same feed."""
    pairs = sorted((name, value) for name, values in query.lists() for value in set(values) if name != "before")
    return f"?{urlencode(pairs)}" if pairs else ""


def all_changes(request: HttpRequest) -> HttpResponse:
    """Every change that passes the filters of `/changes/`."""

    def described(query: QueryDict, base: str) -> Described:
        filters = parse_change_filter(query, LedgerEntry.objects.all(), also=("before",))
        feed = Feed(
            f"changes{canonical_query(query)}",
            f"{settings.SITE.name}: changes" + (", filtered" if canonical_query(query) else ""),
            "What was published, corrected or withdrawn, newest first.",
            f"{base}{site_path('changes-feed')}{canonical_query(query)}",
            f"{base}{site_path('changes')}{canonical_query(query)}",
        )
        return filters.qs, feed

    return feed_response(request, described)


def changes_of_list(kind: Kind, query: QueryDict, *, also: Sequence[str] = ()) -> LedgerEntryQuerySet:
    """Every change to the records that a list's filters choose. Raises `CannotAsk`."""
    editions = Edition.objects.of_kind(kind.code).with_evidence_status()
    if query.get("q"):
        editions = editions.filter(withdrawn_at=None)  # nobody finds out what stood in them by asking for words
    filters = narrow_editions(kind, query, editions, timezone.localdate())
    faults = [
        *unknown_parameters(query, [*filters_of(kind).base_filters, *also]),
        *repeated_parameters(query, (*also, "q")),
    ]
    if not filters.is_valid():
        faults += [ParameterError(name, f"`{name}`: {messages[0]}") for name, messages in filters.errors.items()]
    if faults:
        raise CannotAsk(faults)
    return LedgerEntry.objects.of_editions(filters.qs)


def list_changes(request: HttpRequest, address: str) -> HttpResponse:
    """Every change to the records that a list's filters choose."""
    kind = kind_at(address)

    def described(query: QueryDict, base: str) -> Described:
        changes = changes_of_list(kind, query, also=("before",))
        feed = Feed(
            f"{kind.address}{canonical_query(query)}",
            f"{settings.SITE.name}: {kind.label_plural.lower()}" + (", filtered" if canonical_query(query) else ""),
            f"{kind.label_plural} published, corrected or withdrawn, newest first.",
            f"{base}{site_path('list-feed', kind.address)}{canonical_query(query)}",
            f"{base}{list_path(kind.code)}{canonical_query(query)}",
        )
        return changes, feed

    return feed_response(request, described)


def record_changes(request: HttpRequest, address: str, slug: str) -> HttpResponse:
    """Every change to one record, also after it moved to another address or was withdrawn."""
    kind = kind_at(address)
    edition = Edition.objects.at_address(kind.code, slug).without_text().first()
    if edition is None:
        raise Http404

    def described(query: QueryDict, base: str) -> Described:
        if faults := [*unknown_parameters(query, ["before"]), *repeated_parameters(query, ("before",))]:
            raise CannotAsk(faults)
        title = edition.public_title if edition.withdrawn_at else f"{edition.code} {edition.title}".strip()
        feed = Feed(
            f"record/{edition.record_id}",
            f"{settings.SITE.name}: {title}",
            f"Editions, corrections and withdrawals of this {kind.label.lower()}, newest first.",
            base + site_path("record-feed", kind.address, slug),
            base + record_path(kind.code, slug),
        )
        return LedgerEntry.objects.of_record(edition.record_id), feed

    return feed_response(request, described)
