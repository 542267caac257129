"""The app that prepares each connection."""

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from failure_lessons.database.lookups import Among as Among  # known to every query from here on
from failure_lessons.database.statements import add_context


class DatabaseConfig(AppConfig):
    name = "failure_lessons.database"
    label = "database"
    verbose_name = "Database"

    def ready(self) -> None:
        """Every connection that is made from now on tells the context of its statements."""
        connection_created.connect(self.prepare_connection, dispatch_uid="failure_lessons.database")

    def prepare_connection(self, *, connection: BaseDatabaseWrapper, **_: object) -> None:
        if add_context not in connection.execute_wrappers:
            connection.execute_wrappers.append(add_context)
