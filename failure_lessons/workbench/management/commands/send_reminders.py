"""`manage.py send_reminders`: mail reviewers what is to be looked at again. Run it once a week."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils import timezone

from failure_lessons.workbench.reminders import send_reminders
from failure_lessons.workbench.tasks import remind_of_late_tasks


class Command(BaseCommand):
    help = (
        "Mail those who review which records are due to be looked at again, and everybody which tasks are late. "
        "Run it once a week; nothing due, no mail."
    )

    def handle(self, *args: object, **options: object) -> None:
        today = timezone.localdate()
        self.stdout.write(f"{send_reminders(today)} records are due, {remind_of_late_tasks(today)} tasks are late.")
