"""Keeps a library of this release, for later ones to be brought up from.

It makes a database of its own, with one record of every kind that has every field, and one that was replaced and withdrawn,
and dumps it. Run it in the checkout of a release, and commit the file as `releases/<version>.sql.xz`:

    python manage.py shell -c "from tests.operations.kept_release import *; keep_release(RELEASES / '0.1.sql.xz')"
"""

import lzma
import tempfile
from pathlib import Path

from django.core.management import call_command

from failure_lessons.accounts.models import User
from failure_lessons.operations.backup import run_program
from failure_lessons.packages.format import write_package
from failure_lessons.packages.validation import read_checked
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from literature.models import Reference
from tests.conftest import publish_shipped
from tests.full_records import build_package
from tests.template_database import OURS, Server, point_to

RELEASES = Path(__file__).parent / "releases"


def keep_release(file):
    """Write the dump, as SQL."""
    name = f"{OURS}_kept"
    with Server() as server, tempfile.TemporaryDirectory() as work:
        server.drop(name)
        server.ask(f'create database "{name}"')
        point_to(name)
        call_command("migrate", verbosity=0)
        write_package(Path(work) / "full", build_package())
        publish_shipped(read_checked(Path(work) / "full"))
        by, publisher = User.objects.get(username="evidence-loader"), User.objects.get(username="evidence-publisher")
        for title in ("First words", "Other words"):
            reference, _ = Reference.objects.update_or_create(
                slug="kept2026", defaults={"type": "report", "title": title}
            )
            submit_record(record=reference, by=by)
            publish_record(record=reference, by=publisher, note="Kept.")
        withdraw_record(record=reference, by=publisher, note="No longer.")
        plain = Path(work) / "plain.sql"
        run_program("pg_dump", "--no-owner", "--no-acl", f"--file={plain}")
        file.write_bytes(lzma.compress(plain.read_bytes(), preset=9))  # a twentieth of what pg_dump itself makes
        point_to(OURS)
        server.drop(name)
