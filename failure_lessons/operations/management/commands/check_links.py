"""`manage.py check_links`: try whether cited sources can still be reached. Off unless CHECK_LINKS=1."""

from __future__ import annotations

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from failure_lessons.operations.link_check import check_due, queue_links
from failure_lessons.operations.models import CheckedLink

MOST_IN_A_RUN = 200


class Command(BaseCommand):
    help = "Try the addresses of published sources that are due, politely. It calls other sites: set CHECK_LINKS=1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--most", type=int, default=MOST_IN_A_RUN, help="at most so many addresses in this run")

    def handle(self, *args: object, most: int, **options: object) -> None:
        if not settings.CHECK_LINKS:
            raise CommandError("Checking links calls other sites, so it is off. Set CHECK_LINKS=1 to switch it on.")
        now = timezone.now()
        self.stdout.write(f"{queue_links(now)} addresses are cited")
        for link, answer in check_due(now, most):
            if answer.state != CheckedLink.State.REACHED:
                self.stdout.write(f"{link.url}: {answer.status or ''} {answer.words}")
