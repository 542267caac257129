"""`manage.py database_roles`: makes the roles under which each process works with no more rights than it needs."""

from __future__ import annotations

import re
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection, transaction

from failure_lessons.operations.roles import DATABASE_ROLES, grant_statements


class Command(BaseCommand):
    help = "Make the database roles of each process and give them their rights; run it again after each migration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prefix", default="failure_lessons", help="how the names of the roles begin")
        parser.add_argument("--print", action="store_true", dest="only_print", help="print the SQL and do nothing")

    def handle(self, *args: object, prefix: str, only_print: bool, **options: object) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", prefix):
            raise CommandError(f"{prefix!r} is no beginning of a name: small letters, digits and _.")
        statements = list(grant_statements(prefix))
        if only_print:
            self.stdout.write(";\n".join(statements).replace(";\n--", "\n--") + ";")
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in statements:
                    if not statement.startswith("--"):
                        cursor.execute(statement)
        except ProgrammingError as error:
            raise CommandError(
                f"The owner of the tables has to run this, with the right to make roles: {error}"
            ) from None
        for code, role in DATABASE_ROLES.items():
            self.stdout.write(f"{prefix}_{code}: {role.purpose}")
        self.stdout.write(
            f"Give each process a login of its own: create role web login password '…' in role {prefix}_reader;"
        )
