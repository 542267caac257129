"""The kept library is the right one, and whole."""

import copy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection, transaction

from failure_lessons.accounts.models import User
from failure_lessons.vocabularies.models import Theme
from tests.conftest import publish_shipped
from tests.template_database import (
    LOCK,
    OURS,
    PACKAGES,
    PLACES,
    READS_ONLY,
    ROOT,
    Server,
    fingerprint,
    is_watched,
    use_separate_clone,
    watched_files,
)
from tests.test_exchange import empty_everything


@pytest.mark.slow
@pytest.mark.django_db
def test_loading_and_publishing_run_nothing_that_is_not_watched(shipped):
    package = copy.deepcopy(shipped)
    package.members = {name: entries[:2] for name, entries in package.members.items()}  # the others are there already
    changed = 0
    names = ("label", "title", "definition", "purpose", "statement", "name", "question")
    for entries in package.members.values():
        if name := next((name for name in names if name in entries[0]), ""):
            entries[0][name] += " Again."
            changed += 1
    assert changed > 8
    ran = set()
    sys.setprofile(lambda frame, event, _: ran.add(frame.f_code.co_filename) if event == "call" else None)
    try:
        report = publish_shipped(package)
    finally:
        sys.setprofile(None)
    assert report.changed.total() == changed
    ours = {
        Path(name).relative_to(ROOT) for name in ran if name.startswith(tuple(f"{ROOT / each}/" for each in PACKAGES))
    }
    assert len(ours) > 10
    assert not [str(path) for path in ours if not is_watched(path)]


def test_every_name_left_out_is_a_room_or_module_that_exists():
    paths = [path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    there = {name for path in paths for name in (path.stem, *path.parts)}
    assert sorted(READS_ONLY - there) == []


def test_migrations_evidence_loaders_and_rules_are_watched():
    names = [str(path) for path in watched_files()]
    for needed in ("/migrations/0001_", "evidence/package.json", "evidence/case-studies/", "/loaders.py", "/models.py"):
        assert any(needed in name for name in names), needed
    assert not [name for name in names if "/views/" in name]


def test_the_hash_follows_each_of_them_and_their_names(monkeypatch, tmp_path):
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_text("1")
    found = []
    for change in (lambda: None, lambda: one.write_text("2"), lambda: one.rename(other)):
        change()
        monkeypatch.setattr("tests.template_database.watched_files", lambda: tmp_path.glob("*.json"))
        found.append(fingerprint())
    assert len(set(found)) == 3


@pytest.mark.trials
def test_a_killed_builder_leaves_no_template(django_db_setup, django_db_blocker):
    template = f"{OURS}_template_killed"
    with django_db_blocker.unblock(), Server() as server, server.locked(LOCK):
        builder = subprocess.Popen([sys.executable, "-m", "tests.template_database", template], cwd=ROOT)
        half, deadline = f"{OURS}_half_{builder.pid}", time.monotonic() + 60
        while server.note_of(half) is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(1)  # in the middle of the migrations
        builder.send_signal(signal.SIGKILL)
        builder.wait()
        assert server.note_of(half) is not None
        assert server.note_of(template) is None
        server.drop(half)


def read_contents():
    """A hash of all rows of each table."""
    with Server(connection.settings_dict["NAME"]) as server:
        rows = "select count(*), md5(string_agg(whole::text, ';' order by md5(whole::text))) from"
        return {table: server.ask(f'{rows} "{table}" whole') for (table, _) in server.ask(PLACES)}


def change_rows():
    Theme.objects.filter(slug__startswith="c").update(scope_note="Changed")
    Theme.objects.create(slug="added", label="Added", scope_note="By a test.")
    User.objects.filter(username="evidence-loader").update(username="somebody-else")


def empty_tables():
    with transaction.atomic():
        empty_everything()


def make_table():
    with Server(connection.settings_dict["NAME"]) as server:
        server.ask("create table left_behind (id int primary key)")


@pytest.mark.slow
def test_whatever_a_module_commits_the_next_one_meets_the_shipped_library(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        wanted = read_contents()
        for spoil in (change_rows, empty_tables, make_table, dict):
            with use_separate_clone():
                assert read_contents() == wanted
                spoil()


def test_a_worker_waits_for_another_one_that_builds_however_long_it_takes(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), Server() as server:
        assert server.ask("show lock_timeout") == [("0",)]
        assert server.ask("show statement_timeout") == [("0",)]
