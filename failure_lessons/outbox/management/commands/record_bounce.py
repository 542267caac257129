"""`manage.py record_bounce`: for a mail server to call with each mail that came back, on standard input."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.outbox.services import NotOurBounce, record_bounce

LARGEST_BOUNCE = 1_000_000  # bytes that are looked at


class Command(BaseCommand):
    help = "Note that a mail of ours came back; reads the mail that says so from standard input."

    def handle(self, *args: object, **options: object) -> None:
        try:
            message = record_bounce(raw=sys.stdin.buffer.read(LARGEST_BOUNCE))
        except NotOurBounce as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{message}: {message.error}")
