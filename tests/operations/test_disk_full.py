"""The disk of the database runs full while people publish and read: nothing is lost, and it is said.

Needs root, to mount a small disk in memory.
"""

import os
import subprocess
import sys
import time

import pytest
from django.db import connection

from bench.drill import ask_address, read_published
from bench.drill_cluster import Cluster, find_missing_programs, lend_account
from tests.helpers import open_to_all

MEGABYTES = 400
LEFT_FREE = 3  # megabytes, when publishing begins: less than the next file of the write-ahead log
POSSIBLE = os.geteuid() == 0 and not find_missing_programs()

pytestmark = [pytest.mark.trials, pytest.mark.timeout(600)]


@pytest.fixture
def small_disk(tmp_path):
    open_to_all(tmp_path)  # PostgreSQL runs under another account
    mounted = tmp_path / "small"
    mounted.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", mounted], check=True)
    yield mounted
    subprocess.run(["umount", "--lazy", mounted], check=True)


@pytest.fixture
def cluster(small_disk, tmp_path, committed):
    """One database on the small disk, with the library in it, and a web server whose own disk has room."""
    made = Cluster(tmp_path, print)
    home = small_disk / "postgres"
    home.mkdir()
    (tmp_path / "postgres").symlink_to(home)
    lent = lend_account()
    os.chown(home, lent["user"], lent["group"])
    found = connection.settings_dict
    address = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}"
    try:
        made.make_primary()
        dump = subprocess.run(["pg_dump", "--no-owner", "--no-acl", "-d", address], capture_output=True, check=True)
        subprocess.run(
            ["psql", "-qX", "-d", made.address("db1")], input=dump.stdout, check=True, stdout=subprocess.DEVNULL
        )
        command = [sys.executable, "-m", "gunicorn", "failure_lessons.wsgi", "--config=deploy/gunicorn.conf.py"]
        made.add_service("web1", command, made.site_environment("web1", database="db1") | {"DEBUG": "1"})
        made.wait_for(lambda: ask_address(made.ports["web1"], "/readyz")[0] == 200, "the site is ready")
        yield made
    finally:
        made.stop()


def fill_disk(mounted):
    """Leave little room; gives the file that takes it."""
    room = os.statvfs(mounted)
    filler = mounted / "filler"
    with filler.open("wb") as file:
        file.write(b"\0" * (room.f_bavail * room.f_bsize - LEFT_FREE * 1_000_000))
    return filler


@pytest.mark.skipif(not POSSIBLE, reason="needs root and the programs of the drill")
def test_a_disk_that_runs_full_loses_nothing_and_is_told(cluster, small_disk):
    path = cluster.folder / "published.jsonl"
    environment = cluster.site_environment(database="db1") | {"REVISION_FILE": "", "PAUSE": "0.01", "DEBUG": "1"}
    cluster.add_service("publisher", [sys.executable, "-m", "bench.drill_publisher", path], environment)
    cluster.wait_for(lambda: any("revision" in each for each in read_published(path)), "somebody publishes")
    filler = fill_disk(small_disk)
    answers = []
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and sum("failed" in each for each in read_published(path)) < 5:
            for address in ("/", "/recommendations/", "/search/?q=trust", "/api/v1/lessons/"):
                answers.append(ask_address(cluster.ports["web1"], address)[0])
            time.sleep(0.2)
        assert ask_address(cluster.ports["web1"], "/healthz")[0] == 200
    finally:
        filler.unlink()
    assert set(answers) <= {200, 503}
    failed = [each["failed"] for each in read_published(path) if "failed" in each]
    said = " ".join(failed) + (cluster.folder / "db1.log").read_text()
    assert failed
    assert "No space left on device" in said
    if not cluster.services["db1"].is_alive():  # as systemd would
        cluster.start_database("db1")
    done = sum("revision" in each for each in read_published(path))
    cluster.wait_for(lambda: sum("revision" in e for e in read_published(path)) > done + 5, "publishing goes on")
    cluster.services["publisher"].wanted = False
    cluster.services["publisher"].end_group()
    told = {(e["revision"], e["sha256"]) for e in read_published(path) if "revision" in e}
    there = set(cluster.ask("db1", "select revision, sha256 from publishing_edition"))
    assert not told - there
    assert len(told) > 10
    assert "revisions verified" in cluster.run_manage("verify_history")
    print(f"{len(told)} published, {len(failed)} refused, answers {[(s, answers.count(s)) for s in set(answers)]}")  # noqa: T201
