"""`manage.py remove_package FOLDER`: what a package brought, such as the sample, out of the library, by two people."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.management.accounts import find_account
from failure_lessons.management.commands.load_evidence import read_valid_package
from failure_lessons.packages.removal import CannotRemove, confirm_removal, plan_removal, propose_removal
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.redaction_models import PackageRemoval


class Command(BaseCommand):
    help = "Propose that what a package brought is withdrawn, or confirm what somebody else proposed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="The package, as it was loaded: `evidence` is the sample.")
        parser.add_argument("--by", help="The account of whoever does this. Without it nothing is done: what would be?")
        parser.add_argument("--reason", default="", help="To propose: why. Readers see it at each address.")
        parser.add_argument("--confirm", type=int, metavar="NUMBER", help="Confirm this proposal of somebody else's.")

    def handle(
        self, *args: object, folder: Path, by: str | None, reason: str, confirm: int | None, **options: object
    ) -> None:
        package = read_valid_package(folder)
        plan = plan_removal(package)
        self.tell("Goes", plan.goes)
        self.tell("Stays, because something of yours rests on it", plan.kept, names=True)
        self.tell("Stays, because it was published anew since it was loaded", plan.own, names=True)
        if by is None:
            self.stdout.write("Nothing was done. Propose it: --by ACCOUNT --reason WHY")
            return
        person = find_account(by)
        try:
            if confirm is None:
                made = propose_removal(package=package, by=person, note=reason)
                self.stdout.write(f"Proposed as number {made.pk}. Somebody else confirms it: --confirm {made.pk}")
                return
            removal = PackageRemoval.objects.filter(pk=confirm).first()
            if removal is None:
                raise CommandError(f"There is no proposal {confirm}.")
            gone = confirm_removal(removal=removal, package=package, by=person)
        except CannotRemove as error:
            raise CommandError("\n".join(error.reasons)) from None
        self.stdout.write(f"{len(gone)} records withdrawn. Build the downloads anew: manage.py build_downloads")

    def tell(self, words: str, editions: Iterable[Edition], *, names: bool = False) -> None:
        """How many of each kind, and which where a person may want to do something about them."""
        rows = list(editions)
        if not rows:
            return
        counted = ", ".join(f"{number} {kind}" for kind, number in Counter(each.kind for each in rows).items())
        self.stdout.write(f"{words}: {counted}")
        for each in rows if names else ():
            self.stdout.write(f"  {each.kind} {each.slug}")
