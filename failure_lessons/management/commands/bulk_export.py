"""`manage.py bulk_export LIST FILE`: a list of the workbench as a spreadsheet."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.bulk.comparing import Rights, full_rights
from failure_lessons.bulk.writing import write_workbook


class Command(BaseCommand):
    help = "Write a list of the workbench, such as literature.reference, as an XLSX file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", help="Such as literature.reference or casestudies.event.")
        parser.add_argument("file", type=Path, help="The file to write; it must not be there yet.")

    def handle(self, *args: object, file: Path, **options: object) -> None:
        rights = rights_or_error(str(options["list"]))
        try:
            with file.open("xb") as book:
                count = write_workbook(rights.rows, book)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{count} rows written to {file}.")


def rights_or_error(label: str) -> Rights:
    """All of a list, or an error that names the lists there are."""
    try:
        return full_rights(label)
    except LookupError as error:
        raise CommandError(str(error)) from None
