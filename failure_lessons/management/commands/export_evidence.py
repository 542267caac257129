"""`manage.py export_evidence FOLDER`: everything published, as an evidence package."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.database.moments import reading_one_moment
from failure_lessons.packages.exchange import LibraryPackage
from failure_lessons.packages.format import write_package
from failure_lessons.publishing.models import Edition


class Command(BaseCommand):
    help = "Write the library (current editions only) as an evidence package."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="Folder to write: new, empty, or an earlier package.")

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        try:
            with reading_one_moment():
                write_package(folder, LibraryPackage())
                total = Edition.objects.current().count()
        except OSError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{total} records written to {folder}.")
