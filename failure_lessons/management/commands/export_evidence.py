"""`manage.py export_evidence FOLDER`: everything published, as an evidence package."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.packages.exchange import export_package
from failure_lessons.packages.format import write_package


class Command(BaseCommand):
    help = "Write the library (current editions only) as an evidence package."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="Folder to write: new, empty, or an earlier package.")

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        package = export_package()
        try:
            write_package(folder, package)
        except OSError as error:
            raise CommandError(str(error)) from None
        total = sum(len(entries) for entries in package.members.values())
        self.stdout.write(f"{total} entries written to {folder}.")
