"""What the OpenAPI file says about webhooks: the views, each method described."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict, Unpack

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from failure_lessons.api.description import JSON_MEDIA_TYPE, PROBLEM_JSON, Responses, ViewClass, describe_operation
from failure_lessons.api.schema_parts import (
    CHANGE,
    HASH_SCHEMA,
    HEAD_SCHEMA,
    KIND,
    TEXT_SCHEMA,
    TIME,
    TIME_OR_NULL,
    URI,
    URI_OR_NULL,
    OpenApiSchema,
    object_schema,
    schema_ref,
)
from failure_lessons.partners.request_bodies import MERGE_PATCH
from failure_lessons.publishing.schemas import NAME_KEYWORD, named_schema
from failure_lessons.webhooks.api import (
    LARGEST_KEY,
    Deliveries,
    Disable,
    Enable,
    OneWebhook,
    Redeliver,
    RenewSecret,
    Replay,
    SendTest,
    Webhooks,
)
from failure_lessons.webhooks.models import ACTIONS

NUMBER_SCHEMA = {"type": "integer", "minimum": 0}
ACTION = {"type": "string", "enum": ACTIONS}
WEBHOOK: dict[str, OpenApiSchema] = {
    "id": {"type": "string", "format": "uuid"},
    "url": TEXT_SCHEMA,
    "kinds": {"type": "array", "items": KIND},
    "actions": {"type": "array", "items": ACTION},
    "description": TEXT_SCHEMA,
    "active": {"type": "boolean"},
    "former_secret_until": {**TIME_OR_NULL, "description": "After a change of secret both sign until then."},
    "cursor": NUMBER_SCHEMA,
    "failures": NUMBER_SCHEMA,
    "failing_since": TIME_OR_NULL,
    "disabled_at": TIME_OR_NULL,
    "disabled_reason": TEXT_SCHEMA,
    "created_at": TIME,
}
WEBHOOK_SCHEMA = named_schema("Webhook", object_schema("A webhook.", **WEBHOOK))
WITH_SECRET = named_schema(
    "WebhookWithSecret",
    object_schema("A webhook with its secret, shown this once.", **WEBHOOK, secret=TEXT_SCHEMA),
)
ATTEMPT = named_schema(
    "WebhookDelivery",
    object_schema(
        "One try to tell of one change, or one test.",
        message={**TEXT_SCHEMA, "description": "The `webhook-id` that was sent."},
        revision={"type": ["integer", "null"], "minimum": 0, "description": "null: a test."},
        at=TIME,
        error={**TEXT_SCHEMA, "description": "Empty: delivered."},
        status={"type": ["integer", "null"], "description": "Of the answer, where there was one."},
        seconds={"type": "number"},
    ),
)
WITH_ATTEMPTS = named_schema(
    "WebhookWithDeliveries",
    object_schema("A webhook and the latest tries.", **WEBHOOK, attempts={"type": "array", "items": ATTEMPT}),
)
UUID_IN_PATH = OpenApiParameter(
    "uuid", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH, description="Its id."
)


def webhook_responses(schema: OpenApiSchema, words: str, *statuses: int, success: int = 200) -> Responses:
    """An answer, and the refusals that can stand in its place."""
    return {(success, JSON_MEDIA_TYPE): OpenApiResponse(schema, description=words), **webhook_refusals(*statuses)}


def webhook_refusals(*statuses: int) -> Responses:
    """Refusals of webhooks."""
    names = {
        400: "`before` is no number.",
        404: "No webhook of yours has this id.",
        409: "You have as many as one partner may have.",
        413: "The body is too large.",
        415: "The body is not `application/json`.",
        422: "Refused; `errors` says why.",
    }
    return {
        (status, PROBLEM_JSON): OpenApiResponse(schema_ref("Problem"), description=names[status]) for status in statuses
    }


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


CHANGEABLE: dict[str, OpenApiSchema] = {
    "url": {"type": "string", "format": "uri", "maxLength": 500, "description": "https, on a public address."},
    "kinds": {"type": "array", "items": KIND, "description": "Empty: all kinds."},
    "actions": {"type": "array", "items": ACTION, "description": "What to tell of. Empty: everything."},
    "description": {"type": "string", "maxLength": 200},
}
CHANGES = {NAME_KEYWORD: "WebhookChanges", "type": "object", "additionalProperties": False, "properties": CHANGEABLE}
NEW = {
    NAME_KEYWORD: "NewWebhook",
    "type": "object",
    "required": ["url"],
    "additionalProperties": False,
    "properties": {
        **CHANGEABLE,
        "since": {**NUMBER_SCHEMA, "description": "Tell of changes after this revision; left out: from now on."},
    },
}
SINCE = {
    NAME_KEYWORD: "Replay",
    "type": "object",
    "required": ["since"],
    "additionalProperties": False,
    "properties": {"since": NUMBER_SCHEMA},
}
REVISION = {
    NAME_KEYWORD: "Redelivery",
    "type": "object",
    "required": ["revision"],
    "additionalProperties": False,
    "properties": {"revision": {"type": "integer", "minimum": 1}},
}
WITH_MESSAGE = named_schema(
    "WebhookWithMessage",
    object_schema("A webhook, and the name of the message that will be sent.", **WEBHOOK, message=TEXT_SCHEMA),
)
LOG = named_schema(
    "WebhookDeliveries",
    object_schema("A page of the log, newest first.", results={"type": "array", "items": ATTEMPT}, next=URI_OR_NULL),
)
WEBHOOK_LIST = named_schema("Webhooks", object_schema("Webhooks.", results={"type": "array", "items": WEBHOOK_SCHEMA}))
NEW_WEBHOOK_EXAMPLE = OpenApiExample(
    "new", {"url": "https://example.org/hook", "kinds": ["recommendation"]}, request_only=True
)
webhook_list_view = describe_webhook_operation(
    "get",
    "listWebhooks",
    "Your webhooks",
    responses=webhook_responses(
        WEBHOOK_LIST,
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
webhook_view = describe_webhook_operation(
    "patch",
    "changeWebhook",
    "Change what it tells of, and whom",
    parameters=[UUID_IN_PATH],
    request={MERGE_PATCH: CHANGES},
    responses=webhook_responses(WEBHOOK_SCHEMA, "Changed.", 404, 413, 415, 422),
)(webhook_view)
webhook_view = describe_webhook_operation(
    "delete",
    "deleteWebhook",
    "Take it away with its log",
    parameters=[UUID_IN_PATH],
    responses={204: OpenApiResponse(None, description="Gone."), **webhook_refusals(404)},
)(webhook_view)
webhook_deliveries_view = describe_webhook_operation(
    "get",
    "listWebhookDeliveries",
    "Every try of the last month",
    parameters=[
        UUID_IN_PATH,
        OpenApiParameter(
            "before", {"type": "integer", "minimum": 1, "maximum": LARGEST_KEY}, description="As in `next`."
        ),
    ],
    responses=webhook_responses(LOG, "The log.", 400, 404),
)(Deliveries)
webhook_verb_views = {
    "test": describe_webhook_operation(
        "post",
        "testWebhook",
        "Send a message that says that nothing happened",
        parameters=[UUID_IN_PATH],
        request=None,
        responses=webhook_responses(WITH_MESSAGE, "It will be sent.", 404, 422),
    )(SendTest),
    "redeliver": describe_webhook_operation(
        "post",
        "redeliverWebhook",
        "Tell of one revision again",
        parameters=[UUID_IN_PATH],
        request={JSON_MEDIA_TYPE: REVISION},
        responses=webhook_responses(WITH_MESSAGE, "It will be sent.", 404, 413, 415, 422),
    )(Redeliver),
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


MESSAGE_DATA: dict[str, OpenApiSchema] = {
    "revision": {"type": "integer", "minimum": 1},
    "record": {"type": "string", "format": "uuid", "description": "The same for ever, also when its address changes."},
    "kind": KIND,
    "slug": TEXT_SCHEMA,
    "edition": {"type": "integer", "minimum": 1},
    "sha256": HASH_SCHEMA,
    "change": CHANGE,
    "ledger": {"anyOf": [HEAD_SCHEMA, {"type": "null"}], "description": "This revision as a signed head."},
    "url": {**URI, "description": "The edition, to be read."},
}
MESSAGE = named_schema(
    "WebhookMessage",
    object_schema(
        "What a webhook is told of a change.",
        type={"type": "string", "enum": [f"edition.{action}" for action in ACTIONS]},
        timestamp=TIME,
        data=named_schema("WebhookMessageData", object_schema("What changed.", **MESSAGE_DATA)),
    ),
)
TEST_MESSAGE = named_schema(
    "WebhookTest",
    object_schema(
        "What a test says: nothing happened.",
        type={"type": "string", "const": "webhook.test"},
        timestamp=TIME,
        data=named_schema(
            "WebhookTestData",
            object_schema("Whom it was for.", webhook={"type": "string", "format": "uuid"}, url=URI),
        ),
    ),
)
SENT_HEADERS = {
    "webhook-id": "The same for every try to tell of this: use it to drop repeats.",
    "webhook-timestamp": "When it was sent, in seconds since 1970. Refuse what is older than five minutes.",
    "webhook-signature": "`v1,` and an HMAC-SHA256 of id, timestamp and body, after Standard Webhooks; two of them "
    "for a day after a change of secret.",
}


def describe_message(name: str, summary: str, schema: OpenApiSchema) -> OpenApiSchema:
    """A message, as the request that a receiver gets."""
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "tags": ["webhooks"],
            "security": [],
            "parameters": [
                {"name": header, "in": "header", "required": True, "schema": {"type": "string"}, "description": words}
                for header, words in SENT_HEADERS.items()
            ],
            "requestBody": {"required": True, "content": {JSON_MEDIA_TYPE: {"schema": schema}}},
            "responses": {
                "2XX": {"description": "Taken."},
                "410": {"description": "Wants nothing more: the webhook is switched off."},
            },
        }
    }


def add_messages(result: OpenApiSchema, **_: object) -> OpenApiSchema:
    """Add what receivers are sent. A hook of drf-spectacular."""
    result["webhooks"] = {
        "change": describe_message("receiveChange", "Something was published, corrected or taken away", MESSAGE),
        "test": describe_message("receiveTest", "The owner asked for a test", TEST_MESSAGE),
    }
    return result
