"""Where the signed head of the ledger and the public half of its key stand, for people and for programs."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from failure_lessons.publishing.ledger_head import key_fingerprint, known_keys, signed_head, statement_of
from failure_lessons.publishing.models import LedgerEntry


@require_safe
def ledger_page(request: HttpRequest) -> HttpResponse:
    """How the history can be proved, with the newest head. One query."""
    head = signed_head(LedgerEntry.objects.head())
    context = {"head": head, "statement": statement_of(head) if head else "", "keys": list_keys()}
    return render(request, "pages/ledger.html", context)


@require_safe
def ledger_head(request: HttpRequest) -> HttpResponse:
    """The same for programs. One query."""
    body = {"head": signed_head(LedgerEntry.objects.head()), "keys": list_keys()}
    return HttpResponse(orjson.dumps(body), content_type="application/json")


def list_keys() -> list[dict[str, str]]:
    """The keys that heads are and were signed with."""
    return [
        {"algorithm": "Ed25519", "key": key, "fingerprint": key_fingerprint(key), "state": state}
        for key, state in known_keys()
    ]
