"""The coding app."""

from django.apps import AppConfig


class CodingConfig(AppConfig):
    name = "failure_lessons.coding"
    label = "coding"
    verbose_name = "Documents and coding"
