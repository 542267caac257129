"""`manage.py tend_intake`: the worker of following by mail, and of what is kept for a time only."""

from __future__ import annotations

import logging
import signal
import threading
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections, connection

from failure_lessons.database.heartbeats import beat
from failure_lessons.intake.following import do_requests, forget_unconfirmed, tell_followers
from failure_lessons.intake.services import forget_old_messages

log = logging.getLogger(__name__)
SECONDS_BETWEEN_ROUNDS = 5.0  # seconds between two rounds
ROUNDS_TO_FORGETTING = 720  # about an hour


def tend_once() -> None:
    """One round of all that followers asked and are owed."""
    do_requests()
    tell_followers()


def forget_old() -> None:
    """What has been kept for long enough goes."""
    forget_unconfirmed()
    forget_old_messages()


class Command(BaseCommand):
    help = "Do what followers asked, tell them what changed, and forget what is old, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, and end")

    def handle(self, *args: object, **options: object) -> None:
        if options["once"]:
            tend_once()
            forget_old()
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        rounds = 0
        while not stop.is_set():
            beat("tend_intake")
            try:
                tend_once()
                if rounds % ROUNDS_TO_FORGETTING == 0:
                    forget_old()
            except OperationalError:
                log.warning("The database cannot be reached just now; trying again.")
                connection.close()
            rounds += 1
            close_old_connections()
            stop.wait(SECONDS_BETWEEN_ROUNDS)
