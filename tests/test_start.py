"""The site starts from its own packages and templates alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from failure_lessons.local import postgres

ROOT = Path(__file__).resolve().parent.parent
ITS_OWN = ("failure_lessons", "literature", "casestudies", "recommendations", "templates")
FETCH = """
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("check")
for address in ("/", "/api/", "/api/policy/", "/api/v1/", "/api/v1/openapi.json", "/api/v1/lessons/", "/lessons/"):
    print(address, Client(SERVER_NAME="localhost").get(address).status_code)
"""


@pytest.mark.slow
@pytest.mark.django_db
def test_the_site_starts_and_answers_without_the_shipped_evidence_and_the_documents(tmp_path):
    for name in ITS_OWN:
        shutil.copytree(ROOT / name, tmp_path / name)  # with what was compiled, which is as old
    address = urlsplit(os.environ.get("DATABASE_URL") or postgres.database_url(ROOT))
    given = {
        **os.environ,
        "DATABASE_URL": address._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "failure_lessons.settings",
        "PYTHONPATH": str(tmp_path),
    }
    command = [sys.executable, "-c", FETCH]
    done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    answers = dict(line.split() for line in done.stdout.splitlines() if line.startswith("/"))
    assert len(answers) == 7
    assert set(answers.values()) == {"200"}, answers


def test_the_documents_lead_to_the_contract_that_is_served():
    assert (ROOT / "docs" / "openapi.json").resolve() == ROOT / "failure_lessons" / "api" / "files" / "openapi.json"
