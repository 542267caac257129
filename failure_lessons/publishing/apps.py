"""The publishing app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PublishingConfig(AppConfig):
    name = "failure_lessons.publishing"
    label = "publishing"
    verbose_name = "Library (published editions)"

    def ready(self) -> None:
        """Let each app register its kinds, how its records are rendered, what good practice asks, and our checks."""
        autodiscover_modules("checks", "kinds")
        autodiscover_modules("documents")
        autodiscover_modules("quality_hooks")
