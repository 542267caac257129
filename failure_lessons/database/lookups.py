"""Lookups of our own."""

from __future__ import annotations

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler

from failure_lessons.database.prepared import SqlValues


@models.BigAutoField.register_lookup
class Among(Lookup):
    """`pk__among=[…]`: as `in`, for a thousand keys. They are one value, where `in` makes each a value of its own."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, SqlValues]:
        left, values = self.process_lhs(compiler, connection)
        return f"{left} = any(%s)", (*values, self.rhs)
