"""Who is signed in, as the account that writes."""

import time

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import is_reauthentication_required, suspend_request
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from failure_lessons.accounts.models import User

RECENTLY = 300  # seconds after signing in during which nobody is asked again


def signed_in_user(request: HttpRequest) -> User:
    """The account that a request of the workbench comes from; nobody else gets past its doors."""
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied


def confirm_identity(request: HttpRequest) -> HttpResponse | None:
    """Before what matters: None if this person has shown lately that it is they, else where they do.

    Signing in counts too. Who has neither a password nor a factor of ours signs in anew, where they always do.
    """
    records = get_authentication_records(request, signed_in_user(request))
    if records and time.time() - records[-1]["at"] < RECENTLY:
        return None
    if not is_reauthentication_required(request, app="allauth.account"):
        return None
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    if ways:
        answer: HttpResponse = suspend_request(request, ways[0]["url"])
        return answer
    logout(request)
    back = urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('account_login')}?{back}")
