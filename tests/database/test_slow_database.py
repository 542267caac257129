"""A real server whose database is locked, slow by five seconds, or away: readers are answered within three seconds.

Between the site and PostgreSQL stands a relay of ours, which can hold back what passes, or stop.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from django.db import connection

from tests.database.conftest import free_port
from tests.database.test_limits import held

ROOT = Path(__file__).resolve().parents[2]
READERS = 16  # at once: twice the threads of the server
KEPT = ("/recommendations/", "/api/v1/recommendations/")
ASKED = ("/lessons/?order=newest", "/search/?q=trust", "/api/v1/lessons/?limit=7", "/api/v1/search/?q=board")
MOST_SECONDS = 3.0
MOST_ALIVE_SECONDS = 0.1

pytestmark = [pytest.mark.trials, pytest.mark.timeout(600)]


class Relay:
    """Passes on what is said to PostgreSQL and what it answers, as late as it is told."""

    def __init__(self):
        self.port, self.seconds, self.lines = free_port(), 0.0, []
        self.there = connection.get_connection_params()
        self.listener = None
        self.open()

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        threading.Thread(target=self.take, args=[self.listener], daemon=True).start()

    def take(self, listener):
        while True:
            try:
                mine, _ = listener.accept()
            except OSError:
                return
            host, port = self.there.get("host") or "127.0.0.1", self.there.get("port") or 5432
            if host.startswith("/"):
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{host}/.s.PGSQL.{port}")
            else:
                server = socket.create_connection((host, int(port)))
            self.lines += [mine, server]
            for pair in ((mine, server), (server, mine)):
                threading.Thread(target=self.pass_on, args=pair, daemon=True).start()

    def pass_on(self, source, target):
        try:
            while data := source.recv(65536):
                time.sleep(self.seconds)
                target.sendall(data)
        except OSError:
            pass
        finally:
            for each in (source, target):
                shut_line(each)

    def close(self):
        """As if the database were away: nothing listens, and what was open is cut."""
        shut_line(self.listener)
        self.listener.close()
        for each in self.lines:
            shut_line(each)
        time.sleep(0.1)  # until whoever passes on has seen it
        for each in self.lines:
            each.close()
        self.lines.clear()


def shut_line(line):
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def relay(committed):
    relay = Relay()
    yield relay
    relay.close()


@pytest.fixture
def server(relay, tmp_path):
    """gunicorn with our own settings; the address."""
    port = free_port()
    there = relay.there
    env = os.environ | {
        "DEBUG": "1",
        "DEBUG_PAGES": "0",
        "BIND": f"127.0.0.1:{port}",
        "DATABASE_URL": f"postgresql://{there['user']}@127.0.0.1:{relay.port}/{there['dbname']}",
        "QUOTA_FILE": str(tmp_path / "quota"),
        "QUOTA_ANONYMOUS": "900000000/60",
        "LOG_LEVEL": "CRITICAL",
    }
    command = [sys.executable, "-m", "gunicorn", "failure_lessons.wsgi", "--config=deploy/gunicorn.conf.py"]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if httpx.get(f"{address}/readyz", timeout=10).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.2)
        with ThreadPoolExecutor(READERS) as crowd:  # each process keeps what it was asked for: one alone answers a few
            asked = [address + each for each in KEPT * READERS * 4]
            assert {status for status, _ in crowd.map(ask, asked)} == {200}
        yield address
    finally:
        process.terminate()
        process.wait(40)


# made once: making one takes longer than an answer does
web = httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0), trust_env=False, verify=False)  # noqa: S501  # no TLS here


def ask(address):
    """Status and seconds."""
    started = time.monotonic()
    answer = web.get(address)
    return answer.status_code, time.monotonic() - started


def ask_everything(address):
    """What a crowd of readers gets, and how long `/healthz` takes meanwhile."""
    lives, done = [], threading.Event()

    def watch_life():
        with httpx.Client(base_url=address, timeout=30) as web:
            while not (lives and done.is_set()):  # the crowd may be served before the first has come back
                started = time.monotonic()
                assert web.get("/healthz").status_code == 200
                lives.append(time.monotonic() - started)
                time.sleep(0.05)

    watching = threading.Thread(target=watch_life)
    watching.start()
    with ThreadPoolExecutor(READERS) as crowd:
        asked = [address + each for each in (*ASKED, *KEPT) * (READERS // 4)]
        answers = list(zip(asked, crowd.map(ask, asked), strict=True))
    done.set()
    watching.join()
    return answers, sorted(lives)


@contextmanager
def slow(relay):
    relay.seconds = 5.0
    yield
    relay.seconds = 0.0


@contextmanager
def away(relay):
    relay.close()
    yield
    relay.open()


TROUBLES = {
    "editions locked": lambda relay: held("publishing_edition"),
    "ledger locked": lambda relay: held("publishing_ledgerentry"),
    "slow by five seconds": slow,
    "away": away,
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_readers_get_what_is_kept_or_a_503_within_three_seconds(server, relay, trouble):
    with TROUBLES[trouble](relay):
        for turn in range(2):
            answers, lives = ask_everything(server)
            slowest = max(seconds for _, (_, seconds) in answers)
            late = lives[int(len(lives) * 0.99)]
            kept = [status for address, (status, _) in answers if address.removeprefix(server) in KEPT]
            print(  # noqa: T201  # the figures
                f"{trouble}, {turn + 1}: {len(answers)} readers, slowest {slowest:.2f} s, kept {kept.count(200)} of "
                f"{len(kept)}; /healthz {len(lives)} times, 99 of 100 within {late * 1000:.0f} ms, slowest {lives[-1] * 1000:.0f} ms"
            )
            assert {status for _, (status, _) in answers} <= {200, 503}
            assert slowest < MOST_SECONDS
            assert kept.count(200) == len(kept)
            assert late < MOST_ALIVE_SECONDS
    until = time.monotonic() + 15
    while (status := ask(f"{server}/lessons/")[0]) != 200 and time.monotonic() < until:
        time.sleep(0.5)
    assert status == 200
