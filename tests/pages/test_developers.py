"""For developers: found from the start page, and every recipe of the page runs as it stands."""

import base64
import datetime as dt
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import lxml.html
import pytest
from django.test import Client

from failure_lessons.webhooks.delivery import sign_message
from tests.helpers import parse_page

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "clients" / "python" / "src"
PROGRAMS = {"sh": ["bash", "-euo", "pipefail"], "py": [sys.executable], "mjs": ["node"], "R": ["Rscript"]}
SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


def recipes_at(address):
    page = lxml.html.document_fromstring(httpx.get(f"{address}/developers/").content)
    return {each.get("data-recipe"): each.text_content() for each in page.iterfind(".//pre[@data-recipe]")}


def run_recipe(name, text, folder):
    """What a recipe prints, run in an empty folder as somebody would who copied it."""
    program = PROGRAMS[name.rpartition(".")[2]]
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed here: {name} was not run")
    place = folder / name
    place.write_text(text + "\n")
    done = subprocess.run(
        [*program, place],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CLIENT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("first.sh", '"included":['),
        ("keep.sh", "304"),
        ("follow.py", "up to date at revision"),
        ("client.py", "R1 rests on"),
        ("browser.mjs", "LS1 "),
        ("table.R", "["),
        ("harvest.sh", "<oai_dc:dc"),
    ],
)
def test_each_recipe_runs_as_it_stands(name, said, site, tmp_path):
    assert said in run_recipe(name, recipes_at(site)[name], tmp_path)


@pytest.mark.slow
def test_the_copy_that_is_followed_comes_back_for_what_is_new(site, tmp_path):
    recipe = recipes_at(site)["follow.py"]
    first = run_recipe("follow.py", recipe, tmp_path)
    held = json.loads((tmp_path / "library.json").read_text())
    assert httpx.get(next(iter(held["records"].values()))).status_code == 200
    assert run_recipe("follow.py", recipe, tmp_path) == first


@pytest.mark.slow
def test_the_receiver_takes_what_is_signed_and_nothing_else(site, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = tmp_path / "receiver.py"
    place.write_text(recipes_at(site)["receiver.py"])
    receiver = subprocess.Popen(
        [sys.executable, place],
        env={"WEBHOOK_SECRET": SECRET, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        now, body = int(time.time()), b'{"type":"edition.published"}'
        other = f"whsec_{base64.b64encode(b'o' * 32).decode()}"
        good = sign_message(SECRET, "msg_1", now, body)
        for signature, at, sent, status in (
            (good, now, body, 204),
            (f"{sign_message(other, 'msg_1', now, body)} {good}", now, body, 204),  # while a secret is being changed
            (sign_message(other, "msg_1", now, body), now, body, 400),
            (good, now, body + b" ", 400),
            (sign_message(SECRET, "msg_1", now - 900, body), now - 900, body, 400),
        ):
            headers = {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}
            transport = httpx.HTTPTransport(retries=5)
            with httpx.Client(transport=transport) as client:
                assert client.post(f"http://127.0.0.1:{port}/", content=sent, headers=headers).status_code == status
    finally:
        receiver.terminate()
        printed, _ = receiver.communicate(timeout=10)
    assert printed.split() == ["msg_1", "edition.published"] * 2


def test_every_recipe_is_tried_here():
    tried = {"first.sh", "keep.sh", "follow.py", "client.py", "browser.mjs", "table.R", "harvest.sh", "receiver.py"}
    tried |= {"draft.sh", "webhook.sh", "webhook_test.sh", "generate.sh"}  # tests/partners/test_first_hour.py
    kept = {path.name for path in (ROOT / "failure_lessons" / "pages" / "recipes").iterdir()}
    assert kept == tried


@pytest.mark.django_db
def test_it_is_found_from_the_start_page_and_from_every_head(client):
    page = parse_page(client.get("/"))
    assert page.xpath("//a[@href='/developers/']")
    rels = {(each.get("rel"), each.get("href")) for each in page.xpath("//head/link")}
    assert ("service-doc", "/developers/") in rels
    assert ("service-desc", "/oai?verb=Identify") in rels
    assert "/developers/" in client.get("/sitemap/pages.xml").content.decode()


@pytest.mark.django_db
def test_it_tells_of_every_way_in_and_each_of_its_links_answers(client):
    answer = client.get("/developers/")
    page, words = parse_page(answer), answer.content.decode()
    for word in ("OAI-PMH", "webhook", "token", "ETag", "RateLimit", "pip install", "/contact/?sort=token"):
        assert word in words
    own = {each for each in page.xpath("//main//a/@href") if each.startswith("/")}
    assert len(own) > 8
    for address in own:
        assert client.get(address).status_code == 200, address
    for anchor in page.xpath("//main//a/@href[starts-with(., '#')]"):
        assert page.get_element_by_id(anchor[1:]) is not None


@pytest.mark.slow
@pytest.mark.django_db
def test_programs_find_what_to_read(client):
    answer = client.get("/llms.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith("# Failure Lessons\n\n> ")
    for address in re.findall(r"http://testserver([^\s)]+)", text):
        assert client.get(address).status_code == 200, address


def test_weaknesses_can_be_reported(client, settings):
    settings.CONTACT = "https://example.org/report"
    fields = dict(line.split(": ", 1) for line in client.get("/.well-known/security.txt").content.decode().splitlines())
    assert fields["Contact"] == "https://example.org/report"
    assert fields["Canonical"] == "http://testserver/.well-known/security.txt"
    until = dt.datetime.fromisoformat(fields["Expires"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=90) < until < dt.timedelta(days=365)
    settings.CONTACT = ""
    assert "Contact: mailto:" in Client().get("/.well-known/security.txt").content.decode()
