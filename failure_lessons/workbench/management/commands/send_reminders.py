"""`manage.py send_reminders`: mail reviewers what is to be looked at again. Run it once a week."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils import timezone

from failure_lessons.workbench.reminders import send_reminders


class Command(BaseCommand):
    help = (
        "Mail those who review which records are due to be looked at again. Run it once a week; nothing due, no mail."
    )

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"{send_reminders(timezone.localdate())} records are due.")
