"""Methods that nobody uses here are refused before anything looks at them: TRACE would send headers back."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from failure_lessons.access.doors import API
from failure_lessons.problems import problem_response

USED_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class RefuseMethods:
    """Middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in USED_METHODS:
            return self.get_response(request)
        if request.path_info.startswith(API):
            return problem_response(
                request, 405, "This method is not used here.", headers={"Allow": ", ".join(USED_METHODS)}
            )
        return HttpResponseNotAllowed(USED_METHODS)
