"""The accounts app."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import register

from failure_lessons.accounts.passwords import check_passwords


class AccountsConfig(AppConfig):
    name = "failure_lessons.accounts"
    label = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """`check --deploy` says which passwords are refused; recovery codes are kept as hashes."""
        register(check_passwords, deploy=True)
        import_module("failure_lessons.accounts.recovery_codes").use_hashed_codes()  # it needs models
