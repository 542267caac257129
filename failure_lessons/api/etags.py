"""Answers that nobody has to send twice: entity tags and 304.

An answer that a view marks `of_the_library` depends on the request and on the state of the library, which one number
names: the current revision. So the entity tag is made of the revision and the request (and of the day in London where
what is overdue is told), and a 304 to who holds that tag
asks the database for that number and nothing else. The response cache keeps whole answers in the same way.

An answer may be newer than its tag, when something was published between reading the number and reading the rows: the
number is read first, or with the rows. It is never older: whoever asks after that publication asks under another one.

Who shows a token gets the same tags: what is published does not differ by who asks, and the token was checked before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags

from failure_lessons.api.codings import plain_tag, tag_as_sent
from failure_lessons.api.compression import tag_with_coding
from failure_lessons.api.policy import add_deprecation_headers
from failure_lessons.library.state import ASKED_STATE, KEPT_AT, NEVER_PUBLISHED, LibraryState, read_library_state
from failure_lessons.publishing.addresses import host_address
from failure_lessons.publishing.registry import KINDS

CODE_ROOT = Path(__file__).resolve().parent.parent
SECRET = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
# A new version of the software may answer otherwise at the same revision.
BUILD = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(CODE_ROOT.rglob("*.py")))).hexdigest()
CLOCK_ADDRESSES = (
    "/api/v1/bodies/",
    *(f"/api/v1/{kind.api_address}/" for kind in KINDS.values() if kind.asks_the_clock),
)
BESIDE_ADDRESSES = ("/api/v1/notes/",)  # what they tell changes without a revision


def asked_state(request: HttpRequest) -> LibraryState:
    """The state of the library that this request is answered from at least: read once, before anything else is."""
    if ASKED_STATE not in request.META:
        request.META[ASKED_STATE] = read_library_state()
    state: LibraryState = request.META[ASKED_STATE]
    return state


def naming_state(request: HttpRequest, state: LibraryState) -> tuple[object, ...]:
    """What names a state in the tags of an address: the revision, and what stands beside the ledger where it does."""
    return (state.number, state.beside) if request.path_info.startswith(BESIDE_ADDRESSES) else (state.number,)


def day_asked(path: str) -> str:
    """The day in London, for answers that depend on it too: at midnight they change without a revision."""
    if path.startswith(CLOCK_ADDRESSES):
        return timezone.localdate().isoformat()
    return ""


def keyed_digest(*parts: object) -> str:
    """A short name for these values that nobody else can make."""
    text = "\0".join(map(str, parts)).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, key=SECRET, digest_size=16).hexdigest()


@lru_cache(maxsize=256)
def format_last_modified(at: dt.datetime | None) -> str:
    """A moment as in `Last-Modified`, or an empty text."""
    return http_date(at.timestamp()) if at else ""


def not_modified(request: HttpRequest, tag: str, modified: str) -> bool:
    """Whether the reader already holds this answer.

    A date counts only when it is the very one we gave: a clock cannot tell two changes within a second apart, nor a
    change that was decided before but written after the reader asked.
    """
    asked = request.META.get("HTTP_IF_NONE_MATCH")
    if asked is not None:
        held = [tag_as_sent(each) for each in parse_etags(asked)]
        return bool(tag) and (tag.removeprefix("W/") in held or held == ["*"])
    return bool(modified) and request.META.get("HTTP_IF_MODIFIED_SINCE") == modified


class EntityTags:
    """The middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        answer = self.answer_with_tag(request)
        if request.method == "HEAD" and not answer.streaming:
            answer["Content-Length"] = str(len(answer.content))  # type: ignore[attr-defined]
            answer.content = b""  # type: ignore[attr-defined]
        if "Cache-Control" not in answer:
            answer["Cache-Control"] = "no-cache"
        add_deprecation_headers(request, answer)
        return answer

    def answer_with_tag(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with its tag; or a 304."""
        meta = request.META
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        if "HTTP_IF_NONE_MATCH" in meta:
            state = asked_state(request)
            tag = self.build_etag(request, *naming_state(request, state))
            if tag in parse_etags(meta["HTTP_IF_NONE_MATCH"]):
                return not_modified_response(tag, format_last_modified(state.at), "public, no-cache")
        answer = self.get_response(request)
        own: tuple[object, ...] | None = getattr(answer, "library_tag", None)
        if own is None:
            return answer
        state = meta.get(ASKED_STATE) or LibraryState(*getattr(answer, "library_state", NEVER_PUBLISHED))
        meta[KEPT_AT] = state.number
        if answer.status_code == 200:
            self.add_validators(request, answer, own or naming_state(request, state), state.at)
        return self.answer_or_not_modified(request, answer)

    def build_etag(self, request: HttpRequest, *state: object) -> str:
        """The entity tag of the answer to this request in this state, before any coding."""
        asked = (host_address(request), request.get_full_path(), request.META.get("HTTP_ACCEPT", ""))
        return f'"{keyed_digest(BUILD, *asked, day_asked(request.path_info), *state)}"'

    def add_validators(
        self, request: HttpRequest, answer: HttpResponseBase, state: tuple[object, ...], at: dt.datetime | None
    ) -> None:
        """Give the answer its validators: of the revision and its time, or of a state that ends in times of its own."""
        at = max((each for each in state[-3:] if isinstance(each, dt.datetime)), default=at)
        if at and day_asked(request.path_info):
            at = max(at, timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0))
        tag = tag_with_coding(self.build_etag(request, *state), answer.get("Content-Encoding", ""))
        # rows of a streamed answer are read while it is sent
        answer["ETag"] = f"W/{tag}" if answer.streaming else tag
        if at:
            answer["Last-Modified"] = format_last_modified(at)
        patch_vary_headers(answer, ["Accept", "Accept-Encoding"])

    def answer_or_not_modified(self, request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
        """The answer, or a 304 when the reader holds it."""
        tag, modified = answer.get("ETag", ""), answer.get("Last-Modified", "")
        if answer.status_code == 200 and not_modified(request, plain_tag(tag), modified):
            return not_modified_response(tag, modified, answer["Cache-Control"])
        return answer


def not_modified_response(tag: str, modified: str, cache: str) -> HttpResponse:
    """A 304 with what the reader should note."""
    answer = HttpResponse(status=304)
    del answer["Content-Type"]
    answer["ETag"] = tag
    if modified:
        answer["Last-Modified"] = modified
    answer["Cache-Control"] = cache
    answer["Vary"] = "Accept, Accept-Encoding"
    return answer
