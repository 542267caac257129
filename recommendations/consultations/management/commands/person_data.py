"""`manage.py person_data ADDRESS`: what consultations hold of a person, as JSON; with `--erase` it is erased."""

from __future__ import annotations

import json

from django.core.management.base import BaseCommand, CommandParser

from recommendations.consultations.erasure import erase_person, export_person


class Command(BaseCommand):
    help = "Show what consultations hold of a person, or erase it with --erase."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--erase", action="store_true", help="Erase it, everywhere.")

    def handle(self, *, email: str, erase: bool, **_: object) -> None:
        if erase:
            self.stdout.write(f"Erased in {erase_person(email=email, by=None)} rounds.")
        else:
            self.stdout.write(json.dumps(export_person(email=email, by=None), indent=2, ensure_ascii=False))
