"""What every request for data passes, in the API and elsewhere: no token in its address, a good one or none, quota."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from failure_lessons.access.authentication import (
    has_token_in_address,
    require_scope,
    token_needed_problem,
    token_of,
    unauthorized_problem,
)
from failure_lessons.access.doors import API, is_data_door
from failure_lessons.access.models import Scope, Token
from failure_lessons.access.quota import Count, Policy, count_request
from failure_lessons.access.token_keys import BEARER_PREFIX
from failure_lessons.accounts.client_address import address_of_client, rate_limit_key
from failure_lessons.problems import ApiProblem, problem_response
from failure_lessons.types import JSONObject

DRY_RUN_HEADER = "Dry-Run"  # `true` in the answer to a write of which nothing was kept
COUNT_VARIABLE = "failure_lessons.count"  # in the environment: where the response cache has counted the request
# below these an anonymous request learns nothing, not even what exists
CLOSED = ("/api/v1/workbench/", "/api/v1/webhooks/")


class ApiAccessMiddleware:
    """Middleware. Sets `request.token` (a `Token` or None) and the RateLimit fields of the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.anonymous = Policy.parse("anonymous", settings.QUOTA_ANONYMOUS)
        self.partner = Policy.parse("partner", settings.QUOTA_PARTNER)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_data_door(request.path_info):
            return self.get_response(request)
        client = address_of_client(request)
        header = read_authorization(request)
        token: Token | None = None
        refusal: ApiProblem | None = None
        if has_token_in_address(request):
            refusal = ApiProblem(
                400,
                "A token was sent in the address. It belongs into the header Authorization: Bearer …, and that "
                "token is known to others now: ask for a new one.",
                kind="token-in-address",
            )
        elif header:
            try:
                token = token_of(header, client)
            except ApiProblem as error:
                refusal = error
        elif BEARER_PREFIX in request.META.get("HTTP_X_API_KEY", ""):
            refusal = unauthorized_problem("A token goes into the header Authorization: Bearer …, not into X-API-Key.")
        count = request.META.get(COUNT_VARIABLE) or (
            count_request(self.partner, token.prefix)
            if token
            else count_request(self.anonymous, rate_limit_key(client))
        )
        if count.exceeded:
            violated: JSONObject = {"violated-policies": [count.policy.name]}
            answer = problem_response(
                request,
                429,
                f"You have made {count.policy.requests} requests in {count.policy.seconds} seconds.",
                headers={"Retry-After": str(count.wait)},
                **violated,
            )
        else:
            answer = self.answer_admitted(request, token, refusal)
        return add_rate_limit_headers(answer, count)

    def answer_admitted(self, request: HttpRequest, token: Token | None, refusal: ApiProblem | None) -> HttpResponse:
        """The answer to a request that has quota left."""
        closed = request.path_info.startswith(CLOSED)
        try:
            if request.path_info.startswith(API):
                require_own_host(request)
            if refusal:
                raise refusal
            if closed and token is None:
                raise token_needed_problem()
            if token and not closed:
                require_scope(token, Scope.READ)
        except ApiProblem as error:
            return problem_response(
                request, error.status_code, error.text, kind=error.kind, headers=error.headers, **error.members
            )
        request.token = token  # type: ignore[attr-defined]
        tried = closed and token is not None and token.is_test and request.method not in ("GET", "HEAD", "OPTIONS")
        answer = self.answer_tried(request) if tried else self.get_response(request)
        if closed:
            answer["Cache-Control"] = "no-store"
        return answer

    def answer_tried(self, request: HttpRequest) -> HttpResponse:
        """The answer to a write with a token for trying out: nothing of it is kept, and the answer says so."""
        with transaction.atomic():
            answer = self.get_response(request)
            transaction.set_rollback(True)
        answer[DRY_RUN_HEADER] = "true"
        return answer


def require_own_host(request: HttpRequest) -> None:
    """400 under a name that is not ours: also where no address would have been written, and where errors are shown."""
    try:
        request.get_host()
    except DisallowedHost:
        raise ApiProblem(400, "We do not answer under the name in the header Host.", kind="bad-request") from None


def read_authorization(request: HttpRequest) -> str:
    """The header `Authorization`. Outside the API one that is no token's is meant for a server before this one."""
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    return header if request.path_info.startswith(API) or header.lower().startswith("bearer ") else ""


def add_rate_limit_headers(answer: HttpResponse, count: Count) -> HttpResponse:
    """The answer with the fields of draft-ietf-httpapi-ratelimit-headers-10."""
    answer["RateLimit-Policy"] = count.policy.field
    answer["RateLimit"] = count.field
    return answer
