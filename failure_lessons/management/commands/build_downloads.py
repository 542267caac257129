"""`manage.py build_downloads`: the whole repository as files, built when the library has moved on."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from failure_lessons.bundles.build import build


class Command(BaseCommand):
    help = "Build the files of /downloads/ for the library as it stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", type=int, metavar="SECONDS", help="Go on, looking again every so many seconds.")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            try:
                bundle = build(settings.SITE_URL, lambda name: self.stdout.write(f"  {name} …"))
                self.stdout.write(f"Revision {bundle.revision} is on the shelf: {bundle.folder}")
            except OperationalError as error:
                if not options["watch"]:
                    raise
                self.stderr.write(f"The database is away, trying again: {error}")
            if not options["watch"]:
                return
            connection.close()
            time.sleep(options["watch"])
