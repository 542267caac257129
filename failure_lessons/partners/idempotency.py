"""`Idempotency-Key`: the same request sent again gets the answer of the first and does nothing.

Only what was written is remembered. A refusal wrote nothing, so its key is free again: mend the body and keep the key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from failure_lessons.partners.models import Sent
from failure_lessons.problems import ApiProblem

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

IDEMPOTENCY_LIFETIME = dt.timedelta(hours=24)
LOST = dt.timedelta(minutes=10)  # a request that has not ended by then died with its process
KEPT_HEADERS = ("ETag", "Location", "Content-Type", "Workbench-State")


def read_idempotency_key(request: HttpRequest) -> str:
    """The key sent, with or without quotation marks, or an empty text."""
    header = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return ""
    match = re.fullmatch(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})', header.strip())
    if match is None:
        raise ApiProblem(
            400, "Idempotency-Key is 1 to 255 visible ASCII characters, such as a random UUID.", kind="bad-request"
        )
    return match[1] or match[2]


def fingerprint_request(request: HttpRequest, body: bytes) -> str:
    """What makes two requests the same."""
    head = f"{request.method} {request.get_full_path()} {request.META.get('CONTENT_TYPE', '')}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()


def begin_request(*, partner: User, key: str, sha256: str, now: dt.datetime | None = None) -> Sent | HttpResponse:
    """The record of a request that may run now, or the answer that was given to it before. Raises `ApiProblem`."""
    now = now or timezone.now()
    Sent.objects.filter(began_at__lt=now - IDEMPOTENCY_LIFETIME).delete()
    try:
        with transaction.atomic():
            return Sent.objects.create(partner=partner, key=key, request_sha256=sha256, began_at=now)
    except IntegrityError:
        pass
    row = Sent.objects.filter(partner=partner, key=key).first()
    if row is None:  # released in this very moment
        raise still_running_problem()
    if row.request_sha256 != sha256:
        raise ApiProblem(
            422, "This key belongs to another request. Make a new key for each request.", kind="key-reused"
        )
    if row.status is None:
        # whoever moves the clock of a lost request runs it; the other finds it moved
        lost = row.began_at < now - LOST
        if not lost or not Sent.objects.filter(pk=row.pk, status=None, began_at=row.began_at).update(began_at=now):
            raise still_running_problem()
        row.began_at = now
        return row
    answer = HttpResponse(row.body, status=row.status, headers=row.headers)
    answer["Idempotency-Replayed"] = "true"
    return answer


def still_running_problem() -> ApiProblem:
    """409."""
    return ApiProblem(
        409, "The first request with this key has not ended yet.", kind="still-running", headers={"Retry-After": "1"}
    )


def store_answer(sent: Sent, answer: HttpResponse) -> None:
    """Keep the answer, in the transaction that wrote."""
    sent.status = answer.status_code
    sent.headers = {name: answer[name] for name in KEPT_HEADERS if name in answer}
    sent.body = answer.content.decode()
    sent.save(update_fields=["status", "headers", "body"])


def release_key(sent: Sent) -> None:
    """Set the key free: nothing was written."""
    Sent.objects.filter(pk=sent.pk, status=None).delete()
