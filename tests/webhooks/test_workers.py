"""Workers, with transactions that commit: killed, many at once, and kept busy by slow receivers."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection

from failure_lessons.accounts.models import User
from failure_lessons.local import postgres
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.services import withdraw_record
from failure_lessons.webhooks import delivery
from failure_lessons.webhooks.delivery import deliver_one
from failure_lessons.webhooks.models import Webhook
from failure_lessons.webhooks.services import create_webhook, request_delivery
from tests.helpers import publish_case
from tests.webhooks.conftest import Receiver

ROOT = Path(__file__).resolve().parents[2]


def head():
    return LedgerEntry.objects.head().number


@pytest.fixture
def people(committed, monkeypatch):
    monkeypatch.setattr(delivery, "POLL", 0.05)  # seconds, of the workers that are threads here
    writer, other = (User.objects.get_or_create(username=name)[0] for name in ("writer-c", "one-c"))
    yield writer, other
    Webhook.objects.all().delete()


def worker(**environment):
    """A real worker on the test database."""
    address = urlsplit(os.environ.get("DATABASE_URL") or postgres.database_url(ROOT))
    url = address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    given = {**os.environ, "DATABASE_URL": url, "DEBUG": "1", "WEBHOOKS_TO_LOOPBACK": "1", **environment}
    return subprocess.Popen([sys.executable, "manage.py", "deliver_webhooks", "--skip-checks"], cwd=ROOT, env=given)


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_worker_killed_while_sending_loses_nothing(people, receiver):
    writer, other = people
    webhook, _ = create_webhook(owner=writer, url=receiver.url)
    start = head()
    case = publish_case(writer, other, title="Killed while sending")
    receiver.pause = 30
    first = worker()
    until(lambda: receiver.calls)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    webhook.refresh_from_db()
    assert webhook.cursor == start
    assert not webhook.attempts.exists()
    receiver.pause = 0
    withdraw_record(record=case, by=other, note="Why.")
    second = worker()
    try:
        until(lambda: Webhook.objects.get(pk=webhook.pk).cursor == head())
    finally:
        second.terminate()
        assert second.wait(timeout=30) == 0
    assert receiver.revisions == [start + 1, *range(start + 1, head() + 1)]


@pytest.mark.slow
def test_many_workers_tell_each_change_once_and_in_order(people, receiver):
    writer, other = people
    webhook, _ = create_webhook(owner=writer, url=receiver.url)
    start = head()
    stop = threading.Event()
    workers = [threading.Thread(target=delivery.run_worker, args=[stop]) for _ in range(4)]
    for thread in workers:
        thread.start()
    try:
        for number in range(3):
            publish_case(writer, other, title=f"Told by many {number}")
        until(lambda: Webhook.objects.get(pk=webhook.pk).cursor == head())
    finally:
        stop.set()
        for thread in workers:
            thread.join(timeout=30)
    assert receiver.revisions == list(range(start + 1, head() + 1))


@pytest.mark.slow
def test_receivers_that_take_all_the_time_keep_nobody_else_waiting(people, receiver, settings, monkeypatch):
    """Six are slow, and two of the four threads leave those alone."""
    monkeypatch.setattr(delivery, "SLOW", 0.02)
    writer, other = people
    sloth = Receiver()
    threading.Thread(target=sloth.serve_forever, args=[0.05], daemon=True).start()
    slow = [create_webhook(owner=writer, url=sloth.url)[0] for _ in range(6)]
    for webhook in slow:
        request_delivery(webhook=webhook, by=writer)
    sloth.pause = 0.04
    while Webhook.objects.filter(is_slow=True).count() < 6:
        assert deliver_one()
    sloth.pause = 4.0
    monkeypatch.setattr(delivery, "SLOW", 0.2)
    quick, _ = create_webhook(owner=writer, url=receiver.url)
    stop = threading.Event()
    workers = [
        threading.Thread(target=delivery.run_worker, args=[stop], kwargs={"quick_only": number < 2})
        for number in range(4)
    ]
    calls = len(sloth.calls)
    publish_case(writer, other, title="Told past the slow ones")
    began = time.monotonic()
    for thread in workers:
        thread.start()
    try:
        until(lambda: Webhook.objects.get(pk=quick.pk).cursor == head())
        assert time.monotonic() - began < 4
        until(lambda: len(sloth.calls) - calls >= 2)  # the second may only just have begun
        assert len(sloth.calls) - calls == 2
    finally:
        sloth.at_once.set()
        stop.set()
        for thread in workers:
            thread.join(timeout=30)
        sloth.shutdown()
        sloth.server_close()


@pytest.mark.slow
def test_once_delivers_what_is_due_and_ends(people, receiver):
    writer, _other = people
    create_webhook(owner=writer, url=receiver.url, since=head() - 2)
    call_command("deliver_webhooks", "--once")
    assert receiver.revisions == [head() - 1, head()]
