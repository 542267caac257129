"""Webhooks through the API: a partner makes, reads, stops, restarts and replays their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypedDict, Unpack
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from failure_lessons.access.authentication import require_scope
from failure_lessons.access.models import Scope, Token
from failure_lessons.api.description import JSON_MEDIA_TYPE, PROBLEM_JSON, Responses, ViewClass, describe_operation
from failure_lessons.api.parameters import refuse_unknown_parameters
from failure_lessons.api.schema_parts import (
    KIND,
    TEXT_SCHEMA,
    TIME,
    TIME_OR_NULL,
    OpenApiSchema,
    object_schema,
    schema_ref,
)
from failure_lessons.api.views import json_response
from failure_lessons.partners.request_bodies import read_json_body
from failure_lessons.problems import ApiProblem
from failure_lessons.types import JSONObject
from failure_lessons.webhooks.models import Attempt, Webhook
from failure_lessons.webhooks.services import (
    CannotChangeWebhook,
    create_webhook,
    disable_webhook,
    enable_webhook,
    renew_secret,
    replay_changes,
)

ATTEMPTS = 20  # of the latest tries that an answer lists
MAX_WEBHOOKS = 20  # webhooks a partner may have
NUMBER_SCHEMA = {"type": "integer", "minimum": 0}
WEBHOOK: dict[str, OpenApiSchema] = {
    "id": {"type": "string", "format": "uuid"},
    "url": TEXT_SCHEMA,
    "kinds": {"type": "array", "items": KIND},
    "description": TEXT_SCHEMA,
    "active": {"type": "boolean"},
    "cursor": NUMBER_SCHEMA,
    "failures": NUMBER_SCHEMA,
    "failing_since": TIME_OR_NULL,
    "disabled_at": TIME_OR_NULL,
    "disabled_reason": TEXT_SCHEMA,
    "created_at": TIME,
}
WEBHOOK_SCHEMA = object_schema("A webhook.", **WEBHOOK)
WITH_SECRET = object_schema("A webhook with its secret, shown this once.", **WEBHOOK, secret=TEXT_SCHEMA)
ATTEMPT = object_schema(
    "One try to tell of one change.",
    revision=NUMBER_SCHEMA,
    at=TIME,
    error={**TEXT_SCHEMA, "description": "Empty: delivered."},
    status={"type": ["integer", "null"], "description": "Of the answer, where there was one."},
    seconds={"type": "number"},
)
WITH_ATTEMPTS = object_schema(
    "A webhook and the latest tries.", **WEBHOOK, attempts={"type": "array", "items": ATTEMPT}
)


def serialize_webhook(webhook: Webhook) -> dict[str, object]:
    """A webhook as its owner reads it; never its secret."""
    return {
        "id": webhook.uuid,
        "url": webhook.url,
        "kinds": webhook.kinds,
        "description": webhook.description,
        "active": webhook.is_active,
        "cursor": webhook.cursor,
        "failures": webhook.failures,
        "failing_since": webhook.failing_since,
        "disabled_at": webhook.disabled_at,
        "disabled_reason": webhook.disabled_reason,
        "created_at": webhook.created_at,
    }


def serialize_attempt(attempt: Attempt) -> dict[str, object]:
    """One try."""
    return {
        "revision": attempt.revision,
        "at": attempt.at,
        "status": attempt.status,
        "error": attempt.error,
        "seconds": attempt.duration.total_seconds(),
    }


def read_members(request: HttpRequest, **types: type) -> JSONObject:
    """The members of the body, each of its type; 422 names the first that is not, or that nobody knows."""
    body = read_json_body(request)
    if not isinstance(body, dict):
        raise ApiProblem(
            422, "Send an object.", errors=[{"pointer": "", "code": "type", "detail": "This is no object."}]
        )
    for name, value in body.items():
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")[:200]
        if name not in types:
            detail = f"There is no member “{name[:80]}”. Known here: {', '.join(types)}."
        elif type(value) is not types[name] or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
            detail = f"“{name}” is {'a list of texts' if types[name] is list else types[name].__name__}."
        else:
            continue
        raise ApiProblem(422, detail, errors=[{"pointer": pointer, "code": "member", "detail": detail}])
    return body


class OwnWebhookView(APIView):
    """What the addresses of webhooks share: a token with the scope, and nobody else's webhooks."""

    renderer_classes: ClassVar[list[type[JSONRenderer]]] = [JSONRenderer]  # type: ignore[misc]
    parser_classes: ClassVar[list[type[BaseParser]]] = []  # type: ignore[misc]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Nothing goes on without the scope."""
        super().initial(request, *args, **kwargs)
        token: Token = require_scope(getattr(request._request, "token", None), Scope.WEBHOOKS)
        self.by = token.partner
        refuse_unknown_parameters(request._request, ())

    def get_own_webhook(self, uuid: UUID) -> Webhook:
        """A webhook of this partner; 404 for anybody else's."""
        webhook = Webhook.objects.filter(owner=self.by, uuid=uuid).first()
        if webhook is None:
            raise ApiProblem(404, "You have no webhook with this id.")
        return webhook

    @staticmethod
    def private_response(body: object, status: int = 200) -> HttpResponse:
        answer = json_response(body, status=status)
        answer["Cache-Control"] = "no-store"
        return answer


