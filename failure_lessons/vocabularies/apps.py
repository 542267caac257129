"""The vocabularies app."""

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate

from failure_lessons.vocabularies.rules import keep_rules


class VocabulariesConfig(AppConfig):
    name = "failure_lessons.vocabularies"
    label = "vocabularies"
    verbose_name = "Vocabularies"

    def ready(self) -> None:
        """After each migration the rules hold for every table with codes of terms, new ones included."""
        post_migrate.connect(self.keep, sender=self)

    def keep(self, *, using: str, **_: object) -> None:
        keep_rules(apps, connections[using])
