"""`manage.py verify_history`: proof that nothing published was altered."""

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import LedgerEntry


class Command(BaseCommand):
    help = "Check the hash chain over every revision, and name the first altered row."

    def handle(self, *args: object, **options: object) -> None:
        found = list(find_ledger_faults())
        if found:
            raise CommandError(f"{len(found)} problem(s), the first: {found[0]}")
        last = LedgerEntry.objects.order_by("-number").first()
        if last is None:
            self.stdout.write("Nothing has been published yet.")
            return
        self.stdout.write(f"{last.number} revisions verified. The last one's hash is {last.sha256}.")
