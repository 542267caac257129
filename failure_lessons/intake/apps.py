"""The app of what the public sends in."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class IntakeConfig(AppConfig):
    name = "failure_lessons.intake"
    label = "intake"
    verbose_name = "Sent in by the public"

    def ready(self) -> None:
        """Pages of records show what was sent in about them."""
        autodiscover_modules("beside")
