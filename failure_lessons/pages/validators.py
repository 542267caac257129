"""Pages may be kept, and nobody may hand a kept one out without asking us: what was withdrawn since must not be read.

Pages that are a function of the library, the day and the address alone are marked for `api.response_cache` to keep.

Static files carry a hash in their names and keep their long lives, which whitenoise gives them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from failure_lessons.library.state import ASKED_STATE, KEPT_AT

READ_METHODS = ("GET", "HEAD")
# The pages that every stranger gets alike until something is published, by the names of their addresses.
KEPT_PAGES = frozenset(
    (
        *("home", "search", "list", "detail", "edition", "history", "compare", "evidence-map", "compare-cases"),
        *("overdue", "bodies", "body", "traceability", "corrections"),
    )
)


class PageValidators:
    """Middleware. Gives what has no `Cache-Control` of its own `no-cache`, and visitors' pages an entity tag.

    The tag is of the bytes: a page is rendered in either case, and only the way to the reader is saved. Answers with
    cookies belong to somebody and get none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if request.path_info.startswith("/api/"):  # has a middleware of its own: `failure_lessons.api.etags`
            return answer
        if not answer.has_header("Cache-Control"):
            answer["Cache-Control"] = "no-cache"
        if not is_taggable(request, answer):
            return answer
        if is_keepable(request):
            request.META[KEPT_AT] = request.META[ASKED_STATE].number
        digest = hashlib.blake2b(answer.content, digest_size=16).hexdigest()  # type: ignore[attr-defined]
        # weak: compression sends the same page as other bytes
        answer["ETag"] = f'W/"{digest}"'
        held: HttpResponseBase | None = get_conditional_response(request, etag=answer["ETag"])
        if held is None:
            return answer
        held["ETag"], held["Cache-Control"] = answer["ETag"], answer["Cache-Control"]
        return held


def is_keepable(request: HttpRequest) -> bool:
    """Whether a page without cookies holds nothing of this one reader's: no brief, no moment of the past."""
    match = request.resolver_match
    return (
        ASKED_STATE in request.META
        and match is not None
        and match.url_name in KEPT_PAGES
        and getattr(request, "brief", None) is None
        and getattr(request, "as_of", None) is None
    )


def is_taggable(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """Whether this is a whole answer to a visitor's reading."""
    return (
        request.method in READ_METHODS
        and answer.status_code == 200
        and not answer.streaming
        and not answer.has_header("ETag")
        and not request.COOKIES
        and not answer.cookies
        and not request.path_info.startswith("/admin/")
    )
