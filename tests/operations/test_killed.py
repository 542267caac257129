"""Killed in the middle of taking something in or of building files: all of it is there, or nothing. Real processes.

Mail and webhooks that are killed while they are sent: `tests/recommendations/consultations/test_killed.py`,
`tests/webhooks/test_workers.py`.
"""

import hashlib
import os
import random
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from casestudies.models import Organisation
from failure_lessons.accounts.models import User
from failure_lessons.coding.models import Quotation
from failure_lessons.downloads import storage
from failure_lessons.packages.format import Package, write_package
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition
from literature.models import Reference
from tests.bulk.sheets import Sheet
from tests.coding.test_refi import qde, qdpx, selection

ROOT = Path(__file__).resolve().parents[2]
MANY = 300
KILLS = 5
LONGEST = 1.5  # seconds into the transaction
IMPORT_QDA = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
import django
django.setup()
from failure_lessons.accounts.models import User
from failure_lessons.coding.refi.importing import finish_qda, stage_qda
by = User.objects.get(username="killed")
finish_qda(staged=stage_qda(name="study.qdpx", data=open(sys.argv[1], "rb").read(), by=by), by=by)
"""
chance = random.Random(17)  # noqa: S311  # when a process dies is no secret

pytestmark = [pytest.mark.trials, pytest.mark.timeout(900), pytest.mark.usefixtures("committed")]


@pytest.fixture(autouse=True)
def somebody(committed):
    User.objects.get_or_create(username="killed")


def write_spreadsheet(folder, name):
    sheet = Sheet(Organisation.objects.none())
    for number in range(MANY):
        sheet.add(Slug=f"{name}-{number}", Name=f"{name} {number}", Type="x")
    (folder / "list.xlsx").write_bytes(sheet.bytes())
    return "manage.py", "bulk_import", "casestudies.organisation", str(folder / "list.xlsx"), "--by=killed"


def write_references(folder, name):
    works = [{"id": f"{name}-{number}", "type": "report", "title": f"{name} {number}"} for number in range(MANY)]
    manifest = {"format": "failure-lessons-evidence", "version": 1, "title": name, "prepared": "2026-11-28"}
    write_package(folder / "package", Package({**manifest, "licence": "CC-BY-4.0"}, {"references": works}))
    return "manage.py", "load_evidence", str(folder / "package"), "--publish"


def write_project(folder, name):
    text = "".join(f"Sentence {number} of many. " for number in range(MANY))
    chosen = ""
    for number in range(MANY):
        start = text.index(f"Sentence {number} ")
        chosen += selection(uuid.uuid4(), start, start + 11, "")
    guid = uuid.uuid5(uuid.NAMESPACE_URL, name)
    inner = qde(chosen).replace(str(uuid.UUID(int=3 + 2**96)), str(guid)).replace("Interview 1", name)
    (folder / "study.qdpx").write_bytes(qdpx(inner, b"", **{f"Sources/{guid}.txt": text.encode()}))
    return "-c", IMPORT_QDA, str(folder / "study.qdpx")


def count_words_of(name):
    return Quotation.objects.filter(document__name=name).count()


DEEDS = {
    "spreadsheet": (write_spreadsheet, lambda name: [Organisation.objects.filter(slug__startswith=f"{name}-").count()]),
    "package": (
        write_references,
        lambda name: [
            Reference.objects.filter(slug__startswith=f"{name}-").count(),
            Edition.objects.filter(slug__startswith=f"{name}-").count(),
        ],
    ),
    "REFI-QDA": (write_project, lambda name: [count_words_of(name)]),
}


def start_killable(name, *arguments, **environment):
    """A process on the database of this test, which the database knows by this name."""
    found = connection.settings_dict
    url = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}&application_name={name}"
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "DEBUG": "1", "DATABASE_URL": url, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def read_sessions(name):
    """Of the sessions of a process: whether there are any, and whether one is in a transaction that has written."""
    with connection.cursor() as cursor:
        cursor.execute("select backend_xid is not null from pg_stat_activity where application_name = %s", [name])
        found = [row[0] for row in cursor.fetchall()]
    return bool(found), any(found)


def kill_within(process, name):
    """kill -9 at a random moment after it began to write; whether it was still at it."""
    until = time.monotonic() + 120
    while process.poll() is None and not read_sessions(name)[1] and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(chance.uniform(0, LONGEST))
    running = process.poll() is None
    process.kill()
    process.communicate()
    while read_sessions(name)[0]:
        time.sleep(0.05)
    return running


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_killed_while_it_takes_something_in_leaves_all_or_nothing(deed, tmp_path):
    write, count = DEEDS[deed]
    was_running = []
    for attempt in range(KILLS):
        name = f"kill{deed.lower()[:4]}{attempt}".replace("-", "")
        folder = tmp_path / name
        folder.mkdir()
        command = write(folder, name)
        was_running.append(kill_within(start_killable(name, *command), name))
        assert set(count(name)) in ({0}, {MANY}), (deed, attempt)
    assert any(was_running)
    again = start_killable(name, *command)  # whoever tries again finds nothing in the way
    said = again.communicate(timeout=300)[1].decode()
    assert set(count(name)) == {MANY}, said
    assert list(find_ledger_faults()) == []


def test_a_bundle_whose_building_is_killed_is_not_offered_and_the_next_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DOWNLOADS_DIR", tmp_path / "shelf")
    command = ("manage.py", "build_downloads")
    for attempt in range(KILLS):
        process = start_killable(f"bundle{attempt}", *command, DOWNLOADS_DIR=str(tmp_path / "shelf"))
        until = time.monotonic() + 60
        while not list(tmp_path.glob("shelf/*/*")) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, LONGEST))
        process.kill()
        process.communicate()
        check_shelf()
    start_killable("bundle", *command, DOWNLOADS_DIR=str(tmp_path / "shelf")).communicate(timeout=300)
    assert check_shelf()
    assert len(list((tmp_path / "shelf").iterdir())) <= 2, "what was half built is cleared away"


def check_shelf():
    """The newest bundle, every file of which is what it says; None when there is none."""
    bundle = storage.newest_bundle()
    for file in bundle.files if bundle else ():
        assert hashlib.sha256((bundle.folder / file.name).read_bytes()).hexdigest() == file.sha256, file.name
    return bundle
