"""From the header `Authorization: Bearer …` to a token, or to the problem that stands in its place."""

from __future__ import annotations

import datetime as dt
import logging
import re
from urllib.parse import unquote_plus

from django.db import InternalError, ProgrammingError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from failure_lessons.access.models import PARTNERS, Token
from failure_lessons.access.token_keys import BEARER_PREFIX, PREFIX_LENGTH, SECRET_LENGTH, matches_hash
from failure_lessons.accounts.client_address import ClientAddress, is_within_networks
from failure_lessons.problems import ApiProblem

log = logging.getLogger(__name__)

REALM = 'Bearer realm="failure-lessons"'
TOKEN_PATTERN = re.compile(rf"{BEARER_PREFIX}([A-Za-z0-9]{{{PREFIX_LENGTH}}})\.[A-Za-z0-9]{{{SECRET_LENGTH}}}")
# names under which people put a token into an address
TOKEN_PARAMETER_PATTERN = re.compile(
    r"(?:^|&)(?:access_?token|api_?key|auth|authorization|bearer|token|secret)=", re.IGNORECASE
)
SECONDS_BETWEEN_MARKS = 60


def has_token_in_address(request: HttpRequest) -> bool:
    """Whether the address holds a token, or means to."""
    query = request.META.get("QUERY_STRING", "")
    if not query and BEARER_PREFIX not in request.path:
        return False
    return bool(
        TOKEN_PARAMETER_PATTERN.search(query)
        or TOKEN_PATTERN.search(unquote_plus(query))
        or TOKEN_PATTERN.search(request.path)
    )


def unauthorized_problem(detail: str, error: str = "invalid_token") -> ApiProblem:
    """401, with the challenge that RFC 6750 asks for."""
    challenge = f'{REALM}, error="{error}", error_description="{detail}"' if error else REALM
    return ApiProblem(401, detail, headers={"WWW-Authenticate": challenge, "Cache-Control": "no-store"})


def token_needed_problem() -> ApiProblem:
    """401 for who has not shown a token: the same whatever stands at the address, or does not."""
    return unauthorized_problem("This needs a token: send the header Authorization: Bearer …", error="")


def token_of(header: str, client: ClientAddress, now: dt.datetime | None = None) -> Token:
    """The token that the header `Authorization` carries, sent from this address. One query. Raises `ApiProblem`."""
    now = now or timezone.now()
    scheme, _, text = header.partition(" ")
    match = TOKEN_PATTERN.fullmatch(text.strip())
    if scheme.lower() != "bearer" or match is None:
        log.warning("Token refused from %s: not written as one", client)
        raise unauthorized_problem(
            "Write the header as Authorization: Bearer and then the token as it was given to you."
        )
    token = Token.objects.select_related("partner").filter(prefix=match[1]).first()
    if token is None or not matches_hash(text.strip().removeprefix(BEARER_PREFIX), token.hashed):
        log.warning("Token refused from %s: unknown", client)
        raise unauthorized_problem("There is no such token.")
    if reason := reason_against(token, now):
        log.warning("Token %s refused from %s: %s", token.prefix, client, reason)
        raise unauthorized_problem(reason)
    if token.networks and not is_within_networks(client, token.networks):
        log.warning("Token %s refused from %s: outside its networks", token.prefix, client)
        raise ApiProblem(
            403,
            "This token is not accepted from your address.",
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"', "Cache-Control": "no-store"},
        )
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() >= SECONDS_BETWEEN_MARKS:
        mark_used(token, now)
    return token


def reason_against(token: Token, now: dt.datetime) -> str:
    """Why this token opens nothing, or nothing at all."""
    if token.revoked_at:
        return f"The token was revoked on {token.revoked_at:%Y-%m-%d}."
    if token.expires_at <= now:
        return f"The token expired on {token.expires_at:%Y-%m-%d}. Ask for a new one."
    partner = token.partner
    if not partner.is_active or partner.is_staff or not partner.groups.filter(name=PARTNERS).exists():
        return "The account of this token is not a partner's any more."
    return ""


def mark_used(token: Token, now: dt.datetime) -> None:
    """Note when the token was last used, at most once a minute. A process that may only read leaves it unnoted."""
    before = now - dt.timedelta(seconds=SECONDS_BETWEEN_MARKS)
    try:
        with transaction.atomic():
            Token.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=before), pk=token.pk).update(
                last_used_at=now
            )
    except (ProgrammingError, InternalError):
        log.info("This process may not note when a token was last used.")


def require_scope(token: Token | None, scope: str) -> Token:
    """The token when it has the scope; otherwise the problem."""
    if token is None:
        raise token_needed_problem()
    if scope not in token.scopes:
        challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
        raise ApiProblem(
            403,
            f"This token does not have the scope `{scope}`.",
            scope=scope,
            headers={"WWW-Authenticate": challenge, "Cache-Control": "no-store"},
        )
    return token


def require_valid_token(token: Token, now: dt.datetime | None = None) -> None:
    """Refuse when the token was revoked, or ran out, since the request began."""
    if not Token.objects.good(now or timezone.now()).filter(pk=token.pk).exists():
        raise unauthorized_problem("The token was revoked while the request was running. Nothing was written.")
