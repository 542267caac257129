"""`manage.py deliver_mail`: the worker that sends mail, until it is stopped."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from failure_lessons.outbox.delivery import deliver_waiting, run_worker
from failure_lessons.outbox.models import Message


class Command(BaseCommand):
    help = "Send the mail that waits, until stopped. A second one waits for the first to end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, and end")
        parser.add_argument("--list", action="store_true", help="list what did not arrive, or may not have, and end")

    def handle(self, *args: object, **options: object) -> None:
        if options["list"]:
            for message in Message.objects.unsettled():
                self.stdout.write(
                    f"{message.settled_at:%Y-%m-%d %H:%M} {message.get_state_display()}: {message}. {message.error}"
                )
            return
        if not settings.EMAIL_HOST and not settings.LAPTOP:
            raise CommandError("There is no mail server: set EMAIL_HOST. Until then mail waits, and none is lost.")
        if options["once"]:
            deliver_waiting()
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_worker(stop)
