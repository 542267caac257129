"""`manage.py restore FILE`: a backup into an empty database, verified."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.operations.backup import CannotBackUp, restore_backup, write_keys


class Command(BaseCommand):
    help = "Put a backup into the empty database that DATABASE_URL names, and verify its history."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", default="", metavar="FILE", help="the age identity that decrypts it")
        parser.add_argument("--keys-to", type=Path, metavar="FILE", help="write its keys here and do nothing else")

    def handle(self, *args: object, file: Path, identity: str, keys_to: Path | None, **options: object) -> None:
        try:
            if keys_to:
                write_keys(file, keys_to, identity)
                self.stdout.write(f"The keys are in {keys_to}.")
                return
            manifest = restore_backup(file, identity)
        except (CannotBackUp, FileExistsError) as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Restored and verified: revision {manifest['revision']}, written {manifest['written']}.")
        for name in manifest["other_keys"]:
            self.stdout.write(
                f"{name} is another than then: take the old one from the backup with --keys-to, or webhooks' secrets"
                " and signatures change."
            )
        self.stdout.write("Now run `manage.py migrate`, and `manage.py database_roles` if you use roles.")
