"""`manage.py erase_sender name@example.org`: everything that we hold of somebody who sent in or follows by mail."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from failure_lessons.intake.services import erase_sender


class Command(BaseCommand):
    help = "Erase what somebody sent in, the notes that came of it, what they follow, and our mail to them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: object, **options: object) -> None:
        gone = erase_sender(email=str(options["email"]))
        told = ", ".join(
            f"{number} {name.partition('.')[2].lower()}" for name, number in sorted(gone.items()) if number
        )
        self.stdout.write(f"Erased: {told or 'nothing; this address is not known'}.")
