"""How a request is carried out, for the blocking client and the async one: what to send, how long to wait.

`Exchange.carry_out` is a generator that never sends or sleeps itself. It hands out requests and waits; whoever drives
it hands back answers or errors. So both clients wait, remember, follow and give up in the very same way.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import random
import time
from collections import OrderedDict
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx

from failure_lessons_client.calls import COMMA_LISTS, Call, Value
from failure_lessons_client.problems import ApiProblem, Unreachable, problem_of

PATIENCE = 60.0  # seconds a client waits at most when told to come back later
ATTEMPTS = 5
REDIRECTS = 5
REMEMBERED = 512  # answers kept for asking “has it changed?”
AWAY = (429, 502, 503, 504)


def own_version() -> str:
    """The version of this client."""
    try:
        return version("failure-lessons-client")
    except PackageNotFoundError:  # run from its source
        return "0"


@dataclass(frozen=True)
class Wait:
    """So many seconds to wait."""

    seconds: float


Step = httpx.Request | Wait
Back = httpx.Response | httpx.TransportError | None


class Exchange:
    """What one client knows: where it reads, as whom, and the answers it holds."""

    def __init__(self, base: str, token: str, patience: float) -> None:
        self.base = httpx.URL(base.rstrip("/") + "/")
        if self.base.scheme not in ("http", "https") or not self.base.host:
            raise ValueError(f"“{base}” is no address of a site, such as https://lessons.example.org")
        self.token, self.patience = token, patience
        self.remembered: OrderedDict[str, tuple[str, bytes, Mapping[str, str]]] = OrderedDict()

    def build_request(self, call: Call[Any]) -> httpx.Request:
        """The request of a call. The token goes to the site it is for, and nowhere else."""
        address = httpx.URL(call.address)
        if address.is_relative_url:
            address = self.base.join(call.address.removeprefix("/"))
        if query := flatten_query(call.query):
            address = address.copy_merge_params(query)
        headers = {
            "Accept": "application/json",
            "User-Agent": f"failure-lessons-client/{own_version()}",
            **call.headers,
        }
        if self.token and is_same_site(address, self.base):
            headers["Authorization"] = f"Bearer {self.token}"
        if call.body is None:
            return httpx.Request(call.method, address, headers=headers)
        return httpx.Request(call.method, address, headers=headers, json=call.body)

    def carry_out(self, call: Call[Any]) -> Generator[Step, Back, tuple[bytes, Mapping[str, str]]]:
        """Body and headers of the answer, from memory when the service says that nothing changed.

        Raises `ApiProblem` and `Unreachable`.
        """
        request = self.build_request(call)
        key = f"{request.url} {request.headers['Accept']}"
        known = self.remembered.get(key) if call.method == "GET" else None
        if known:
            request.headers["If-None-Match"] = known[0]
        answer = yield from self.ask_patiently(request)
        if answer.status_code == httpx.codes.NOT_MODIFIED and known:
            self.remembered.move_to_end(key)
            return known[1], known[2]
        if call.method == "GET" and (tag := answer.headers.get("ETag")):
            self.remembered[key] = (tag, answer.content, answer.headers)
            while len(self.remembered) > REMEMBERED:
                self.remembered.popitem(last=False)
        return answer.content, answer.headers

    def ask_patiently(self, request: httpx.Request) -> Generator[Step, Back, httpx.Response]:
        """The answer, tried again when the service is away or asks to wait.

        What could be done twice is not tried again, unless the service itself said that it was not done.
        """
        repeatable = request.method in ("GET", "HEAD") or "Idempotency-Key" in request.headers or is_check(request)
        failure: ApiProblem | Unreachable = Unreachable(f"{request.url.host} did not answer.")
        for attempt in range(ATTEMPTS):
            answer = yield from self.ask_following(request)
            if isinstance(answer, httpx.Response):
                if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
                    return answer
                if answer.status_code not in AWAY or not (repeatable or answer.status_code == 429):
                    raise problem_of(answer)
                failure, wait = problem_of(answer), asked_to_wait(answer) or backoff(attempt)
            else:
                failure, wait = Unreachable(f"{request.url.host} did not answer: {answer}"), backoff(attempt)
                if not repeatable:
                    raise failure from answer
            if wait > self.patience or attempt == ATTEMPTS - 1:
                break
            yield Wait(wait)
        raise failure

    def ask_following(
        self, request: httpx.Request
    ) -> Generator[Step, Back, httpx.Response | httpx.TransportError | None]:
        """The answer of whoever the request is passed on to; a token does not go along to another site."""
        back = yield request
        for _ in range(REDIRECTS):
            if not isinstance(back, httpx.Response) or not back.has_redirect_location or request.method != "GET":
                break
            headers = dict(request.headers)
            headers.pop("host", None)
            address = request.url.join(back.headers["Location"])
            if not is_same_site(address, self.base):
                headers.pop("authorization", None)
            request = httpx.Request("GET", address, headers=headers)
            back = yield request
        return back


def is_same_site(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether two addresses are of the same scheme, host and port."""
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def is_check(request: httpx.Request) -> bool:
    """Whether a POST asks a question and changes nothing."""
    return request.url.path.endswith("/api/v1/check/")


def flatten_query(query: Mapping[str, Value]) -> httpx.QueryParams | None:
    """Parameters as pairs: several values stand several times, or with commas where the API wants that."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        if value is None:
            continue
        single = isinstance(value, str | int | dt.date)
        values = [write_value(value)] if single else [write_value(each) for each in value]  # type: ignore[union-attr]
        pairs += [(name, ",".join(values))] if name in COMMA_LISTS else [(name, each) for each in values]
    return httpx.QueryParams(pairs) if pairs else None  # type: ignore[arg-type]  # a list of pairs is among what it takes


def write_value(value: object) -> str:
    """A value as the API reads it. A time without a zone is one of this machine's."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


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
