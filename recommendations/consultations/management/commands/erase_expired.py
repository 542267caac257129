"""`manage.py erase_expired`: erase contacts whose retention is over; `--again` repeats what a backup undid."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser

from recommendations.consultations.erasure import erase_again, erase_expired


class Command(BaseCommand):
    help = "Erase contacts of consultations whose retention is over. Run it every day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="Erase again whom a restored backup brought back.")

    def handle(self, *, again: bool, **_: object) -> None:
        if again:
            self.stdout.write(f"Erased {erase_again()} people again.")
        self.stdout.write(f"Erased the contacts of {erase_expired()} rounds.")
