"""`manage.py publish_due`: publish what was approved for a set time that has come."""

from __future__ import annotations

import signal
import sys
import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from failure_lessons.database.heartbeats import beat
from failure_lessons.workbench.scheduling import log, publish_due


class Command(BaseCommand):
    help = "Publish what two people approved for a set time that has come. By cron each minute, or with --watch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", type=int, metavar="SECONDS", help="Go on, looking again every so many seconds.")

    def handle(self, *args: object, watch: int | None, **options: object) -> None:
        if not watch:
            self.stdout.write(f"{publish_due()} settled.")
            return
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        while True:
            try:
                beat("publish_due", every=watch)
                publish_due()
            except OperationalError:
                log.warning("What is due could not be published; trying again in %s seconds.", watch)
            connection.close()
            time.sleep(watch)
