"""What `manage.py check --deploy` says about the library."""

from __future__ import annotations

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

from failure_lessons.publishing.ledger_head import KEY_HINT


@register(Tags.security, deploy=True)
def check_ledger_key(**_: object) -> list[CheckMessage]:
    """A public site signs the head of its ledger."""
    if settings.LEDGER_KEY or settings.LEDGER_KEY_FILE:
        return []
    return [checks.Warning("Nothing signs the head of the ledger.", hint=KEY_HINT, id="publishing.W001")]
