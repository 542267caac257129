"""Entity tags that were rewritten on the way: by our compression, or by a server between us and the reader.

Whoever compresses an answer has to give it another tag, and each has a way of its own: `"x-gzip"` (Apache, Caddy),
`"x--gzip"` (Jetty), `"x;gzip"`, `W/"x"` (nginx); ours is `"x.gzip"`. The reader sends back what it got. What others
added is taken off before anything compares; they put it there again. What we added counts while we would answer in the
same coding: a cache that holds a packed answer must not hand it to somebody who cannot unpack it. A 304 names the tag
that the reader holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags

from failure_lessons.api.compression import CODING_MARK, coding_of

CODING = r"(?:gzip|br|brotli|zstd|deflate)"
ADDED_BY_OTHERS = re.compile(rf'(?:(?:--?|[;:+]){CODING})+"$')
ADDED_BY_US = re.compile(rf'{re.escape(CODING_MARK)}({CODING})"$')
EVERY_TAG = re.compile(r'(?<!W/)"[^"]*"')  # strong: a weak one allows no change


def tag_as_sent(tag: str) -> str:
    """The tag as it left us."""
    return ADDED_BY_OTHERS.sub('"', tag.removeprefix("W/"))


def plain_tag(tag: str, coding: str | None = None) -> str:
    """The tag before any coding of others', and before ours: whichever it was, or only when it was `coding`."""
    sent = tag_as_sent(tag)
    ours = ADDED_BY_US.search(sent)
    return ADDED_BY_US.sub('"', sent) if ours and coding in (None, ours[1]) else sent


def held_tag(held: Iterable[str], tag: str) -> str:
    """What the reader who holds one of these calls our tag."""
    return next((each for each in held if plain_tag(each) == plain_tag(tag)), tag)


class TagCodings:
    """The middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        held = parse_etags(meta.get("HTTP_IF_NONE_MATCH", ""))
        if held and held != ["*"]:
            coding = coding_of(request)
            meta["HTTP_IF_NONE_MATCH"] = ", ".join(plain_tag(each, coding) for each in held)
        if '"' in meta.get("HTTP_IF_MATCH", ""):
            meta["HTTP_IF_MATCH"] = EVERY_TAG.sub(lambda found: plain_tag(found[0]), meta["HTTP_IF_MATCH"])
        answer = self.get_response(request)
        if answer.status_code == 304 and "ETag" in answer:
            answer["ETag"] = held_tag(held, answer["ETag"])
        return answer
