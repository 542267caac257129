"""`manage.py build_downloads`: the whole repository as files, built when the library has moved on."""

import logging
import signal
import sys
import time
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from failure_lessons.database.heartbeats import beat
from failure_lessons.downloads.build import build_bundle
from failure_lessons.downloads.views import library_revision
from failure_lessons.history.seals import seal_changes

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Build the files of /downloads/ for the library as it stands, and seal the workbench's history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", type=int, metavar="SECONDS", help="Go on, looking again every so many seconds.")

    def handle(self, *args: object, watch: int | None, **options: object) -> None:
        if not watch:
            seal_changes()
            bundle = build_bundle(settings.SITE_URL, lambda name: self.stdout.write(f"  {name} …"))
            self.stdout.write(f"Revision {bundle.revision} is on the shelf: {bundle.folder}")
            return
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that a half-built folder is cleared away
        while True:
            beat("build_downloads", every=watch)
            try:
                if library_revision():
                    build_bundle(settings.SITE_URL)
            except (OperationalError, OSError):
                logger.exception("The downloads could not be built; trying again in %s seconds.", watch)
            try:
                seal_changes()
            except OperationalError:
                logger.warning("The workbench's history could not be sealed; trying again in %s seconds.", watch)
            connection.close()
            time.sleep(watch)
