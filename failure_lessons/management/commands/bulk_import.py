"""`manage.py bulk_import LIST FILE --by NAME`: take a spreadsheet in, all or nothing, with every change told."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from failure_lessons.accounts.models import User
from failure_lessons.bulk.models import Upload
from failure_lessons.bulk.services import CannotTakeIn, stage_upload, take_in
from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.management.commands.bulk_export import rights_or_error


class Command(BaseCommand):
    help = "Take a spreadsheet (XLSX or CSV) into a list of the workbench, all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", help="Such as literature.reference or casestudies.event.")
        parser.add_argument("file", type=Path, help="The spreadsheet.")
        parser.add_argument("--by", required=True, help="User who changes; the history says so.")
        parser.add_argument("--reason", default="", help="Why; needed where published records change.")
        parser.add_argument("--dry-run", action="store_true", help="Tell every change and write nothing.")

    @transaction.atomic
    def handle(self, *args: object, file: Path, by: str, reason: str, dry_run: bool, **options: object) -> None:
        rights = rights_or_error(str(options["list"]))
        person = User.objects.filter(username=by).first()
        if person is None:
            raise CommandError(f"There is no user “{by}”.")
        try:
            data = file.read_bytes()
            upload = stage_upload(name=file.name, data=data, rights=rights, by=person)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except CannotReadFile as refusal:
            raise CommandError(str(refusal)) from None
        self.tell_changes(upload)
        counts = upload.plan["counts"]
        if counts["conflict"]:
            raise CommandError("Others changed some of these fields since. Decide in the workbench, or export anew.")
        if dry_run:
            transaction.set_rollback(True)
            self.stdout.write("Dry run: nothing was written.")
            return
        try:
            take_in(upload=upload, rights=rights, by=person, digest=upload.plan["digest"], reason=reason)
        except CannotTakeIn as refusal:
            raise CommandError(f"Nothing was written. {refusal}") from None
        self.stdout.write(f"{counts['added']} added, {counts['changed']} changed.")

    def tell_changes(self, upload: Upload) -> None:
        """Every change, a line each."""
        for note in upload.plan["notes"]:
            self.stdout.write(note)
        for row in upload.plan["rows"]:
            self.stdout.write(f"Row {row['number']}, {row['standing']}: {row['name']}")
            for column, advice in row["faults"]:
                self.stdout.write(f"  {column}: {advice}".replace("  : ", "  "))
            for cell in row["cells"]:
                self.stdout.write(f"  {cell['column']}: {cell['old'][:200]!r} -> {cell['new'][:200]!r}")
