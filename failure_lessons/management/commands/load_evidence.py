"""`manage.py load_evidence FOLDER`: an evidence package into the workbench, and with `--publish` into the library."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from failure_lessons.accounts.models import User
from failure_lessons.constraints import broken_rule
from failure_lessons.packages.exchange import CannotOverwrite, load_package
from failure_lessons.packages.format import Package
from failure_lessons.packages.validation import InvalidPackage, known_in_workbench, read_checked
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import CannotPublish


class Command(BaseCommand):
    help = "Load an evidence package: validated first, all or nothing, and safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="Folder that holds the package.")
        parser.add_argument("--publish", action="store_true", help="Publish what was loaded.")
        parser.add_argument("--overwrite", action="store_true", help="Replace work that was never published.")
        parser.add_argument("--if-empty", action="store_true", help="Do nothing once anything has been published.")
        parser.add_argument("--by", default="evidence-loader", help="User who submits (made when missing).")
        parser.add_argument("--publisher", default="evidence-publisher", help="User who publishes (made when missing).")

    def handle(
        self,
        *args: object,
        folder: Path,
        publish: bool,
        overwrite: bool,
        if_empty: bool,
        by: str,
        publisher: str,
        verbosity: int,
        **options: object,
    ) -> None:
        started = time.monotonic()
        if if_empty and Edition.objects.exists():
            # what people have edited since must not be put back to what was shipped
            self.stdout.write("The library has evidence in it already: nothing was loaded.")
            return
        package = read_valid_package(folder)
        submitter = service_account(by)
        show = self.show_progress if verbosity > 0 and self.stderr.isatty() else None
        try:
            report = load_package(
                package,
                by=submitter,
                publisher=service_account(publisher) if publish else None,
                overwrite=overwrite,
                note=package.manifest.get("title", ""),
                progress=show or (lambda what, done, total: None),
            )
        except (CannotOverwrite, CannotPublish) as error:
            raise CommandError(str(error)) from None
        except IntegrityError as error:  # such as an identifier that another organisation here has already
            raise CommandError(f"Nothing was loaded. {broken_rule(error)}") from None
        finally:
            if show:
                self.stderr.write("\r\x1b[K", ending="")
        touched = report.created + report.changed
        if not touched and not report.editions:
            self.stdout.write(f"Nothing to do: all {report.unchanged.total()} entries are already here, word for word.")
            return
        for name in touched:
            self.stdout.write(f"  {name}: {report.created[name]} new, {report.changed[name]} changed")
        self.stdout.write(
            f"{touched.total()} entries loaded, {report.unchanged.total()} unchanged, "
            f"{len(report.editions)} editions published in {time.monotonic() - started:.1f} s."
        )

    def show_progress(self, what: str, done: int, total: int) -> None:
        """One line of a terminal, written over again and again."""
        self.stderr.write(f"\r\x1b[K{what} {done}/{total}", str, ending="")


def service_account(username: str) -> User:
    """The user who acts for a command: it cannot sign in unless somebody gives it a password."""
    user, made = User.objects.get_or_create(username=username)
    if made:
        user.set_unusable_password()
        user.save()
    return user


def read_valid_package(folder: Path) -> Package:
    """The package, or a list of everything that is wrong with it."""
    try:
        return read_checked(folder, known_in_workbench())
    except InvalidPackage as error:
        lines = "\n".join(f"  {problem}" for problem in error.problems)
        raise CommandError(f"Nothing was loaded: {len(error.problems)} problem(s) in the package.\n{lines}") from None
