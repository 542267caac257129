"""Webhooks through the API: a partner makes, reads, changes, tries, stops, replays and deletes their own."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from failure_lessons.access.authentication import require_scope
from failure_lessons.access.models import Scope, Token
from failure_lessons.api.parameters import parse_bounded_integer, raise_bad_request, refuse_unknown_parameters
from failure_lessons.api.views import json_response
from failure_lessons.partners.request_bodies import JSON_CONTENT_TYPE, MERGE_PATCH, read_json_body
from failure_lessons.problems import ApiProblem
from failure_lessons.publishing.addresses import requested_address
from failure_lessons.types import JSONObject
from failure_lessons.webhooks.models import Attempt, Webhook
from failure_lessons.webhooks.services import (
    CannotChangeWebhook,
    change_webhook,
    create_webhook,
    delete_webhook,
    disable_webhook,
    enable_webhook,
    renew_secret,
    replay_changes,
    request_delivery,
)

ATTEMPTS = 20  # of the latest tries that an answer lists
DELIVERIES = 100  # of a page of the log
LARGEST_KEY = 2**53  # that every language can count to
MAX_WEBHOOKS = 20  # webhooks a partner may have
TYPE_NAMES = {str: "a text", int: "a whole number", list: "a list of texts"}


def serialize_webhook(webhook: Webhook) -> dict[str, object]:
    """A webhook as its owner reads it; never its secret."""
    return {
        "id": webhook.uuid,
        "url": webhook.url,
        "kinds": webhook.kinds,
        "actions": webhook.actions,
        "description": webhook.description,
        "active": webhook.is_active,
        "former_secret_until": webhook.former_secret_until,
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
        "message": attempt.message_id,
        "revision": attempt.revision,
        "at": attempt.at,
        "status": attempt.status,
        "error": attempt.error,
        "seconds": attempt.duration.total_seconds(),
    }


def read_members(request: HttpRequest, media_type: str = JSON_CONTENT_TYPE, **types: type) -> JSONObject:
    """The members of the body, each of its type; 422 names the first that is not, or that nobody knows."""
    body = read_json_body(request, media_type)
    if not isinstance(body, dict):
        raise ApiProblem(
            422, "Send an object.", errors=[{"pointer": "", "code": "type", "detail": "This is no object."}]
        )
    for name, value in body.items():
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")[:200]
        if name not in types:
            detail = f"There is no member “{name[:80]}”. Known here: {', '.join(types)}."
        elif type(value) is not types[name] or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
            detail = f"“{name}” has to be {TYPE_NAMES[types[name]]}."
        else:
            continue
        raise ApiProblem(422, detail, errors=[{"pointer": pointer, "code": "member", "detail": detail}])
    return body


def require_members(body: JSONObject, *names: str) -> None:
    """422 for the first of these that is not there."""
    for name in names:
        if name not in body:
            detail = f"“{name}” is needed."
            raise ApiProblem(422, detail, errors=[{"pointer": f"/{name}", "code": "missing", "detail": detail}])


class OwnWebhookView(APIView):
    """What the addresses of webhooks share: a token with the scope, and nobody else's webhooks."""

    known: ClassVar[tuple[str, ...]] = ()  # parameters
    renderer_classes: ClassVar[list[type[JSONRenderer]]] = [JSONRenderer]  # type: ignore[misc]
    parser_classes: ClassVar[list[type[BaseParser]]] = []  # type: ignore[misc]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Nothing goes on without the scope."""
        super().initial(request, *args, **kwargs)
        token: Token = require_scope(getattr(request._request, "token", None), Scope.WEBHOOKS)
        self.by = token.partner
        refuse_unknown_parameters(request._request, self.known)

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
    """What the owner is told, each reason with the member that it is about."""
    placed = [
        ("" if name == NON_FIELD_ERRORS else f"/{name}", reason)
        for name, reasons in error.by_field.items()
        for reason in reasons
    ]
    errors = [
        {"pointer": pointer, "code": "refused", "detail": reason}
        for pointer, reason in placed or [("", reason) for reason in error.reasons]
    ]
    return ApiProblem(422, str(error), errors=errors)


class Webhooks(OwnWebhookView):
    """Every webhook of this partner, and a place for new ones."""

    def get(self, request: Request) -> HttpResponse:
        return self.private_response(
            {"results": [serialize_webhook(webhook) for webhook in Webhook.objects.filter(owner=self.by)]}
        )

    def post(self, request: Request) -> HttpResponse:
        asked = read_members(request._request, url=str, kinds=list, actions=list, description=str, since=int)
        require_members(asked, "url")
        if Webhook.objects.filter(owner=self.by).count() >= MAX_WEBHOOKS:
            raise ApiProblem(409, f"You have {MAX_WEBHOOKS} webhooks already: delete one before you make another.")
        try:
            webhook, secret = create_webhook(owner=self.by, **asked)
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

    def patch(self, request: Request, uuid: UUID) -> HttpResponse:
        webhook = self.get_own_webhook(uuid)
        asked = read_members(request._request, MERGE_PATCH, url=str, kinds=list, actions=list, description=str)
        try:
            change_webhook(webhook=webhook, by=self.by, **asked)
        except CannotChangeWebhook as error:
            raise webhook_problem(error) from None
        return self.private_response(serialize_webhook(webhook))

    def delete(self, request: Request, uuid: UUID) -> HttpResponse:
        delete_webhook(webhook=self.get_own_webhook(uuid), by=self.by)
        answer = HttpResponse(status=204)
        answer["Cache-Control"] = "no-store"
        return answer


class Deliveries(OwnWebhookView):
    """The log: every try of the last month, newest first."""

    known = ("before",)

    def get(self, request: Request, uuid: UUID) -> HttpResponse:
        asked = request._request
        before, faults = parse_bounded_integer(asked.GET, "before", LARGEST_KEY, LARGEST_KEY)
        raise_bad_request(asked, faults)
        rows = self.get_own_webhook(uuid).attempts.filter(pk__lt=before).order_by("-pk")[: DELIVERIES + 1]
        page = list(rows)[:DELIVERIES]
        following = None
        if len(rows) > DELIVERIES:
            following = f"{requested_address(asked)}?before={page[-1].pk}"
        return self.private_response({"results": list(map(serialize_attempt, page)), "next": following})


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
        asked = read_members(request, since=int)
        require_members(asked, "since")  # left out by mistake, it would tell of everything from the start
        replay_changes(webhook=webhook, by=self.by, since=asked["since"])
        return {}


class Redeliver(WebhookVerb):
    """Tell of one revision again, out of turn."""

    def do(self, request: HttpRequest, webhook: Webhook) -> dict[str, object]:
        asked = read_members(request, revision=int)
        require_members(asked, "revision")
        return {"message": request_delivery(webhook=webhook, by=self.by, revision=asked["revision"]).message_id}


class SendTest(WebhookVerb):
    """Send a message of type `webhook.test`."""

    def do(self, request: HttpRequest, webhook: Webhook) -> dict[str, object]:
        return {"message": request_delivery(webhook=webhook, by=self.by).message_id}


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
    """A new secret; the old one signs beside it for a day."""

    def do(self, request: HttpRequest, webhook: Webhook) -> dict[str, object]:
        return {"secret": renew_secret(webhook=webhook, by=self.by)}
