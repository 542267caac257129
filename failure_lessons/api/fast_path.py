"""The short way: a read of the API goes from the tags straight to its view.

Nine middlewares stand between those and a page: sessions, forms, logins, messages, briefs. None has anything to
do for a read below `/api/v1/`, which knows no cookie and no person; together they cost more than the read. What is
left for them to say, two header fields and the length, is said here. Everything else takes the long way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import cast

from csp.utils import build_policy
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve

from failure_lessons.access.middleware import CLOSED
from failure_lessons.api.compression import Compression

API_PREFIX = "/api/v1/"
API_CONTENT_SECURITY_POLICY = build_policy()  # none of these answers asks for another
cached_resolve = lru_cache(maxsize=256)(
    resolve
)  # finding one of a hundred addresses takes as long as writing the records


def call_view(request: HttpRequest) -> HttpResponseBase:
    """The answer of the view at this address."""
    request.resolver_match = match = cached_resolve(request.path_info)
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return answer


class FastPath:
    """The middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.long = get_response
        self.short = Compression(
            cast("Callable[[HttpRequest], HttpResponseBase]", convert_exception_to_response(call_view))
        )  # of a view that is not async

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if request.method not in ("GET", "HEAD") or not path.startswith(API_PREFIX) or path.startswith(CLOSED):
            return self.long(request)
        answer = self.short(request)
        answer["Content-Security-Policy"] = API_CONTENT_SECURITY_POLICY
        answer["X-Frame-Options"] = settings.X_FRAME_OPTIONS
        if not answer.streaming and not answer.has_header("Content-Length"):
            answer["Content-Length"] = str(len(answer.content))  # type: ignore[attr-defined]
        return answer
