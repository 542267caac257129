"""Who is signed in, as the account that writes."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from failure_lessons.accounts.models import User


def signed_in_user(request: HttpRequest) -> User:
    """The account that a request of the workbench comes from; nobody else gets past its doors."""
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied
