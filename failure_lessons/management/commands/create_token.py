"""`manage.py create_token PARTNER`: a token for a partner's program, shown once."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from failure_lessons.access.models import Scope
from failure_lessons.access.tokens import CannotIssue, issue_token, join_partners
from failure_lessons.accounts.models import User


class Command(BaseCommand):
    help = "Give a partner a token. It is shown once; only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("partner", help="The partner's account.")
        parser.add_argument("--name", required=True, help="What it is for.")
        parser.add_argument(
            "--scope", action="append", required=True, choices=Scope.values, help="What it may do. Repeat for more."
        )
        parser.add_argument("--days", type=int, default=365, help="Days until it expires.")
        parser.add_argument("--network", action="append", default=[], help="A network to accept it from, in CIDR form.")
        parser.add_argument("--test", action="store_true", help="For trying out: nothing that it writes is kept.")
        parser.add_argument("--new-partner", action="store_true", help="Make the account when it is not there.")

    @transaction.atomic
    def handle(
        self,
        *args: object,
        partner: str,
        name: str,
        scope: list[str],
        days: int,
        network: list[str],
        test: bool,
        new_partner: bool,
        **options: object,
    ) -> None:
        holder = User.objects.filter(username=partner).first()
        if holder is None and not new_partner:
            raise CommandError(f"There is no account “{partner}”. Add --new-partner to make it.")
        if holder is None:
            holder = User.objects.create_user(partner)  # without a password: it cannot sign in
            join_partners(user=holder)
        try:
            _, text = issue_token(
                partner=holder,
                name=name,
                scopes=scope,
                by=None,
                networks=network,
                is_test=test,
                expires_at=timezone.now() + dt.timedelta(days=days),
            )
        except CannotIssue as error:
            raise CommandError(" ".join(error.reasons)) from None
        self.stderr.write("Shown only now; only its hash is kept:")
        self.stdout.write(text)
