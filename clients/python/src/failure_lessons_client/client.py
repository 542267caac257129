"""The client: pages through lists, waits when told to, and asks again only for what changed."""

from __future__ import annotations

import email.utils
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self

import httpx

from failure_lessons_client.problems import TooManyRequests, Unreachable, problem_of
from failure_lessons_client.records import Change, Record, is_untouched

Value = str | int | Iterable[str]
COLLECTIONS = (
    "recommendations",
    "lessons",
    "situations",
    "findings",
    "case-studies",
    "literature-reviews",
    "references",
    "themes",
    "organisations",
    "glossary",
    "comparisons",
    "consultations",
)
PATIENCE = 60.0  # seconds a client waits at most when told to come back later
ATTEMPTS = 5
REMEMBERED = 512  # answers kept for asking “has it changed?”


class Damaged(Exception):
    """A record's document does not match its hash: something between the library and here altered it."""


class Client:
    """Reads one Failure Lessons site. Use as a context manager, from one thread.

    base: address of the site, such as `https://lessons.example.org`.
    token: a partner's token, for more quota; sent in a header, never in an address.
    transport: an httpx transport, for proxies and tests.
    """

    def __init__(
        self,
        base: str,
        *,
        token: str = "",
        timeout: float = 30.0,
        patience: float = PATIENCE,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Accept": "application/json", "User-Agent": "failure-lessons-client/0.1"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.http = httpx.Client(base_url=base, headers=headers, timeout=timeout, transport=transport)
        self.patience = patience
        self.sleep = sleep
        self.remembered: OrderedDict[str, tuple[str, bytes, Mapping[str, str]]] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    # -- lists ----------------------------------------------------------------------------------------------------

    def list(self, collection: str, **filters: Value) -> Iterator[Record]:
        """Every record of a collection that passes the filters, page after page.

        Values of one filter widen (`phase=["prevention", "resolution"]`: either), filters narrow (all must hold).
        Also `q` (words), `order`, `as_of` (a day). An unknown filter is refused with the nearest name.
        """
        address: str | None = f"/api/v1/{collection}/"
        query = {"limit": 100, **filters}
        while address:
            page = self.get(address, query)
            yield from map(Record, page["results"])
            address, query = page["next"], {}

    def recommendations(self, **filters: Value) -> Iterator[Record]:
        """Recommendations; see `list`."""
        return self.list("recommendations", **filters)

    def lessons(self, **filters: Value) -> Iterator[Record]:
        """Lessons; see `list`."""
        return self.list("lessons", **filters)

    def findings(self, **filters: Value) -> Iterator[Record]:
        """Findings of cases and reviews; see `list`."""
        return self.list("findings", **filters)

    def case_studies(self, **filters: Value) -> Iterator[Record]:
        """Case studies; see `list`."""
        return self.list("case-studies", **filters)

    def references(self, **filters: Value) -> Iterator[Record]:
        """References; see `list`."""
        return self.list("references", **filters)

    # -- single records -------------------------------------------------------------------------------------------

    def record(self, collection: str, slug: str, *, number: int | None = None) -> Record:
        """One record in its current edition, or in a numbered one. Its document is checked against its hash.

        Raises `NotFound`, `Gone` (withdrawn, with the reason), `Damaged`.
        """
        tail = f"editions/{number}/" if number else ""
        body, _ = self.fetch(f"/api/v1/{collection}/{slug}/{tail}")
        found = Record(decoded(body))
        if not is_untouched(body, found.sha256):
            raise Damaged(f"{collection}/{slug}: the document does not match its hash {found.sha256}")
        return found

    def changes(self, since: int = 0) -> Iterator[Change]:
        """Every change to the library after a revision, in order. Keep the last `number` and come back with it."""
        address: str | None = "/api/v1/changes/"
        query: dict[str, Value] = {"since": since}
        while address:
            page = self.get(address, query)
            yield from map(Change.of, page["results"])
            address, query = (page["next"] if page["results"] else None), {}

    # -- the connection -------------------------------------------------------------------------------------------

    def get(self, address: str, query: Mapping[str, Value] | None = None) -> Any:
        """The JSON at an address of the API."""
        body, _ = self.fetch(address, query)
        return decoded(body)

    def fetch(self, address: str, query: Mapping[str, Value] | None = None) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers of an answer, from memory when the service says that nothing changed."""
        request = self.http.build_request("GET", address, params=flattened(query) if query else None)
        key = str(request.url)
        known = self.remembered.get(key)
        if known:
            request.headers["If-None-Match"] = known[0]
        answer = self.answered(request)
        if answer.status_code == httpx.codes.NOT_MODIFIED and known:
            self.remembered.move_to_end(key)
            return known[1], known[2]
        if tag := answer.headers.get("ETag"):
            self.remembered[key] = (tag, answer.content, answer.headers)
            while len(self.remembered) > REMEMBERED:
                self.remembered.popitem(last=False)
        return answer.content, answer.headers

    def answered(self, request: httpx.Request) -> httpx.Response:
        """The answer, tried again when the service is away or asks to wait. Raises `ApiProblem`, `Unreachable`."""
        failure: Exception | None = None
        for attempt in range(ATTEMPTS):
            try:
                answer = self.http.send(request)
            except httpx.TransportError as error:
                failure, wait = error, backoff(attempt)
            else:
                if answer.status_code not in (429, 502, 503, 504):
                    if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
                        return answer
                    raise problem_of(answer)
                failure, wait = problem_of(answer), asked_to_wait(answer) or backoff(attempt)
            if wait > self.patience or attempt == ATTEMPTS - 1:
                break
            self.sleep(wait)
        if isinstance(failure, httpx.TransportError):
            raise Unreachable(f"{request.url.host} did not answer: {failure}") from failure
        if failure is None:
            raise Unreachable(f"{request.url.host} did not answer.")
        raise failure


def decoded(body: bytes) -> Any:
    """A JSON body."""
    return httpx.Response(200, content=body).json()


def flattened(query: Mapping[str, Value]) -> httpx.QueryParams:
    """Parameters as pairs: a filter with several values stands several times."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        values = [value] if isinstance(value, str | int) else value
        pairs += [(name, str(each)) for each in values]
    return httpx.QueryParams(pairs)  # type: ignore[arg-type]  # a list of pairs is among what it takes


def backoff(attempt: int) -> float:
    """Seconds to wait before the next attempt: longer each time, and never the same for two clients."""
    return 0.5 * 2.0**attempt * (0.75 + random.random() / 2)  # noqa: S311  # spreads load, keeps no secret


def asked_to_wait(answer: httpx.Response) -> float:
    """Seconds that `Retry-After` asks for, as a number or a date; 0 when it says nothing."""
    text = answer.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return 0.0
    return max(0.0, until - time.time())


__all__ = ["COLLECTIONS", "Client", "Damaged", "TooManyRequests"]
