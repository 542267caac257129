"""Brotli or gzip for what is worth it.

Not for answers that belong to somebody: where a cookie travels, the length of a compressed page could betray a secret
in it (BREACH). Visitors have no cookies here.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import lru_cache

import brotli  # type: ignore[import-untyped]
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

CODING_MARK = "."  # between a tag and the coding that we packed the answer in
SMALLEST = 400  # bytes; below that the headers of compression cost more than it saves
COMPRESSIBLE_TYPES = re.compile(r"text/|application/(.*\+)?(json|xml|javascript|x-ndjson)|image/svg")
PLAIN_REFUSED = re.compile(r"(?:^|,)\s*identity\s*;\s*q=0(?:\.0*)?\s*(?:,|$)", re.IGNORECASE)
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


def coding_of(request: HttpRequest) -> str:
    """The content coding that `Accept-Encoding` likes best, of those we have; empty for none."""
    text = request.META.get("HTTP_ACCEPT_ENCODING", "")
    return choose_coding(text) if text else ""


@lru_cache(maxsize=256)
def choose_coding(text: str) -> str:
    """The same, of the header's text: clients send few different ones."""
    wanted: dict[str, float] = {}
    for part in text.lower().split(","):
        coding, _, rest = part.partition(";")
        quality = rest.strip().removeprefix("q=").strip()
        try:
            wanted[coding.strip()] = float(quality) if quality else 1.0
        except ValueError:
            wanted[coding.strip()] = 0.0
    best = max(
        COMPRESSORS, key=lambda coding: wanted.get(coding, wanted.get("*", 0.0))
    )  # brotli where they are liked alike
    liking = wanted.get(best, wanted.get("*", 0.0))
    return best if liking > 0 and liking >= wanted.get("identity", 0.0) else ""


def refuses_plain(request: HttpRequest) -> bool:
    """Whether `Accept-Encoding` says that what is not packed is not acceptable."""
    return bool(PLAIN_REFUSED.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))


def tag_with_coding(tag: str, coding: str) -> str:
    """An entity tag of the answer in this content coding."""
    return f'{tag[:-1]}{CODING_MARK}{coding}"' if coding else tag


class Compression:
    """The middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if answer.streaming or answer.status_code in (204, 304) or answer.has_header("Content-Encoding"):
            return answer
        content: bytes = answer.content  # type: ignore[attr-defined]
        if len(content) < (1 if refuses_plain(request) else SMALLEST) or not COMPRESSIBLE_TYPES.match(
            answer.get("Content-Type", "")
        ):
            return answer
        if request.COOKIES or answer.cookies or request.path_info.startswith("/admin/"):
            return answer
        patch_vary_headers(answer, ["Accept-Encoding"])
        coding = coding_of(request)
        if not coding:
            return answer
        packed = COMPRESSORS[coding](content)
        if len(packed) >= len(content) and not refuses_plain(request):
            return answer
        answer.content = packed  # type: ignore[attr-defined]
        answer["Content-Encoding"] = coding
        answer["Content-Length"] = str(len(packed))
        tag = answer.get("ETag", "")
        if tag.startswith('"'):  # a strong tag names these bytes; others are other bytes
            answer["ETag"] = tag_with_coding(tag, coding)
        return answer