def webhook_problem(error: CannotChangeWebhook) -> ApiProblem:
    """What the owner is told."""
    errors = [{"pointer": "", "code": "refused", "detail": reason} for reason in error.reasons]
    return ApiProblem(422, str(error), errors=errors)


class Webhooks(OwnWebhookView):
    """Every webhook of this partner, and a place for new ones."""

    def get(self, request: Request) -> HttpResponse:
        return self.private_response(
            {"results": [serialize_webhook(webhook) for webhook in Webhook.objects.filter(owner=self.by)]}
        )

    def post(self, request: Request) -> HttpResponse:
        asked = read_members(request._request, url=str, kinds=list, description=str, since=int)
        if Webhook.objects.filter(owner=self.by).count() >= MAX_WEBHOOKS:
            raise ApiProblem(409, f"You have {MAX_WEBHOOKS} webhooks already: stop using one before you make another.")
        try:
            webhook, secret = create_webhook(owner=self.by, **{"url": "", **asked})
        except CannotChangeWebhook as error:
            raise webhook_problem(error) from None
        answer = self.private_response({**serialize_webhook(webhook), "secret": secret}, status=201)
        answer["Location"] = request._request.build_absolute_uri(reverse("api-webhook", args=[webhook.uuid]))
        return answer


class OneWebhook(OwnWebhookView):
    """One webhook, with its latest tries."""

    def get(self, request: Request, uuid: UUID) -> HttpResponse:
        webhook = self.get_own_webhook(uuid)
        latest = webhook.attempts.order_by("-at", "-pk")[:ATTEMPTS]
        return self.private_response(
            {**serialize_webhook(webhook), "attempts": [serialize_attempt(attempt) for attempt in latest]}
        )


class WebhookVerb(OwnWebhookView):
    """One thing done to a webhook."""

    def post(self, request: Request, uuid: UUID) -> HttpResponse:
        webhook = self.get_own_webhook(uuid)
        try:
            more = self.do(request._request, webhook)
        except CannotChangeWebhook as error:
            raise webhook_problem(error) from None
        return self.private_response({**serialize_webhook(webhook), **more})

    def do(self, request: HttpRequest, webhook: Webhook) -> dict[str, object]:
        raise NotImplementedError


class Replay(WebhookVerb):
    """Tell again of everything after a revision."""

    def do(self, request: HttpRequest, webhook: Webhook) -> dict[str, object]:
        replay_changes(webhook=webhook, by=self.by, since=read_members(request, since=int).get("since", 0))
        return {}


class Disable(WebhookVerb):
    """Stop telling."""

    def do(self, request: HttpRequest, webhook: Webhook) -> dict[str, object]:
        disable_webhook(webhook=webhook, by=self.by)
        return {}


class Enable(WebhookVerb):
    """Go on telling, from where it stopped."""

    def do(self, request: HttpRequest, webhook: Webhook) -> dict[str, object]:
        enable_webhook(webhook=webhook, by=self.by)
        return {}


class RenewSecret(WebhookVerb):
    """A new secret in place of the old one."""

    def do(self, request: HttpRequest, webhook: Webhook) -> dict[str, object]:
        return {"secret": renew_secret(webhook=webhook, by=self.by)}


UUID_IN_PATH = OpenApiParameter(
    "uuid", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH, description="Its id."
)


