"""`manage.py verify_history`: proof that nothing published was altered."""

import json
import re
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from failure_lessons.history.models import Seal
from failure_lessons.history.seals import find_history_faults, known_seals
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.ledger_head import CannotTrust, check_head, find_missing_heads, signed_head
from failure_lessons.publishing.models import LedgerEntry

SHA256 = re.compile(r"[0-9a-f]{64}")


class Command(BaseCommand):
    help = "Check the hash chain over every revision, and name the first altered row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="HEAD",
            help="A head of the ledger (or a seal of the workbench) that was kept elsewhere: its hash, or a file with "
            "the signed head as the site, a bundle or a webhook gave it. Can be given several times.",
        )

    def handle(self, *args: object, expect: Sequence[str], **options: object) -> None:
        kept = {read_head(each): each for each in expect}
        seals = known_seals(kept)
        heads = {sha256: where for sha256, where in kept.items() if sha256 not in seals}
        found = [*find_ledger_faults(), *find_history_faults(), *find_missing_heads(heads)]
        if found:
            raise CommandError(f"{len(found)} problem(s), the first: {found[0]}")
        if sealed := Seal.objects.order_by("-number").first():
            self.stdout.write(f"{sealed.number} seals of the workbench verified. The last one's is {sealed.sha256}.")
        last = LedgerEntry.objects.head()
        if last is None:
            self.stdout.write("Nothing has been published yet.")
            return
        self.stdout.write(f"{last.number} revisions verified. The last one's hash is {last.sha256}.")
        if kept:
            self.stdout.write(f"Each of the {len(kept)} heads kept elsewhere is still there.")
        self.stdout.write("Keep this elsewhere, for --expect:")
        self.stdout.write(json.dumps(signed_head(last)))


def read_head(text: str) -> str:
    """The hash that is given, or that the signed head in the file of this name holds."""
    if SHA256.fullmatch(text):
        return text
    try:
        return check_head(json.loads(Path(text).read_text("utf-8")))
    except (OSError, ValueError):
        raise CommandError(f"--expect {text}: neither a hash of 64 digits nor a file with a signed head.") from None
    except CannotTrust as error:
        raise CommandError(f"--expect {text}: {error}") from None
