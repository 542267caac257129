"""`manage.py erase_expired`: erase contacts whose retention is over, and again whom a restored backup brought back."""

from __future__ import annotations

import logging
import signal
import sys
import time

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, connection

from failure_lessons.database.heartbeats import beat
from recommendations.consultations.erasure import erase_again, erase_expired

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Erase contacts of consultations whose retention is over, and whoever was erased and is back. Daily or --watch."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", type=int, metavar="SECONDS", help="Go on, looking again every so many seconds.")

    def handle(self, *, watch: int | None, **_: object) -> None:
        if not watch:
            self.stdout.write(f"Erased {erase_again()} people again, and the contacts of {erase_expired()} rounds.")
            return
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        while True:
            try:
                beat("erase_expired", every=watch)
                erase_again()
                erase_expired()
            except OperationalError:
                log.warning("Nothing could be erased; trying again in %s seconds.", watch)
            connection.close()
            time.sleep(watch)
