"""Answers and pages that are ready are handed out before Django is woken.

A WSGI layer around the application. `etags` (for the API) and `PageValidators` (for pages) mark an answer that is a
function of the library and the request alone, by putting the revision it belongs to into the request's environment.
Such an answer is kept here, as it left the house, under a key of the library's state and of everything in the request
that answers may differ by. Nothing that is said to be withdrawn can come out, and nothing is ever removed by hand: each
request begins with the state, which is asked for unless it was a moment ago (`database/state_lease.py`). Whoever sends
a cookie or credentials is not asked about: theirs are never kept.

Requests of the API are counted here too, as `access` would, so that ready answers use up quota like all others.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from time import monotonic
from types import TracebackType
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import parse_etags
from prometheus_client import Counter

from failure_lessons.access.middleware import COUNT_VARIABLE
from failure_lessons.access.quota import Policy, count_request
from failure_lessons.accounts.client_address import address_of_client, rate_limit_key
from failure_lessons.api.codings import held_tag
from failure_lessons.api.compression import coding_of
from failure_lessons.api.etags import BESIDE_ADDRESSES, day_asked, keyed_digest, not_modified
from failure_lessons.database.patience import patience
from failure_lessons.database.state_lease import is_leased
from failure_lessons.library.newest_served import newest_served
from failure_lessons.library.state import ASKED_STATE, KEPT_AT, NEVER_PUBLISHED, LibraryState, read_library_state

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
Headers = list[tuple[str, str]]
StoredResponse = tuple[bytes, Headers, str, str]  # body, headers, entity tag, `Last-Modified`
MAX_CACHED_RESPONSE_BYTES = 262_144  # bytes of an answer that is kept
UNREAD_SECONDS = 60  # that kept answers are still given while the revision of the library cannot be read
LONGEST_TURN = 5.0  # seconds that one waits for what another makes
MAX_CACHE_BYTES = 32_000_000  # bytes of memory of all that a process keeps, keys and headers included
ENTRY_OVERHEAD = 400  # bytes that the store itself needs for an entry: two places in tables, tuples and lists
API = "/api/v1/"
# Below these nothing is kept, and some of them must not wait for the database.
NEVER_KEPT = (
    *("/api/", "/static/", "/admin/", "/accounts/", "/preview/", "/take-part/", "/contact/", "/follow/", "/oai"),
    *("/healthz", "/readyz", "/metrics", "/downloads/", "/brief/", "/b/"),
)
# What an answer may differ by. The host was found to be one of ours before anything was kept under it.
CACHE_KEY_VARIABLES = (
    "wsgi.url_scheme",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_HOST",
    "HTTP_X_FORWARDED_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_ACCEPT",
)
PUBLIC_ANSWERS = Counter("public_answers", "Public reads, by whether the answer was in memory.", ["made"])
FROM_MEMORY, MADE_NOW = PUBLIC_ANSWERS.labels("before"), PUBLIC_ANSWERS.labels("now")
PER_REQUEST_HEADERS = ("RateLimit", "RateLimit-Policy")
BODY_HEADERS = ("Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition")


def measure_entry(key: str, answer: StoredResponse) -> int:
    """The bytes of memory that an answer takes with its key and headers."""
    body, headers, tag, modified = answer
    texts = sum(sys.getsizeof(name) + sys.getsizeof(value) + sys.getsizeof((name, value)) for name, value in headers)
    return sum(map(sys.getsizeof, (key, body, tag, modified, answer, headers))) + texts + ENTRY_OVERHEAD


class ResponseStore:
    """The answers asked for most recently, up to so many bytes. For threads to share."""

    def __init__(self, most: int) -> None:
        self.most, self.size = most, 0
        self.answers: OrderedDict[str, StoredResponse] = OrderedDict()
        self.lock = Lock()

    def get(self, key: str) -> StoredResponse | None:
        """What was kept under this key, or None."""
        with self.lock:
            if key in self.answers:
                self.answers.move_to_end(key)
            return self.answers.get(key)

    def put(self, key: str, answer: StoredResponse) -> None:
        """Keep an answer; forget what nobody has asked for longest."""
        with self.lock:
            if key in self.answers:
                self.size -= measure_entry(key, self.answers.pop(key))
            self.size += measure_entry(key, answer)
            self.answers[key] = answer
            while self.size > self.most:
                self.size -= measure_entry(*self.answers.popitem(last=False))

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.answers.clear()
            self.size = 0


response_store = ResponseStore(MAX_CACHE_BYTES)


class SingleFlight:
    """Who makes which answer at the moment: others who ask for the same wait for it. For threads to share."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.at_work: dict[str, Event] = {}

    @contextmanager
    def take_turn(self, key: str) -> Iterator[bool]:
        """Within, an answer is made under this key; whether it is ours to make, or was just made by somebody else."""
        with self.lock:
            theirs = self.at_work.get(key)
            mine = self.at_work.setdefault(key, Event())
        if theirs:
            theirs.wait(LONGEST_TURN)
            yield False
            return
        try:
            yield True
        finally:
            with self.lock:
                del self.at_work[key]
            mine.set()


single_flight = SingleFlight()


