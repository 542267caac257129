"""`manage.py deliver_webhooks`: the worker that tells webhooks of changes, until it is stopped."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from failure_lessons.webhooks.delivery import run_worker


class Command(BaseCommand):
    help = "Tell webhooks of changes, until stopped. Any number of these may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="deliver what is due now, and end")
        parser.add_argument(
            "--threads",
            type=int,
            default=4,
            choices=range(1, 33),
            metavar="1-32",
            help="half of them leave slow receivers alone, so that these keep nobody else waiting",
        )

    def handle(self, *args: object, once: bool, threads: int, **options: object) -> None:
        stop = threading.Event()
        if once:
            run_worker(stop, once=True)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        workers = [
            threading.Thread(target=run_worker, args=[stop], kwargs={"quick_only": number < threads // 2})
            for number in range(threads)
        ]
        for worker in workers:
            worker.start()
        stop.wait()  # what is being sent is finished first, at most 15 seconds
        for worker in workers:
            worker.join()
