"""Whether cited sources can still be reached: asked now and then, by a worker that is off by default.

A request goes to public addresses alone, and to the very address that was checked, as webhooks do: a reference names
its address, and whoever may write one must not make this server call its neighbours. No body is read.
"""

from __future__ import annotations

import datetime as dt
import ssl
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import httpcore
import orjson
from django.conf import settings
from django.utils import timezone

from failure_lessons.operations.models import CheckedLink
from failure_lessons.publishing.models import Edition
from failure_lessons.webhooks.addresses import HOST, PORTS, CannotSend, is_allowed_target, is_literal
from failure_lessons.webhooks.sending import CheckedBackend, trust_authorities

LINK_TIMEOUT = 20.0  # seconds for one answer
MOST_REDIRECTS = 6
LONGEST_LINK = 2000
MOST_ARCHIVE_BYTES = 100_000
GONE_STATUSES = frozenset({404, 410})
EVERY_LINK = dt.timedelta(days=30)  # to the next try of what answers
FAILED_AGAIN = dt.timedelta(days=2)  # and of what does not
SINGLE_HOST_PAUSE = 2.0  # seconds between two requests to one host
BROWSERLIKE = {"User-Agent": "failure-lessons-links/1 (checks that cited sources can be reached)", "Accept": "*/*"}
LinkState = CheckedLink.State


class LinkAnswer(NamedTuple):
    """What came of one try: a state, the status if there was one, and words for a steward."""

    state: str
    status: int | None
    words: str


def checked_link(url: str) -> str:
    """The address as it is asked for, without its fragment. Raises `CannotSend` for what is no plain public address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise CannotSend("This is not a web address.") from None
    host = parts.hostname or ""
    if parts.scheme not in PORTS or "@" in parts.netloc or len(url) > LONGEST_LINK:
        raise CannotSend("Only plain http and https addresses are asked for.")
    if not (HOST.fullmatch(host) or is_literal(host)) or ".." in host:
        raise CannotSend("The address names no host we could look up.")
    if is_literal(host) and not is_allowed_target(ip_address(host)):
        raise CannotSend("The address is not public.")
    if port not in (None, PORTS[parts.scheme]) and not settings.WEBHOOKS_TO_LOOPBACK:
        raise CannotSend("The address uses another port than usual.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=?~-._')}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{path}{query}"


def try_link(url: str) -> LinkAnswer:
    """Ask for an address, following its redirects. A refusal of programs, or of now, says nothing about the source."""
    try:
        for _ in range(MOST_REDIRECTS):
            status, target, _body = fetch_head(checked_link(url))
            if status not in (301, 302, 303, 307, 308) or not target:
                break
            url = urljoin(url, target)
        else:
            return LinkAnswer(LinkState.UNCLEAR, status, "It redirects in a circle.")
    except CannotSend as error:
        return LinkAnswer(LinkState.FAILED, None, str(error)[:200])
    if status in GONE_STATUSES:
        return LinkAnswer(LinkState.FAILED, status, "There is nothing at this address any more.")
    if 200 <= status < 300:
        return LinkAnswer(LinkState.REACHED, status, "")
    return LinkAnswer(LinkState.UNCLEAR, status, "It answers, but not to a program, or not now.")


def fetch_head(url: str, *, most_bytes: int = 0) -> tuple[int, str, bytes]:
    """The status and `Location` of the answer to a GET, and up to so many bytes of it. Raises `CannotSend`."""
    deadline = CheckedBackend(time.monotonic() + LINK_TIMEOUT)
    pool = httpcore.ConnectionPool(ssl_context=trust_authorities(), network_backend=deadline, retries=0)
    headers = [*BROWSERLIKE.items(), ("Connection", "close")]
    try:
        with pool, pool.stream("GET", url, headers=headers) as answer:
            targets = [value.decode("latin-1") for name, value in answer.headers if name.lower() == b"location"]
            body = b""
            for part in answer.iter_stream() if most_bytes else ():
                body += part
                if len(body) > most_bytes:
                    break
            return answer.status, targets[0] if targets else "", body[:most_bytes]
    except httpcore.TimeoutException:
        raise CannotSend(f"No answer within {LINK_TIMEOUT:.0f} seconds.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError, ValueError) as error:
        raise CannotSend(f"The connection failed: {type(error).__name__}: {str(error)[:120]}") from None


def find_archived(url: str) -> str:
    """An archived copy that the archive of `LINK_ARCHIVE` offers; empty where it knows none or cannot be asked."""
    if not settings.LINK_ARCHIVE:
        return ""
    try:
        asked = checked_link(f"{settings.LINK_ARCHIVE}{quote(url, safe='')}")
        _, _, body = fetch_head(asked, most_bytes=MOST_ARCHIVE_BYTES)
        said = orjson.loads(body)
        found = str(said["archived_snapshots"]["closest"]["url"])
        return found if urlsplit(found).scheme in PORTS and len(found) <= LONGEST_LINK else ""
    except (CannotSend, ValueError, KeyError, TypeError):
        return ""


def queue_links(now: dt.datetime) -> int:
    """Take in the addresses of published sources that are new, forget those that nothing cites; how many there are."""
    rows = Edition.objects.current().of_kind("reference").iterator(chunk_size=200)
    urls = {str(edition.content.get("URL") or "") for edition in rows}
    cited = {url for url in urls if url.startswith(("http://", "https://")) and len(url.encode()) <= LONGEST_LINK}
    CheckedLink.objects.exclude(url__in=cited).delete()
    CheckedLink.objects.bulk_create([CheckedLink(url=url, due_at=now) for url in sorted(cited)], ignore_conflicts=True)
    return len(cited)


def check_due(now: dt.datetime, most: int) -> Iterator[tuple[CheckedLink, LinkAnswer]]:
    """Try what is due, the longest first, one after another and no host twice at once."""
    asked: dict[str, float] = {}
    for link in CheckedLink.objects.filter(due_at__lte=now).order_by("due_at", "pk")[:most]:
        host = urlsplit(link.url).hostname or ""
        if (wait := asked.get(host, 0) + SINGLE_HOST_PAUSE - time.monotonic()) > 0:
            time.sleep(wait)
        answer = try_link(link.url)
        asked[host] = time.monotonic()
        yield record_answer(link, answer, timezone.now()), answer


def record_answer(link: CheckedLink, answer: LinkAnswer, now: dt.datetime) -> CheckedLink:
    """Keep what came of a try. An archived copy is looked for when a source fails for the first time."""
    link.state, link.status, link.words, link.checked_at = answer.state, answer.status, answer.words, now
    if answer.state == LinkState.FAILED:
        link.failures += 1
        link.failing_since = link.failing_since or now
        link.archived_url = link.archived_url or find_archived(link.url)
        link.due_at = now + FAILED_AGAIN
    else:
        link.failures, link.failing_since = 0, None
        link.reached_at = now if answer.state == LinkState.REACHED else link.reached_at
        link.due_at = now + EVERY_LINK
    link.save()
    return link
