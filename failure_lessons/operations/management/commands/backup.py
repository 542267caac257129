"""`manage.py backup FOLDER`: the database and its keys as one file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.operations.backup import CannotBackUp, delete_old_backups, write_backup


class Command(BaseCommand):
    help = "Write the database and the keys that belong to it into one file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--encrypt-to", default="", metavar="RECIPIENT", help="an age recipient: age1…")
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="then delete all but the newest N")

    def handle(self, *args: object, folder: Path, encrypt_to: str, keep: int, **options: object) -> None:
        try:
            written = write_backup(folder, encrypt_to)
        except CannotBackUp as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{written} ({written.stat().st_size:,} bytes)")
        if not encrypt_to:
            self.stdout.write("It holds secrets and personal data, and is not encrypted: keep it where only you read.")
        if keep > 0:
            for gone in delete_old_backups(folder, keep):
                self.stdout.write(f"deleted {gone.name}")
