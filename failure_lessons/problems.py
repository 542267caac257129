"""Errors as RFC 9457 problem details, on every path below `/api/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException

from failure_lessons.types import Document

PROBLEM_MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class ProblemKind:
    """One kind of problem: what its page says. `example` holds members that an answer of this kind may carry."""

    code: str
    status: int
    happened: str
    mend: str
    example: Document = field(default_factory=dict)


PROBLEM_KINDS = {
    kind.code: kind
    for kind in (
        ProblemKind(
            "bad-parameter",
            400,
            "A parameter is unknown, repeated or has a value that means nothing here.",
            "`parameter` names it and `detail` says what would do; where there is an `example`, it works as it stands.",
            {
                "detail": "There is no parameter `phse`. Did you mean `phase`?",
                "parameter": "phse",
                "example": "/api/v1/recommendations/?phase=prevention",
            },
        ),
        ProblemKind(
            "bad-request",
            400,
            "The request cannot be read: its body is not JSON, or something around it is wrong.",
            "Send one JSON object in UTF-8 in which no name stands twice, and no header that `detail` complains about.",
            {"detail": "The body is not JSON: the name “title” stands twice in one object."},
        ),
        ProblemKind(
            "token-in-address",
            400,
            "The address holds a token. Addresses are written into logs and histories.",
            "Send it in the header `Authorization: Bearer …` instead. Treat that token as known to others: ask us to "
            "revoke it and use a new one.",
            {"detail": "A token was sent in the address. It belongs into the header `Authorization: Bearer …`."},
        ),
        ProblemKind(
            "unauthorised",
            401,
            "This needs a token, or the token sent is wrong, expired or revoked.",
            "Send `Authorization: Bearer` and a token that is still good. We give tokens to partners; see the API's "
            "documentation. Everything published can be read without one.",
            {"detail": "The token expired on 2026-10-01. Ask for a new one."},
        ),
        ProblemKind(
            "forbidden",
            403,
            "The token is good, but does not allow this: by its scope, its networks or the record.",
            "`detail` says which. Ask for a token with the scope, or have the record assigned to you.",
            {"detail": "This token does not have the scope `write:references`.", "scope": "write:references"},
        ),
        ProblemKind(
            "not-found",
            404,
            "Nothing stands at this address.",
            "Begin at `/api/v1/`, which lists every collection; take addresses from answers rather than making them.",
            {"detail": "There is no recommendation at this address."},
        ),
        ProblemKind(
            "method-not-allowed",
            405,
            "The address does not know this method.",
            "`Allow` names those it knows.",
            {"detail": 'Method "POST" not allowed.'},
        ),
        ProblemKind(
            "not-acceptable",
            406,
            "The answer cannot be given in any format that `Accept` asks for.",
            "Ask for `application/json`, or leave `Accept` out.",
            {"detail": "Could not satisfy the request Accept header."},
        ),
        ProblemKind(
            "conflict",
            409,
            "The record is not in a state that allows this, or its key is taken.",
            "`detail` gives the reason. What is in review or published changes in the workbench only.",
            {"detail": "hmp-birmingham is published. Ask the editors to change it."},
        ),
        ProblemKind(
            "still-running",
            409,
            "A request with this `Idempotency-Key` is being worked on at this moment.",
            "Wait as long as `Retry-After` says, then send the same request again: you get its answer.",
            {"detail": "The first request with this key has not ended yet."},
        ),
        ProblemKind(
            "withdrawn",
            410,
            "The record was withdrawn.",
            "`detail` gives the reason. Remove it from your copy.",
            {"detail": "Withdrawn on 2026-11-03: a source was false.", "withdrawn_at": "2026-11-03T10:00:00+00:00"},
        ),
        ProblemKind(
            "changed-meanwhile",
            412,
            "The draft has changed since you read it.",
            "Read it again, bring your change into what is there now, and send that with the new tag in `If-Match`.",
            {"detail": "Somebody changed it since.", "current": '"9f8c…"'},
        ),
        ProblemKind(
            "too-large",
            413,
            "The body is larger than we take.",
            "Divide it. A package of some 2,000 records fits easily; send references first, then what cites them.",
            {"detail": "The body has 7340032 bytes; at most 5000000 are taken.", "limit": 5_000_000},
        ),
        ProblemKind(
            "address-too-long",
            414,
            "The address has more than 8,190 bytes.",
            "Ask in several requests: a hundred codes in `ids` fit, a hundred long slugs may not.",
            {"detail": "The address has more than 8,190 bytes. Ask in several requests: fewer `ids`, fewer filters."},
        ),
        ProblemKind(
            "unsupported-media-type",
            415,
            "The body is not in a format that this address takes.",
            "Send `Content-Type: application/json`, or `application/merge-patch+json` with PATCH; in UTF-8, not "
            "compressed.",
            {"detail": "This address takes application/merge-patch+json, not text/csv."},
        ),
        ProblemKind(
            "invalid-record",
            422,
            "What was sent is JSON, but not sound evidence. Nothing of it was written.",
            "Each of `errors` has a JSON pointer into what you sent, a code and words that say how to mend it. Send it "
            "again with `?dry_run=true` until the list is empty.",
            {
                "detail": "1 problem; nothing was written.",
                "errors": [
                    {
                        "pointer": "/references/0/titel",
                        "code": "unknown-field",
                        "detail": "There is no field “titel”. Did you mean “title”?",
                    }
                ],
            },
        ),
        ProblemKind(
            "key-reused",
            422,
            "This `Idempotency-Key` was used for another request within the last 24 hours.",
            "Make a new key, such as a random UUID, for each new request; repeat a key only with the very same body.",
            {"detail": "This key belongs to another request."},
        ),
        ProblemKind(
            "precondition-required",
            428,
            "Changing a draft needs `If-Match`, so that nobody's work is overwritten.",
            "Read the draft first and send its `ETag` back in `If-Match`.",
            {"detail": "Send If-Match with the ETag of the draft you read."},
        ),
        ProblemKind(
            "too-many-requests",
            429,
            "Your quota for this while is used up.",
            "Wait as long as `Retry-After` says. `RateLimit` on every answer tells what is left; partners with a token "
            "have more.",
            {"detail": "You have made 600 requests in 60 seconds.", "violated-policies": ["anonymous"]},
        ),
        ProblemKind(
            "headers-too-large",
            431,
            "A header has more than 8,190 bytes, or there are more than a hundred.",
            "Send less with the request; no address here needs more than a few short headers.",
            {"detail": "A header has more than 8,190 bytes, or there are more than 100. Send less with the request."},
        ),
        ProblemKind(
            "error",
            500,
            "Something went wrong on our side. It has been logged, and nothing was half written.",
            "Try again in a minute; if it stays, tell us the address and the time.",
            {"detail": "Something went wrong on our side. It has been logged."},
        ),
        ProblemKind(
            "unavailable",
            503,
            "The service cannot answer just now.",
            "`Retry-After` says when to try again.",
            {"detail": "The database cannot be reached just now."},
        ),
    )
}
# the first kind of each status speaks for it when nothing more is known
BY_STATUS = {kind.status: kind.code for kind in reversed(PROBLEM_KINDS.values())}


class ApiProblem(APIException):
    """An error with all that a client needs to mend it. `kind` is in `PROBLEM_KINDS` if the status leaves a choice."""

    def __init__(
        self, status: int, detail: str, *, kind: str = "", headers: Mapping[str, str] | None = None, **members: object
    ) -> None:
        super().__init__(detail)
        self.status_code = status
        self.text = detail
        self.kind = kind
        self.headers = headers or {}
        self.members = members


def problem_response(
    request: HttpRequest,
    status: int,
    detail: str,
    *,
    kind: str = "",
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> HttpResponse:
    """A problem details answer."""
    kind = kind or BY_STATUS.get(status, "error")
    body = {
        "type": type_of(request, kind),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        # an address that holds a token is not repeated
        "instance": request.path[:1000] if kind == "token-in-address" else request.get_full_path()[:1000],
        **members,
    }
    return HttpResponse(orjson.dumps(body), status=status, content_type=PROBLEM_MEDIA_TYPE, headers=headers or {})


def type_of(request: HttpRequest, kind: str) -> str:
    """The address that explains a kind of problem; without a host when the request's host is the problem."""
    path = reverse("api-problem", args=[kind])
    try:
        return request.build_absolute_uri(path)
    except DisallowedHost:
        return path


