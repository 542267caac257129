"""A library of the first release is brought up to this one: no hash changes, everything is read, and work goes on."""

import hashlib
import lzma
import os
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from failure_lessons.accounts.models import User
from failure_lessons.api import response_cache
from failure_lessons.library.newest_served import newest_served
from failure_lessons.local.install import Uv
from failure_lessons.operations.backup import run_program
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record
from literature.models import Reference
from tests.operations.kept_release import RELEASES
from tests.template_database import use_empty_database

KEPT = sorted(RELEASES.glob("*.sql.xz"))
ROOT = Path(__file__).resolve().parents[2]
ASK = """
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("check")
for address in ("/", "/recommendations/", "/evidence-map/", "/api/v1/lessons/", "/oai?verb=Identify", "/brief/brief.pdf?r=R4.1"):
    print(Client(SERVER_NAME="localhost").get(address).status_code)
"""
INTERPRETERS = [Path(each) for each in os.environ.get("OTHER_PYTHONS", "").split(":") if each]


@pytest.fixture(params=KEPT, ids=[path.name for path in KEPT])
def former(request, tmp_path, own_library, django_db_blocker):
    """A database with what that release left."""
    with django_db_blocker.unblock(), use_empty_database():
        plain = tmp_path / "plain.sql"
        plain.write_bytes(lzma.decompress(request.param.read_bytes()))
        run_program("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={plain}")
        response_cache.response_store.clear()
        newest_served.forget_number()
        yield
        newest_served.forget_number()


def read_history():
    """Each edition and each revision as they are stored."""
    with connection.cursor() as cursor:
        cursor.execute("select id, sha256, document, withdrawn_at from publishing_edition order by id")
        editions = cursor.fetchall()
        cursor.execute("select number, sha256, note from publishing_ledgerentry order by number")
        return editions, cursor.fetchall()


def test_what_is_kept_is_small_and_there():
    assert KEPT
    assert all(path.stat().st_size < 300_000 for path in KEPT)


@pytest.mark.slow
def test_a_former_library_comes_up_with_every_hash_and_goes_on(former):
    before = read_history()
    assert len(before[0]) > 12
    call_command("migrate", verbosity=0)
    assert read_history() == before
    assert [row for row in before[0] if hashlib.sha256(row[2].encode()).hexdigest() != row[1]] == []
    call_command("verify_history", verbosity=0)
    call_command("migrate", check_unapplied=True, verbosity=0)

    client = Client()
    for address in (
        "/",
        "/changes/",
        "/api/v1/",
        "/api/v1/changes/",
        "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
    ):
        assert client.get(address).status_code == 200, address
    seen = set()
    for edition in Edition.objects.current():
        kind = KINDS[edition.kind]
        assert client.get(f"/{kind.address}/{edition.slug}/").status_code == 200, edition
        answer = client.get(f"/api/v1/{kind.api_address}/{edition.slug}/")
        assert answer.json()["edition"]["sha256"] == edition.sha256
        seen.add(edition.kind)
    assert {"reference", "case-study", "finding", "lesson", "recommendation"} <= seen
    assert client.get("/references/kept2026/").status_code == 410

    by, publisher = User.objects.get(username="evidence-loader"), User.objects.get(username="evidence-publisher")
    last = LedgerEntry.objects.head().number
    reference = Reference.objects.create(slug="since2027", type="report", title="Since")
    submit_record(record=reference, by=by)
    publish_record(record=reference, by=publisher, note="Goes on.")
    assert LedgerEntry.objects.head().number == last + 1
    call_command("verify_history", verbosity=0)


@pytest.mark.trials
@pytest.mark.skipif(not INTERPRETERS, reason="name other interpreters in OTHER_PYTHONS=/…/python3.12:/…/python3.13")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("python", INTERPRETERS, ids=str)
def test_it_starts_and_answers_with_another_python(python, tmp_path, committed):
    environment = tmp_path / "environment"
    uv = ROOT / "var/installer/bin/uv"
    subprocess.run([uv, "venv", "-q", "--no-project", f"--python={python}", environment], check=True)
    told = environment / "bin/python"
    # the versions of the lock: an index may give the hashes of one Python's files alone
    lines = (ROOT / "requirements-local.lock").read_text().splitlines()
    (tmp_path / "versions").write_text("\n".join(line.removesuffix(" \\") for line in lines if "==" in line))
    locked = ("--no-build", "--no-deps", "-r", tmp_path / "versions")
    subprocess.run([uv, "pip", "install", "-q", f"--python={told}", *locked], check=True, env=Uv().environment)
    found = connection.settings_dict
    given = {"DEBUG": "1", "DJANGO_SETTINGS_MODULE": "failure_lessons.settings", "PATH": os.environ["PATH"]}
    given["DATABASE_URL"] = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}"
    done = subprocess.run([told, "-c", ASK], cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split()[-6:] == ["200"] * 6
