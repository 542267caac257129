"""`make run EMPTY=1`: a repository of one's own, in which every page says that there is nothing yet."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from django.db import connection

from tests.database.conftest import free_port
from tests.template_database import use_empty_database

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    *("/", "/recommendations/", "/lessons/", "/case-studies/", "/literature/", "/references/", "/situations/"),
    *("/follow-up/", "/follow-up/overdue/", "/themes/", "/glossary/", "/evidence-map/", "/search/?q=x", "/changes/"),
    *("/corrections/", "/brief/", "/case-studies/compare/", "/what-if/", "/about/", "/about/traceability/"),
    *("/about/use/", "/consultation-rounds/", "/developers/", "/downloads/", "/changes/feed.atom", "/sitemap.xml"),
    *("/oai?verb=Identify", "/api/v1/recommendations/", "/api/v1/changes/", "/api/v1/evidence-map/", "/admin/"),
)


@pytest.mark.trials
def test_an_empty_repository_answers_at_every_page_and_claims_nothing_of_our_evidence(
    tmp_path, own_library, django_db_blocker
):
    with django_db_blocker.unblock(), use_empty_database():
        found, port = connection.settings_dict, free_port()
        url = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}"
        given = {"EMPTY": "1", "DATABASE_URL": url, "PORT": str(port), "ERASURE_LOG": str(tmp_path / "erased")}
        given |= {"DOWNLOADS_DIR": str(tmp_path / "downloads")}
        command = [sys.executable, "-m", "failure_lessons.local.run"]
        with (tmp_path / "said").open("w") as said:
            site = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **given}, stdout=said, stderr=said)
        try:
            until = time.monotonic() + 180
            while "Ctrl-C stops it." not in (tmp_path / "said").read_text() and time.monotonic() < until:
                time.sleep(0.2)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, follow_redirects=True) as web:
                while time.monotonic() < until:
                    try:
                        web.get("/healthz")
                        break
                    except httpx.ConnectError:
                        time.sleep(0.2)
                answers = {address: web.get(address) for address in PAGES}
        finally:
            site.terminate()
            site.wait(60)
        assert {address: answer.status_code for address, answer in answers.items() if answer.status_code != 200} == {}
        for address in ("/", "/recommendations/", "/about/"):
            assert "This repository is being filled" in answers[address].text
            assert "illustrative synthesis" not in answers[address].text
        assert answers["/api/v1/recommendations/"].json()["results"] == []
        assert (
            "choose one"
            in subprocess.run(
                command, cwd=ROOT, env={**os.environ, **given, "DEMONSTRATION": "1"}, capture_output=True, text=True
            ).stderr
        )
