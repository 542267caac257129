"""Accounts that commands name."""

from django.core.management.base import CommandError

from failure_lessons.accounts.models import User


def find_account(name: str) -> User:
    """The active account of this name. Raises `CommandError`."""
    person = User.objects.filter(username=name, is_active=True).first()
    if person is None:
        raise CommandError(f"There is no account {name}.")
    return person
