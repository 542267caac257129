"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "failure_lessons.accounts"
    label = "accounts"
    verbose_name = "People"