def webhook_responses(schema: OpenApiSchema, words: str, *statuses: int, success: int = 200) -> Responses:
    """An answer, and the refusals that can stand in its place."""
    names = {
        404: "No webhook of yours has this id.",
        409: "You have as many as one partner may have.",
        413: "The body is too large.",
        415: "The body is not `application/json`.",
        422: "Refused; `errors` says why.",
    }
    refusals: Responses = {
        (status, PROBLEM_JSON): OpenApiResponse(schema_ref("Problem"), description=names[status]) for status in statuses
    }
    return {(success, JSON_MEDIA_TYPE): OpenApiResponse(schema, description=words), **refusals}


class WebhookOperation(TypedDict, total=False):
    """What can be said of one operation and not of all."""

    parameters: list[OpenApiParameter]
    request: dict[str, OpenApiSchema] | None
    responses: Responses
    examples: list[OpenApiExample]


def describe_webhook_operation(
    method: str, name: str, summary: str, **about: Unpack[WebhookOperation]
) -> Callable[[ViewClass], ViewClass]:
    """Describe a method that only a token with the scope `webhooks` may use."""
    return describe_operation(
        method,
        operation_id=name,
        summary=summary,
        tags=["webhooks"],
        description="",
        auth=[{"partnerToken": []}],
        **about,
    )


NEW = {
    "type": "object",
    "required": ["url"],
    "additionalProperties": False,
    "properties": {
        "url": {"type": "string", "format": "uri", "maxLength": 500, "description": "https, on a public address."},
        "kinds": {"type": "array", "items": KIND, "description": "Empty or left out: all kinds."},
        "description": {"type": "string", "maxLength": 200},
        "since": {**NUMBER_SCHEMA, "description": "Tell of changes after this revision; left out: from now on."},
    },
}
SINCE = {"type": "object", "additionalProperties": False, "properties": {"since": NUMBER_SCHEMA}}
NEW_WEBHOOK_EXAMPLE = OpenApiExample(
    "new", {"url": "https://example.org/hook", "kinds": ["recommendation"]}, request_only=True
)
webhook_list_view = describe_webhook_operation(
    "get",
    "listWebhooks",
    "Your webhooks",
    responses=webhook_responses(
        {
            "type": "object",
            "required": ["results"],
            "properties": {"results": {"type": "array", "items": WEBHOOK_SCHEMA}},
        },
        "Your webhooks, newest first.",
    ),
)(Webhooks)
webhook_list_create_view = describe_webhook_operation(
    "post",
    "createWebhook",
    "A new webhook",
    request={JSON_MEDIA_TYPE: NEW},
    examples=[NEW_WEBHOOK_EXAMPLE],
    responses=webhook_responses(WITH_SECRET, "Made; the secret is shown this once.", 409, 413, 415, 422, success=201),
)(webhook_list_view)
webhook_view = describe_webhook_operation(
    "get",
    "getWebhook",
    "A webhook and its latest tries",
    parameters=[UUID_IN_PATH],
    responses=webhook_responses(WITH_ATTEMPTS, "The webhook.", 404),
)(OneWebhook)
webhook_verb_views = {
    "replay": describe_webhook_operation(
        "post",
        "replayWebhook",
        "Tell again of everything after a revision",
        parameters=[UUID_IN_PATH],
        request={JSON_MEDIA_TYPE: SINCE},
        responses=webhook_responses(WEBHOOK_SCHEMA, "It will.", 404, 413, 415, 422),
    )(Replay),
    "disable": describe_webhook_operation(
        "post",
        "disableWebhook",
        "Stop telling",
        parameters=[UUID_IN_PATH],
        request=None,
        responses=webhook_responses(WEBHOOK_SCHEMA, "Stopped.", 404),
    )(Disable),
    "enable": describe_webhook_operation(
        "post",
        "enableWebhook",
        "Go on telling",
        parameters=[UUID_IN_PATH],
        request=None,
        responses=webhook_responses(WEBHOOK_SCHEMA, "It goes on.", 404),
    )(Enable),
    "secret": describe_webhook_operation(
        "post",
        "renewWebhookSecret",
        "A new secret",
        parameters=[UUID_IN_PATH],
        request=None,
        responses=webhook_responses(WITH_SECRET, "Shown this once.", 404),
    )(RenewSecret),
}
urlpatterns = [
    path("", webhook_list_create_view.as_view(), name="api-webhooks"),
    path("<uuid:uuid>/", webhook_view.as_view(), name="api-webhook"),
    *(
        path(f"<uuid:uuid>/{name}/", view.as_view(), name=f"api-webhook-{name}")
        for name, view in webhook_verb_views.items()
    ),
]
