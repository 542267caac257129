"""The publishing app."""

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules, import_string


class PublishingConfig(AppConfig):
    name = "failure_lessons.publishing"
    label = "publishing"
    verbose_name = "Library (published editions)"

    def ready(self) -> None:
        """Let each app register its kinds, how its records are rendered, and what good practice asks of them."""
        autodiscover_modules("kinds")
        autodiscover_modules("documents")
        autodiscover_modules("quality_hooks")
        post_migrate.connect(self.guard, sender=self)

    def guard(self, *, using: str, **_: object) -> None:
        """After each migration the database keeps what was published, of new tables too."""
        # its module reads models, which are not there yet when Django reads this one
        import_string("failure_lessons.publishing.guard.guard_all")(connections[using])
