"""A partner's first hour, in the steps of the page for developers: from the start page by links alone to a library that was
harvested, a draft that was sent in and a webhook that was verified, with the commands of the page as they stand."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urljoin

import httpx
import lxml.html
import pytest
from django.core.management import call_command

from casestudies.models import CaseStudy
from failure_lessons.access.models import Scope, Token
from failure_lessons.intake.models import PublicMessage
from failure_lessons.partners.models import Draft, Sent
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.webhooks.delivery import run_worker
from literature.models import Reference
from tests import factories
from tests.api.test_generators import TOOLS, install, run
from tests.helpers import submit_and_publish
from tests.partners.conftest import MANIFEST, case

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_library")]

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "partners.md").read_text()
DRAFT = "our-report-2019"
PROGRAMS = {"sh": ["bash", "-euo", "pipefail"], "py": [sys.executable]}


class Newcomer:
    """Somebody with a browser and a terminal, who follows links and copies what a page tells to type."""

    def __init__(self, start, folder):
        self.web = httpx.Client(follow_redirects=True, timeout=60)
        self.folder = folder
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        self.visit(start)

    def visit(self, address):
        answer = self.web.get(address)
        assert answer.status_code == 200, address
        self.address, self.page = str(answer.url), lxml.html.document_fromstring(answer.content)

    def follow(self, words):
        """Go where the link with these words leads."""
        links = [each for each in self.page.iterfind(".//a") if words in " ".join(each.text_content().split())]
        assert links, f"{self.address} has no link “{words}”"
        self.visit(urljoin(self.address, links[0].get("href")))

    def send_form(self, **words):
        """Fill in the form of the page and send it."""
        form = next(each for each in self.page.iterfind(".//main//form") if each.get("method", "").lower() == "post")
        hidden = {each.get("name"): each.get("value") or "" for each in form.iterfind(".//input[@type='hidden']")}
        answer = self.web.post(urljoin(self.address, form.get("action") or ""), data={**hidden, **words})
        assert answer.status_code == 200, answer.text[:500]

    def copy(self, name):
        """A program of the page, in a file."""
        (recipe,) = [each for each in self.page.iterfind(".//pre[@data-recipe]") if each.get("data-recipe") == name]
        place = self.folder / name
        place.write_text(recipe.text_content() + "\n")
        return [*PROGRAMS[place.suffix[1:]], place]

    def run(self, name, **environment):
        """What a program of the page prints."""
        command = self.copy(name)
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout


def give_token(capsys, *options):
    """What an administrator does when somebody asks for a token, by the command of docs/partners.md."""
    scopes = [word for scope in Scope.values for word in ("--scope", scope)]
    call_command("create_token", "newcomer", "--new-partner", "--name", "first hour", *scopes, *options)
    return capsys.readouterr().out.strip()


@pytest.fixture
def newcomer(own_library, site, committed, tmp_path, settings):
    settings.WEBHOOKS_TO_LOOPBACK = True
    for each in (Sent, Draft, CaseStudy.objects.filter(slug="your-case"), Reference.objects.filter(slug=DRAFT)):
        getattr(each, "objects", each).all().delete()  # what another test of this module sent
    made = Newcomer(site, tmp_path)
    yield made
    made.web.close()


def test_from_the_start_page_to_a_harvested_library_a_draft_and_a_verified_webhook(newcomer, capsys):
    newcomer.follow("For developers")
    developers = newcomer.address
    assert '"included":[' in newcomer.run("first.sh")
    assert newcomer.run("keep.sh").strip() == "304"

    # a library, harvested and kept up to date
    held = Edition.objects.current().count()
    assert f"{held} records, up to date at revision" in newcomer.run("follow.py")
    assert "<oai_dc:dc" in newcomer.run("harvest.sh")

    # a token
    newcomer.follow("Ask for a token")
    newcomer.send_form(text="To send our references.", organisation="The newcomers", email="it@newcomer.example")
    assert PublicMessage.objects.get(sort="token").organisation == "The newcomers"
    token = give_token(capsys)

    # a draft
    newcomer.visit(developers)
    assert json.loads(newcomer.run("draft.sh", TOKEN=token))["id"] == DRAFT
    again = newcomer.run("draft.sh", TOKEN=token)
    assert json.loads(again)["id"] == DRAFT
    draft = Reference.objects.get(slug=DRAFT)
    assert draft.state == Publishable.State.DRAFT
    assert newcomer.web.get(urljoin(developers, "/references/our-report-2019/")).status_code == 404

    # a webhook
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    newcomer.run("webhook.sh", TOKEN=token, RECEIVER=f"http://127.0.0.1:{port}/")
    secret = json.loads((newcomer.folder / "webhook.json").read_text())["secret"]
    receiver = subprocess.Popen(
        newcomer.copy("receiver.py"),
        cwd=newcomer.folder,
        env={**newcomer.environment, "WEBHOOK_SECRET": secret, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
            assert client.post(f"http://127.0.0.1:{port}/", headers=UNSIGNED).status_code == 400
        assert '"message":' in newcomer.run("webhook_test.sh", TOKEN=token)
        run_worker(threading.Event(), once=True)
        submit_and_publish(factories.reference(title="Published meanwhile"))
        run_worker(threading.Event(), once=True)
    finally:
        receiver.send_signal(signal.SIGTERM)
        printed, _ = receiver.communicate(timeout=20)
    assert [line.split()[1] for line in printed.splitlines()] == ["webhook.test", "edition.published"]
    assert newcomer.run("webhook_test.sh", TOKEN=token).count('"status":204') == 2
    assert f"{held + 1} records, up to date" in newcomer.run("follow.py")


UNSIGNED = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,none"}


def test_with_a_token_for_trying_out_the_hour_is_the_same_and_nothing_is_kept(newcomer, capsys):
    newcomer.follow("For developers")
    token = give_token(capsys, "--test")
    sent = newcomer.run("draft.sh", TOKEN=token)
    assert json.loads(sent)["title"] == "Transforming Rehabilitation: progress review"
    assert "secret" in newcomer.run("webhook.sh", TOKEN=token, RECEIVER="http://127.0.0.1:9/")
    assert not Token.objects.get(is_test=True).partner.webhooks.filter(url="http://127.0.0.1:9/").exists()


def test_the_commands_of_the_partners_page_run_as_they_stand(newcomer, site, capsys):
    token, folder = give_token(capsys), newcomer.folder
    package = {
        "manifest": MANIFEST,
        "references": [{"id": DRAFT, "type": "report", "title": "A report", "publisher": "Ours"}],
        "case-studies": [case("your-case", "ZZ8-F1", DRAFT)],
    }
    (folder / "package.json").write_text(json.dumps(package))
    (folder / ".curlrc").write_text('silent\nfail-with-body\nwrite-out = "\\n%{http_code}\\n"\n')
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    script = "\n".join(block for block in blocks if "create_token" not in block)  # that is tried in test_promised
    script = script.replace("https://lessons.example.org", site).replace("flt_…", token)
    (folder / "page.sh").write_text(script)
    said = run("bash", "-euo", "pipefail", "page.sh", cwd=folder, env=newcomer.environment)
    assert re.findall(r"^\d{3}$", said, re.MULTILINE) == ["201", "201", "200", "200"]
    changed = Reference.objects.get(slug=DRAFT)
    assert changed.publisher == "HMSO"
    assert CaseStudy.objects.get(slug="your-case").state == Publishable.State.IN_REVIEW


@pytest.mark.trials
def test_a_client_generated_by_the_command_of_the_page_reads_the_library(newcomer, site):
    place = TOOLS / "first-hour"
    if not (place / "bin" / "openapi-python-client").exists():
        run(sys.executable, "-m", "venv", "--clear", place, cwd=newcomer.folder)
        install([place / "bin" / "pip", "install", "--quiet", "openapi-python-client"], newcomer.folder)
    newcomer.environment["PATH"] = f"{place / 'bin'}:{os.environ['PATH']}"
    newcomer.follow("For developers")
    newcomer.run("generate.sh")
    program = (
        "from failure_lessons_api_client import Client\n"
        "from failure_lessons_api_client.api.lessons import list_lessons\n"
        f"page = list_lessons.sync(client=Client(base_url={site!r}), limit=3)\n"
        "print(*(each.code for each in page.results))\n"
    )
    (newcomer.folder / "failure-lessons-client" / "use.py").write_text(program)
    said = run(place / "bin" / "python", "use.py", cwd=newcomer.folder / "failure-lessons-client")
    assert said.split()[0].startswith("LS")