@csrf_exempt
def explain_problem(request: HttpRequest, kind: str) -> HttpResponse:
    """What a problem's `type` leads to: what happened, how to mend it, an example."""
    if request.method not in ("GET", "HEAD"):
        return problem_response(request, 405, "This page can be read only.", headers={"Allow": "GET, HEAD"})
    if kind not in PROBLEM_KINDS:
        return problem_response(request, 404, "There is no such kind of problem.")
    known = PROBLEM_KINDS[kind]
    example = {
        "type": request.build_absolute_uri(reverse("api-problem", args=[kind])),
        "title": HTTPStatus(known.status).phrase,
        "status": known.status,
        **known.example,
    }
    shown = orjson.dumps(example, option=orjson.OPT_INDENT_2).decode()
    return render(request, "problems/problem.html", {"kind": known, "title": example["title"], "example": shown})


def handle_api_error(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: every refusal becomes a problem."""
    request = context["request"]._request
    if isinstance(error, ApiProblem):
        return problem_response(
            request, error.status_code, error.text, kind=error.kind, headers=error.headers, **error.members
        )
    if isinstance(error, Http404):
        return problem_response(request, 404, "Nothing stands at this address.")
    if isinstance(error, PermissionDenied):
        return problem_response(request, 403, "This is not for you to see or to change.")
    if isinstance(error, APIException):
        kind = "bad-request" if error.status_code == HTTPStatus.BAD_REQUEST else ""
        answer = problem_response(request, error.status_code, str(error.detail), kind=kind)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            answer["Allow"] = ", ".join(context["view"].allowed_methods)
        return answer
    return None
