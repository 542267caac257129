"""Errors as RFC 9457 problem details, on every path below `/api/`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import APIException

MEDIA_TYPE = "application/problem+json"

KINDS = {
    "bad-parameter": "A parameter is unknown, repeated or has a value that means nothing here.",
    "not-found": "Nothing stands at this address.",
    "withdrawn": "The record was withdrawn; `detail` gives the reason.",
    "method-not-allowed": "The address does not know this method; `Allow` names those it knows.",
    "not-acceptable": "The answer cannot be given in any format that `Accept` asks for.",
    "unavailable": "The service cannot answer just now; `Retry-After` says when to try again.",
    "error": "Something else went wrong.",
}
BY_STATUS = {
    400: "bad-parameter",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    410: "withdrawn",
    503: "unavailable",
}


class Problem(APIException):
    """An error with everything a client needs to mend it."""

    def __init__(self, status: int, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status_code = status
        self.text = detail
        self.members = members


def problem(request: HttpRequest, status: int, detail: str, **members: Any) -> HttpResponse:
    """A problem details answer."""
    kind = BY_STATUS.get(status, "error")
    body = {
        "type": request.build_absolute_uri(f"/api/problems/{kind}/"),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.get_full_path()[:1000],
        **members,
    }
    return HttpResponse(orjson.dumps(body), status=status, content_type=MEDIA_TYPE)


def explained(request: HttpRequest, kind: str) -> HttpResponse:
    """What a problem's `type` leads to: the problem in words."""
    if kind not in KINDS:
        return problem(request, 404, "There is no such kind of problem.")
    return render(request, "failure_lessons/problem.html", {"name": kind, "words": KINDS[kind]})


def handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: every refusal becomes a problem."""
    request = context["request"]._request
    if isinstance(error, Problem):
        return problem(request, error.status_code, error.text, **error.members)
    if isinstance(error, Http404):
        return problem(request, 404, "Nothing stands at this address.")
    if isinstance(error, APIException):
        answer = problem(request, error.status_code, str(error.detail))
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            answer["Allow"] = ", ".join(context["view"].allowed_methods)
        return answer
    return None
