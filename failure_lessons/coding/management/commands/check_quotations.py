"""`manage.py check_quotations`: name each quotation that does not occur exactly once where it should.

It says as well how many quotations that statements cite have no document to be checked against.
"""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.coding.checking import count_cited_quotations, find_quotation_faults
from failure_lessons.coding.models import Quotation, Use


class Command(BaseCommand):
    help = "Name each quotation whose selectors do not find it exactly once in its kept text, and each broken use."

    def handle(self, *args: object, **options: object) -> None:
        cited = count_cited_quotations()
        self.stdout.write(
            f"{cited.without_document} of {cited.cited} quotations that statements cite have no document to be checked "
            "against."
        )
        found = 0
        for sentence in find_quotation_faults():
            found += 1
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"{found} faults.")
        self.stdout.write(
            f"{Quotation.objects.count()} quotations and {Use.objects.count()} uses: all as they should be."
        )