class BareRequest(HttpRequest):
    """As much of a request as the questions asked here need."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.META = environ


def is_for_strangers(environ: WSGIEnvironment, path: str) -> bool:
    """Whether a page is asked for by somebody of whom nothing is known, and not at a moment of the past."""
    query = environ.get("QUERY_STRING", "")
    return not environ.get("HTTP_COOKIE") and not path.startswith(NEVER_KEPT) and "as_of" not in query


def build_key(request: BareRequest, state: LibraryState) -> str:
    """Under what the answer to a request in this state is kept."""
    path = request.META.get("PATH_INFO", "")
    for_data = path.startswith(API)
    # what stands beside the ledger, and the day on which something is overdue, pages show and data mostly does not
    is_beside = not for_data or path.startswith(BESIDE_ADDRESSES)
    varying = (day_asked(path) if for_data else timezone.localdate().isoformat(), state.beside if is_beside else "")
    asked = (request.META.get(name) for name in CACHE_KEY_VARIABLES)
    return keyed_digest(*asked, coding_of(request), state.number, *varying)


class ResponseCache:
    """The WSGI layer."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.policy = Policy.parse("anonymous", settings.QUOTA_ANONYMOUS)
        self.last_read: tuple[float, LibraryState] | None = None  # when the state was read last, and what it was

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        for_data = path.startswith(API)
        if (
            environ["REQUEST_METHOD"] != "GET"
            or not settings.ANSWERS_KEPT
            or "HTTP_AUTHORIZATION" in environ
            or not (for_data or is_for_strangers(environ, path))
        ):
            return self.application(environ, start_response)
        request = BareRequest(environ)
        count = None
        if for_data:
            environ[COUNT_VARIABLE] = count = count_request(self.policy, rate_limit_key(address_of_client(request)))
        leased = self.recall_leased()
        state = leased or self.read_state(environ)
        if state is None:
            return self.application(environ, start_response)
        key = build_key(request, state)
        kept = None if count and count.exceeded else response_store.get(key)
        if not kept and leased:  # what is made now is kept under the state of now
            state = self.read_state(environ) or leased
            key = build_key(request, state)
            kept = None if count and count.exceeded else response_store.get(key)
        if not kept and (ASKED_STATE not in environ or (count and count.exceeded)):
            MADE_NOW.inc()
            return self.application(environ, start_response)  # unread, the revision may not name what is answered now
        if not kept:
            with single_flight.take_turn(key) as ours:
                kept = None if ours else response_store.get(key)
                if not kept:
                    MADE_NOW.inc()
                    return self.answer_and_store(environ, start_response, key)
        FROM_MEMORY.inc()
        body, headers, tag, modified = kept
        mine = [("RateLimit-Policy", count.policy.field), ("RateLimit", count.field)] if count else []
        if not_modified(request, tag, modified):
            held = held_tag(parse_etags(environ.get("HTTP_IF_NONE_MATCH", "")), tag)
            kept_headers = [each for each in headers if each[0] not in (*BODY_HEADERS, "ETag")]
            start_response("304 Not Modified", [*kept_headers, ("ETag", held), *mine])
            return []
        start_response("200 OK", headers + mine)
        return [body]

    def read_state(self, environ: WSGIEnvironment) -> LibraryState | None:
        """The library's state; the last one known while it cannot be read, for a minute; then None.

        A minute of kept answers carries readers over a restart of the database. Longer would hand out what may have
        been withdrawn. While the database is doubted one request a second asks it, and nobody else waits.
        """
        at, held = monotonic(), self.recall_state()
        if held and patience.is_doubted() and not patience.take_turn("state"):
            return held
        try:
            environ[ASKED_STATE] = state = read_library_state()
        except Error:  # a broken connection: the application opens another, or says what there is to say
            patience.note_trouble()
            connection.close()
            return self.recall_state()
        self.last_read = (at, state)
        return state

    def recall_leased(self) -> LibraryState | None:
        """The state read last, for as long as it may be held without asking."""
        return self.recall_state() if self.last_read and is_leased(self.last_read[0]) else None

    def recall_state(self) -> LibraryState | None:
        """The state read last, unless that is too long ago, or a newer one has been served on this machine since."""
        at, state = self.last_read or (float("-inf"), NEVER_PUBLISHED)
        is_known = monotonic() - at <= UNREAD_SECONDS and state.number >= newest_served.read_number()
        return state if is_known else None

    def answer_and_store(self, environ: WSGIEnvironment, start_response: StartResponse, key: str) -> Iterable[bytes]:
        """The application's answer, kept when it may be."""
        told: list[tuple[str, Headers]] = []

        def note(status: str, headers: Headers, *error: ErrorInfo | None) -> Callable[[bytes], object]:
            told[:] = [(status, headers)]
            return start_response(status, headers, *error)

        answer = self.application(environ, note)
        if (
            not told
            or not told[0][0].startswith("200")
            or not isinstance(answer, HttpResponse)
            or answer.cookies
            or len(answer.content) > MAX_CACHED_RESPONSE_BYTES
        ):
            return answer
        if environ.get(KEPT_AT) == environ[ASKED_STATE].number:
            _, sent = told[0]
            fields = dict(sent)
            headers = [each for each in sent if each[0] not in PER_REQUEST_HEADERS]
            response_store.put(key, (answer.content, headers, fields["ETag"], fields.get("Last-Modified", "")))
        return answer
