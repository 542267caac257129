"""Limits on guessing passwords that nobody can use to lock somebody else out.

Failed sign-ins are counted for one address over all accounts, and for one account over all addresses. A browser in
which somebody has signed in before carries a signed cookie that says so, and is counted by itself: while strangers
guess at an account from all over the world, its owner still signs in where they always do. In a new browser they choose
a new password by mail, which proves who they are and asks no counter.
"""

from __future__ import annotations

import secrets

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from failure_lessons.accounts.models import User

KNOWN_COOKIE = "known" if settings.LAPTOP else "__Host-known"
KNOWN_SALT = "failure_lessons.accounts.known-browser"
KNOWN_SECONDS = 180 * 24 * 3600
PEOPLE_OF_A_BROWSER = 5  # whom one browser remembers
LIMIT_OF_STRANGERS = "30/15m/ip,5/15m/key"  # failures/window/counted for: one address (a /64), one account
LIMIT_OF_KNOWN = "10/15m/key"  # for one account in one browser


def find_account(login: str) -> User | None:
    """Whose user name or e-mail address was typed."""
    return User.objects.filter(Q(username__iexact=login) | Q(email__iexact=login)).order_by("pk").first()


def read_known_accounts(request: HttpRequest) -> dict[str, str]:
    """The accounts that have signed in in this browser, each with the name under which its failures are counted."""
    try:
        found: dict[str, str] = signing.loads(
            request.COOKIES.get(KNOWN_COOKIE, ""), salt=KNOWN_SALT, max_age=KNOWN_SECONDS
        )
    except signing.BadSignature:
        return {}
    return found


def remember_browser(request: HttpRequest, response: HttpResponse, account: User) -> None:
    """Note in the browser that this account has signed in in it."""
    known = read_known_accounts(request)
    name = known.pop(str(account.pk), None) or secrets.token_urlsafe(12)
    kept = dict([*known.items(), (str(account.pk), name)][-PEOPLE_OF_A_BROWSER:])
    response.set_cookie(
        KNOWN_COOKIE,
        signing.dumps(kept, salt=KNOWN_SALT),
        max_age=KNOWN_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def count_attempt(request: HttpRequest, login: str, account: User | None) -> ratelimit.RateLimitUsage | None:
    """Count one more attempt at this account. None when there were too many; whoever succeeds takes theirs back."""
    who = str(account.pk) if account else f"nobody {login.lower()}"
    name = read_known_accounts(request).get(who, "")
    return ratelimit.consume(
        request,
        app="failure_lessons.accounts",
        action="sign_in",
        config={"sign_in": LIMIT_OF_KNOWN if name else LIMIT_OF_STRANGERS},
        key=f"{who} {name}",
    )
