"""The hatch: answers that are ready are handed out before Django is woken.

A WSGI layer around the application. `tags` marks an answer that is a function of the library and the request alone, by
putting the revision it belongs to into the request's environment. Such an answer is kept here, as it left the house,
under a key of that revision and of everything in the request that answers may differ by. Nothing stale can come out,
and nothing is ever removed by hand: the first question of every request is for the current revision.

Requests are counted here too, as `Gate` would, so that ready answers use up quota like all others.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from time import monotonic
from types import TracebackType
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from failure_lessons.access.middleware import COUNT_VARIABLE
from failure_lessons.access.quota import Policy, count_request
from failure_lessons.accounts.client_address import address_of_client, rate_limit_key
from failure_lessons.api.codings import held_tag
from failure_lessons.api.compression import coding_of
from failure_lessons.api.etags import KEPT_AT, STATE, current_revision, day_asked, keyed_digest, not_modified

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
Headers = list[tuple[str, str]]
State = tuple[int, dt.datetime | None]  # the revision of the library and its time
StoredResponse = tuple[bytes, Headers, str, str]  # body, headers, entity tag, `Last-Modified`
MAX_CACHED_RESPONSE_BYTES = 262_144  # bytes of an answer that is kept
UNREAD_SECONDS = 60  # that kept answers are still given while the revision of the library cannot be read
MAX_CACHE_BYTES = 32_000_000  # bytes of all that a process keeps
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
PER_REQUEST_HEADERS = ("RateLimit", "RateLimit-Policy")
BODY_HEADERS = ("Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition")


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
        """Keep an answer, its body first; forget what nobody has asked for longest."""
        with self.lock:
            self.size += len(answer[0]) - (len(self.answers.pop(key)[0]) if key in self.answers else 0)
            self.answers[key] = answer
            while self.size > self.most:
                self.size -= len(self.answers.popitem(last=False)[1][0])

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.answers.clear()
            self.size = 0


response_store = ResponseStore(MAX_CACHE_BYTES)


class BareRequest(HttpRequest):
    """As much of a request as the questions asked here need."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.META = environ


class ResponseCache:
    """The WSGI layer."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.policy = Policy.parse("anonymous", settings.QUOTA_ANONYMOUS)
        self.last_read: tuple[float, State] | None = None  # when the revision was read last, and what it was

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        ours = environ["REQUEST_METHOD"] == "GET" and environ.get("PATH_INFO", "").startswith("/api/v1/")
        if not ours or not settings.ANSWERS_KEPT or "HTTP_AUTHORIZATION" in environ:
            return self.application(environ, start_response)
        request = BareRequest(environ)
        environ[COUNT_VARIABLE] = count = count_request(self.policy, rate_limit_key(address_of_client(request)))
        state = self.read_state(environ)
        if state is None:
            return self.application(environ, start_response)
        key = keyed_digest(
            *(environ.get(name) for name in CACHE_KEY_VARIABLES),
            coding_of(request),
            state[0],
            day_asked(environ.get("PATH_INFO", "")),
        )
        kept = None if count.exceeded else response_store.get(key)
        if not kept:
            # unread, the revision may not name what is answered now
            return (
                self.answer_and_store(environ, start_response, key)
                if STATE in environ
                else self.application(environ, start_response)
            )
        body, headers, tag, modified = kept
        mine = [("RateLimit-Policy", count.policy.field), ("RateLimit", count.field)]
        if not_modified(request, tag, modified):
            held = held_tag(parse_etags(environ.get("HTTP_IF_NONE_MATCH", "")), tag)
            kept_headers = [each for each in headers if each[0] not in (*BODY_HEADERS, "ETag")]
            start_response("304 Not Modified", [*kept_headers, ("ETag", held), *mine])
            return []
        start_response("200 OK", headers + mine)
        return [body]

    def read_state(self, environ: WSGIEnvironment) -> State | None:
        """The library's revision; the last one known while it cannot be read, for a minute; then None.

        A minute of kept answers carries readers over a restart of the database. Longer would hand out what may have
        been withdrawn.
        """
        try:
            environ[STATE] = state = current_revision()
        except Error:  # a broken connection: the application opens another, or says what there is to say
            connection.close()
            held = self.last_read
            return held[1] if held and monotonic() - held[0] <= UNREAD_SECONDS else None
        self.last_read = (monotonic(), state)
        return state

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
            or len(answer.content) > MAX_CACHED_RESPONSE_BYTES
        ):
            return answer
        if environ.get(KEPT_AT) == environ[STATE][0]:
            _, sent = told[0]
            fields = dict(sent)
            headers = [each for each in sent if each[0] not in PER_REQUEST_HEADERS]
            response_store.put(key, (answer.content, headers, fields["ETag"], fields.get("Last-Modified", "")))
        return answer
