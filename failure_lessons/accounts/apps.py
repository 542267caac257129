"""The accounts app."""

from django.apps import AppConfig
from django.core.checks import register

from failure_lessons.accounts.passwords import check_passwords


class AccountsConfig(AppConfig):
    name = "failure_lessons.accounts"
    label = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """`check --deploy` says which passwords are refused."""
        register(check_passwords, deploy=True)
