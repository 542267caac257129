"""`manage.py check_follow_up`: proof that every statement of a dossier reaches its source."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from recommendations.follow_up.checking import check_dossiers_published


class Command(BaseCommand):
    help = "Check every quotation and source of the published dossiers and source recommendations."

    def handle(self, *args: object, **options: object) -> None:
        checked = check_dossiers_published()
        for fault in checked.faults:
            self.stderr.write(fault)
        if checked.faults:
            raise CommandError(f"{len(checked.faults)} fault(s) in {checked.records} records.")
        self.stdout.write(
            f"{checked.records} records: {checked.statements} statements, {checked.sources} sources, "
            f"{checked.quotations} quotations. 0 faults."
        )
