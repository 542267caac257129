"""`manage.py count_use`: count how the site is used, from its access logs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from failure_lessons.operations.use_counting import count_use_of, forget_rare_words


class Command(BaseCommand):
    help = (
        "Count what was opened, taken away, embedded, searched and not found, from access logs in the combined format "
        "or our JSON lines, also rotated and compressed. Reading one again counts nothing twice. Run it daily."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "logs", nargs="*", type=Path, help="files; without any, ACCESS_LOG and what it was rotated to"
        )

    def handle(self, *args: object, logs: list[Path], **options: object) -> None:
        if not logs and not settings.ACCESS_LOG:
            raise CommandError("Name the logs to read, or set ACCESS_LOG to the path of the access log.")
        chosen = logs or find_rotated(Path(settings.ACCESS_LOG))
        if not chosen:
            raise CommandError(f"There is no log at {settings.ACCESS_LOG}.")
        unread = 0
        for path, found in count_use_of(chosen):
            unread += found is None
            told = f"{found.lines} new lines, {found.counted} counted" if found else "cannot be read"
            self.stdout.write(f"{path}: {told}")
        self.stdout.write(f"{forget_rare_words()} rare words forgotten")
        if unread:
            raise CommandError(f"{unread} of {len(chosen)} logs could not be read.")


def find_rotated(path: Path) -> list[Path]:
    """The log and what it was rotated to: `access.log.1`, `access.log-20261128.gz`."""
    return sorted(each for each in path.parent.glob(f"{path.name}*") if each.is_file())
