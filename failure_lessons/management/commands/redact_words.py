"""`manage.py redact_words`: words taken out of everything published, by two people, for reasons of law or privacy."""

from argparse import ArgumentParser
from collections.abc import Sequence

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.management.accounts import find_account
from failure_lessons.publishing.redaction import CannotRedact, confirm_redaction, propose_redaction
from failure_lessons.publishing.redaction_models import Redaction


class Command(BaseCommand):
    help = "Propose that words are taken out of everything published, or confirm what somebody else proposed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("words", nargs="*", help="To propose: the words, each in quotes.")
        parser.add_argument("--by", required=True, help="The account of whoever does this.")
        parser.add_argument("--reason", default="", help="To propose: why. Readers see it; do not repeat the words.")
        parser.add_argument("--confirm", type=int, metavar="NUMBER", help="Confirm this proposal of somebody else's.")

    def handle(
        self, *args: object, words: Sequence[str], by: str, reason: str, confirm: int | None, **options: object
    ) -> None:
        person = find_account(by)
        try:
            if confirm is None:
                made = propose_redaction(words=words, by=person, note=reason)
                self.stdout.write(f"Proposed as number {made.pk}. Somebody else confirms it: --confirm {made.pk}")
                return
            redaction = Redaction.objects.filter(pk=confirm).first()
            if redaction is None:
                raise CommandError(f"There is no proposal {confirm}.")
            editions = confirm_redaction(redaction=redaction, by=person)
        except CannotRedact as error:
            raise CommandError("\n".join(error.reasons)) from None
        self.stdout.write(f"Done in {len(editions)} editions. Build the downloads anew: manage.py build_downloads")
