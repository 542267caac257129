"""Giving and revoking tokens."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from failure_lessons.access.models import PARTNERS, Scope, Token
from failure_lessons.access.token_keys import BEARER_PREFIX, hash_key, make_key

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

log = logging.getLogger(__name__)

TOKEN_LIFETIME = dt.timedelta(days=365)


class CannotIssue(Exception):
    """No token for this. `reasons` holds every reason, in sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


@transaction.atomic
def join_partners(*, user: User) -> None:
    """Make somebody a partner, who may have tokens."""
    group, _ = Group.objects.get_or_create(name=PARTNERS)
    user.groups.add(group)


@transaction.atomic
def issue_token(
    *,
    partner: User,
    name: str,
    scopes: Sequence[str],
    by: User | None,
    expires_at: dt.datetime | None = None,
    networks: Sequence[str] = (),
    is_test: bool = False,
    now: dt.datetime | None = None,
) -> tuple[Token, str]:
    """A new token and its text, which is known now and never again. Raises `CannotIssue`.

    With `is_test` nothing that it writes is kept.
    """
    now = now or timezone.now()
    reasons = []
    if not partner.groups.filter(name=PARTNERS).exists():
        reasons.append(f"{partner} is not in the group “{PARTNERS}”.")
    if partner.is_staff or partner.is_superuser:
        reasons.append(f"{partner} may sign in to the workbench; give the token to an account of its own.")
    if unknown := set(scopes) - set(Scope.values):
        reasons.append(f"There is no scope {', '.join(sorted(unknown))}.")
    if not scopes:
        reasons.append("Name at least one scope.")
    if (expires_at or now + TOKEN_LIFETIME) <= now:
        reasons.append("It would have expired already.")
    if (expires_at or now) > now + TOKEN_LIFETIME + dt.timedelta(days=1):
        reasons.append(f"A token lasts {TOKEN_LIFETIME.days} days at most; issue the next before it ends.")
    if reasons:
        raise CannotIssue(reasons)
    prefix, key = make_key()
    token = Token(
        partner=partner,
        name=name,
        prefix=prefix,
        hashed=hash_key(key),
        scopes=sorted(set(scopes)),
        networks=list(networks),
        is_test=is_test,
        expires_at=expires_at or now + TOKEN_LIFETIME,
        created_by=by,
    )
    try:
        token.clean_fields()
    except ValidationError as error:
        raise CannotIssue(error.messages) from None
    token.save()
    log.info(
        "Token %s issued to %s by %s for %s", prefix, partner, by or "a command on the server", " ".join(token.scopes)
    )
    return token, BEARER_PREFIX + key


@transaction.atomic
def revoke_token(*, token: Token, by: User | None, now: dt.datetime | None = None) -> None:
    """From now on the token opens nothing. It cannot be undone."""
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now or timezone.now()):
        log.info("Token %s revoked by %s", token.prefix, by)
    token.refresh_from_db()
