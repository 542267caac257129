"""`make restore FILE=…`: a backup into the embedded database. What was there is kept aside; if it fails, put back."""

import os
import re
import subprocess
import sys
import time

import psycopg2
from psycopg2 import sql

from failure_lessons.local import postgres

DATABASE = postgres.DATABASE_NAME


def run_statements(*statements: sql.Composable) -> None:
    """Run these outside any transaction, connected to no database of ours."""
    with_database = psycopg2.connect(postgres.database_url(database="postgres"))
    try:
        with_database.autocommit = True
        with with_database.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        with_database.close()


def rename_database(old: str, new: str) -> sql.Composable:
    """The statement that renames a database."""
    return sql.SQL("alter database {} rename to {}").format(sql.Identifier(old), sql.Identifier(new))


def main(file: str = "") -> int:
    """Restore; returns 0 when it is done."""
    if not os.path.isfile(file):
        print("Say which: make restore FILE=var/backups/failure-lessons-….tar", file=sys.stderr)
        return 1
    if os.environ.get("DATABASE_URL"):
        print("DATABASE_URL is set: use `manage.py restore` with an empty database of yours.", file=sys.stderr)
        return 1
    aside = re.sub(r"\W", "_", f"{DATABASE}_before_{time.strftime('%Y%m%d_%H%M%S')}")
    create = sql.SQL("create database {}").format(sql.Identifier(DATABASE))
    try:
        run_statements(rename_database(DATABASE, aside), create)
    except psycopg2.errors.ObjectInUse:
        print("The database is in use: stop `make run` first.", file=sys.stderr)
        return 1
    done = subprocess.run([sys.executable, "manage.py", "restore", file], env=os.environ | {"DEBUG": "1"}, check=False)
    if done.returncode:
        drop = sql.SQL("drop database {}").format(sql.Identifier(DATABASE))
        run_statements(drop, rename_database(aside, DATABASE))
        print("Nothing was restored; the database is as it was.", file=sys.stderr)
        return 1
    print(f"What was there before is kept as the database {aside}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
