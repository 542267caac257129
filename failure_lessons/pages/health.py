"""Whether the site is well, and what it says when something is not."""

from __future__ import annotations

import sys

from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from failure_lessons.database.limits import is_busy, is_passing
from failure_lessons.problems import problem_response
from failure_lessons.publishing.identity import find_present_address
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

# what is said of a request that Django itself refuses
REFUSAL_WORDS: dict[type[SuspiciousOperation], tuple[int, str]] = {
    DisallowedHost: (400, "We do not answer under the name in the header Host."),
    TooManyFieldsSent: (400, "There are too many parameters."),
    RequestDataTooBig: (413, "The body is larger than we take."),
}


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Nothing is asked of the database, which may be slow or locked."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


def readyz(request: HttpRequest) -> HttpResponse:
    """The library can be read."""
    Edition.objects.order_by().values_list("pk").first()
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, as a problem below /api/ and as a page elsewhere; the way to a record that the address names otherwise."""
    if request.path_info.startswith("/api/"):
        return problem_response(request, 404, "There is nothing at this address.")
    found = getattr(request, "resolver_match", None)
    if found and {"address", "slug"} <= found.kwargs.keys() and found.view_name != "preview":
        kind = next(kind for kind in KINDS.values() if kind.address == found.kwargs["address"])
        if address := find_present_address(request, kind.code):
            return HttpResponsePermanentRedirect(address)
    answer = render(request, "404.html", status=404)
    patch_vary_headers(answer, ["Accept"])
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the database is away or too busy; a problem below /api/, a page elsewhere. Asks it nothing."""
    error = sys.exc_info()[1]
    away = is_passing(error)
    status = 503 if away else 500
    if not away:
        words = "Something went wrong on our side. It has been logged."
    elif is_busy(error):
        words = "The database is too busy to answer this just now."
    else:
        words = "The database cannot be reached just now."
    if request.path_info.startswith("/api/"):
        answer = problem_response(request, status, words)
    else:
        answer = render(request, "500.html", status=status)
    if away:
        answer["Retry-After"] = "30"
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for a body that is too large."""
    status, words = 400, "The request could not be understood."
    for kind, told in REFUSAL_WORDS.items():
        if isinstance(exception, kind):
            status, words = told
    if request.path_info.startswith("/api/"):
        return problem_response(request, status, words, kind="bad-request" if status == 400 else "")
    return render(request, "400.html", status=status)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, as a problem below /api/ and as a page elsewhere."""
    if request.path_info.startswith("/api/"):
        return problem_response(request, 403, "This is not for you to see or to change.")
    return render(request, "403.html", status=403)
