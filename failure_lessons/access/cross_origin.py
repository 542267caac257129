"""Pages of other sites may read what is public, and every refusal with it.

The outermost layer, so that no answer leaves without: neither a refusal for want of quota nor one of the database. The
fields are the same for everybody, whatever `Origin` says: kept answers can be handed to all. (django-cors-headers
answers by `Origin`, which they could not.) No cookie is ever allowed; who reads with a token brings it along.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from failure_lessons.access.doors import API, is_data_door

EXPOSED = (
    "Accept-Ranges, Allow, Content-Disposition, Content-Length, Content-Range, Deprecation, Dry-Run, ETag, "
    "Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Sunset, WWW-Authenticate, "
    "Workbench-State"
)
REQUEST_HEADERS = (
    "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, If-Range, Range"
)
PREFLIGHT_SECONDS = "86400"


class CrossOriginReading:
    """Middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_data_door(request.path_info):
            return self.get_response(request)
        answer = preflight_response(request) if is_preflight(request) else self.get_response(request)
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Expose-Headers"] = EXPOSED
        return answer


def is_preflight(request: HttpRequest) -> bool:
    """Whether a browser asks, before it asks. It cannot bring a token, and it uses up nothing."""
    return request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META


def preflight_response(request: HttpRequest) -> HttpResponse:
    """What may be asked from pages of other sites."""
    writing = ", POST, PUT, PATCH, DELETE" if request.path_info.startswith(API) else ""
    answer = HttpResponse(status=204)
    answer["Access-Control-Allow-Methods"] = f"GET, HEAD{writing}"
    answer["Access-Control-Allow-Headers"] = REQUEST_HEADERS
    answer["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return answer
