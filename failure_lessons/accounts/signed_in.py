"""Who is signed in, as the account that writes."""

import time

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import is_reauthentication_required, suspend_request
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from failure_lessons.accounts.models import User

RECENTLY = 300  # seconds after signing in during which nobody is asked again
PASSWORD_SHOWN = "password_shown_at"  # noqa: S105  # a key of the session: when, never what


def signed_in_user(request: HttpRequest) -> User:
    """The account that a request of the workbench comes from; nobody else gets past its doors."""
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied


def confirm_identity(request: HttpRequest) -> HttpResponse | None:
    """Before what matters: None if this person has shown lately that it is they, else where they do.

    Signing in counts too.
    """
    if signed_in_lately(request):
        return None
    if not is_reauthentication_required(request, app="allauth.account"):
        return None
    ways = get_adapter(request).get_reauthentication_methods(signed_in_user(request))
    answer: HttpResponse = suspend_request(request, ways[0]["url"])
    return answer


def signed_in_lately(request: HttpRequest) -> bool:
    """Whether this person signed in, or showed that it is they, within the last minutes."""
    records = get_authentication_records(request, signed_in_user(request))
    return bool(records) and time.time() - records[-1]["at"] < RECENTLY


def note_password_shown(request: HttpRequest) -> None:
    """The first of two factors was shown once more."""
    request.session[PASSWORD_SHOWN] = time.time()


def was_password_shown(request: HttpRequest) -> bool:
    """Whether the first of two factors was shown just now."""
    return bool(time.time() - request.session.get(PASSWORD_SHOWN, 0) < RECENTLY)


def renew_session(request: HttpRequest) -> None:
    """Go on under a new key, with the same session: whoever has a copy of the older key has nothing any more."""
    old = request.session.session_key
    request.session.pop(PASSWORD_SHOWN, None)
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)
