"""Django's backend for PostgreSQL, which readers do not make wait for a connection that does not come."""

from __future__ import annotations

import time

import psycopg2
from django.db.backends.postgresql import base
from psycopg2.extensions import connection

from failure_lessons.database.patience import LONGEST_CONNECT, patience
from failure_lessons.database.statements import is_impatient


class DatabaseWrapper(base.DatabaseWrapper):
    """The same, but for making connections."""

    def get_new_connection(self, conn_params: dict[str, object]) -> connection:
        """A connection; at once an error where another has just waited in vain."""
        if not is_impatient():
            return super().get_new_connection(conn_params)
        if not patience.may_connect():
            raise psycopg2.OperationalError("The database did not answer a moment ago, and was not asked again.")
        started = time.monotonic()
        try:
            made = super().get_new_connection(conn_params)
        except psycopg2.OperationalError:
            if time.monotonic() - started > LONGEST_CONNECT:
                patience.note_stall()
            raise
        patience.note_answer()
        return made
