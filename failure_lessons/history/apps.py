"""The history app."""

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate

from failure_lessons.history.recording import record_all


class HistoryConfig(AppConfig):
    name = "failure_lessons.history"
    label = "history"
    verbose_name = "History of the workbench"

    def ready(self) -> None:
        """After each migration every table of evidence records its changes, new ones included."""
        post_migrate.connect(self.record, sender=self)

    def record(self, *, using: str, **_: object) -> None:
        record_all(apps, connections[using])
