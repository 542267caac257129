"""At the door of the workbench: sessions that lasted too long end; whose role takes a factor adds one first."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode

from failure_lessons.accounts.factors import needs_factor
from failure_lessons.accounts.models import User

BEGUN, SEEN = "session_begun_at", "session_seen_at"
SEEN_EVERY = 60  # seconds: what has been seen is written at most once a minute
DOORS_OF_WORK = ("/admin/", "/preview/", "/accounts/")  # readers have no session, and nobody asks for one
OPEN_WITHOUT_FACTOR = "/accounts/"


def limits_of(account: User) -> tuple[int, int]:
    """Seconds that a session of this account lasts unused, and altogether: the strictest of its roles."""
    held = {"", *account.groups.values_list("name", flat=True)} | ({"administrator"} if account.is_superuser else set())
    found = [limit for role, limit in settings.SESSION_LIMITS.items() if role in held]
    return min(idle for idle, _ in found) * 60, min(longest for _, longest in found) * 60


class Doorkeeper:
    """Asks at the workbench and at the account pages alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            not request.path_info.startswith(DOORS_OF_WORK)
            or not isinstance(request.user, User)
            or request.user.is_anonymous
        ):
            return self.get_response(request)
        if self.is_over(request, request.user):
            logout(request)
            return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: request.path})}")
        if not request.path_info.startswith(OPEN_WITHOUT_FACTOR) and needs_factor(request.user):
            return HttpResponseRedirect(reverse("mfa_index"))
        answer = self.get_response(request)
        patch_cache_control(answer, private=True, no_store=True)
        if not request.user.is_authenticated:  # signed out just now: the next person at this computer finds nothing
            answer["Clear-Site-Data"] = '"storage"'
        return answer

    def is_over(self, request: HttpRequest, account: User) -> bool:
        """Whether this session has lasted too long; else it has been seen now."""
        now, session = time.time(), request.session
        begun, seen = session.setdefault(BEGUN, now), session.setdefault(SEEN, now)
        idle, longest = limits_of(account)
        if now - seen > idle or now - begun > longest:
            return True
        if now - seen > SEEN_EVERY:
            session[SEEN] = now
        return False
