"""The publishing app."""

from django.apps import AppConfig, apps
from django.db import connections, models
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules, import_string

from failure_lessons.validators.text import validate_text, validate_texts


class PublishingConfig(AppConfig):
    name = "failure_lessons.publishing"
    label = "publishing"
    verbose_name = "Library (published editions)"

    def ready(self) -> None:
        """Every text of ours is checked as text; then the kinds."""
        check_texts()
        self.register_kinds()
        post_migrate.connect(self.guard, sender=self)

    def register_kinds(self) -> None:
        """Let each app register its kinds, how its records are rendered, and what good practice asks of them."""
        autodiscover_modules("checks", "kinds")
        autodiscover_modules("documents")
        autodiscover_modules("quality_hooks")

    def guard(self, *, using: str, **_: object) -> None:
        """After each migration the database keeps what was published, of new tables too."""
        # its module reads models, which are not there yet when Django reads this one
        import_string("failure_lessons.publishing.guard.guard_all")(connections[using])


def check_texts() -> None:
    """Give each field of text, and each field of JSON, the validator of texts.

    Here and not at each field: one that somebody adds tomorrow has it too, and migrations say nothing of it.
    """
    for model in apps.get_models():
        for each in model._meta.concrete_fields:
            check = validate_texts if isinstance(each, models.JSONField) else validate_text
            if (
                isinstance(each, models.CharField | models.TextField | models.JSONField)
                and check not in each.validators
            ):
                each.validators.append(check)
