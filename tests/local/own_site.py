"""A site that was made somebody's own, asked at every address and looked at: the other half of test_own_repository.py.

A process of its own, as names, colours and sectors are read when Django starts. The evidence is ours with its names
changed: whatever says ours all the same was written by the program. It prints what it found as JSON.
"""

import json
import os
import re
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import sync_playwright

from failure_lessons.accounts.models import User
from failure_lessons.accounts.services import send_password_link
from failure_lessons.outbox.models import Message
from failure_lessons.publishing.models import Edition
from tests.addresses import EXAMPLES, every_example, records
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.faults import COLOURS, VIOLATIONS, find_faults
from tests.conftest import serve_site
from tests.crawl import fetch
from tests.recommendations.consultations.world import opened_round

EVIDENCE = Path(__file__).resolve().parents[2] / "evidence"
OURS = re.compile(r"Failure Lessons|Failure lessons|Leicester|\bNHS\b|[Cc]riminal justice")
OTHERS = {
    "Leicester": "Ruritania",
    "NHS": "SRA",
    "Criminal justice": "Rolling stock",
    "criminal justice": "rolling stock",
}
OTHERS |= {
    "Failure lessons": "Failing lessons",
    "Failure Lessons": "Failing Lessons",
    "failure lessons": "failing lessons",
}
# the names of formats and files are the software's, as HTML is HTML on every site
FORMAT_WORDS = re.compile(r"failure-lessons|ODS code of an NHS body", re.IGNORECASE)
# their examples are records of ours, as those of a manual are
WITH_EXAMPLES = ("/api/v1/openapi.json", "/api/operations/")
LOOKED_AT = (
    "/",
    "/about/",
    "/recommendations/",
    "/search/?q=staff",
    "/evidence-map/",
    "/developers/",
    "/accounts/login/",
)


def write_foreign_evidence(folder):
    """Our package with other names in it."""
    for path in EVIDENCE.rglob("*.json"):
        text = path.read_text(encoding="utf-8")
        for ours, other in OTHERS.items():
            text = text.replace(ours, other)
        there = folder / path.relative_to(EVIDENCE)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(text, encoding="utf-8")


def find_old_names(answer):
    """Our names in an answer, each with the words around it."""
    words = FORMAT_WORDS.sub("", answer.as_written)
    return [words[max(0, found.start() - 60) : found.end() + 30] for found in OURS.finditer(words)]


def ask_everything():
    """Each public address once, with pages of errors and of signing in."""
    client, found, statuses, broken = Client(SERVER_NAME="localhost"), {}, Counter(), []
    for address in (
        *every_example(*EXAMPLES),
        "/never-was/",
        "/accounts/login/",
        "/accounts/password/reset/",
        "/contact/",
    ):
        answer = fetch(client, address)
        statuses[answer.status] += 1
        if answer.fault or answer.status >= 500:
            broken.append(f"{address}: {answer.status} {answer.fault}")
        names = find_old_names(answer)
        if address.startswith(WITH_EXAMPLES):
            names = [each for each in names if "Failure Lessons" in each or "Leicester" in each]
        if names:
            found[f"{answer.status} {address}"] = names[:3]
    return found, statuses, broken


def write_mails():
    """One of each mail that can be written without a browser; what they say."""
    steward = User.objects.create_superuser("steward", "steward@example.org", "a-long-phrase-of-mine")
    invited = User.objects.create_user("newcomer", "newcomer@example.org")
    for purpose in ("invited", "forgotten"):
        send_password_link(account=invited, purpose=purpose, by=steward)
    return [json.dumps(each.context, ensure_ascii=False) for each in Message.objects.all()]


def look_in_browser():
    """What axe finds on public pages by day and night and in the workbench, in the colours of this site."""
    faults = []
    with serve_site() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light").new_page()
        for path in (*LOOKED_AT, *(start for _, start in records())):
            page.emulate_media(color_scheme="light")
            page.goto(address + path)
            faults += find_faults(page, widths=(1280, 390), where=path, options=VIOLATIONS)
            page.emulate_media(color_scheme="dark")
            faults += find_faults(page, widths=(1280,), where=f"{path} at night", options=COLOURS)
        shown = page.evaluate("getComputedStyle(document.querySelector('.masthead')).backgroundColor")
        client = Client()
        client.force_login(User.objects.get(username="steward"))
        page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for path in ("/admin/", "/admin/casestudies/casestudy/", "/admin/casestudies/casestudy/add/"):
                page.goto(address + path)
                faults += find_faults(page, widths=(1280,), where=f"{path} {scheme}", options=COLOURS)
        sectors = page.eval_on_selector_all("#id_sector option", "all => all.map(each => each.textContent)")
        faults += [f"workbench says {each}" for each in OURS.findall(page.title())]
        if folder := os.environ.get("PICTURES"):
            for name, path in (("home", "/"), ("workbench", "/admin/")):
                page.emulate_media(color_scheme="light")
                page.goto(address + path)
                page.screenshot(path=f"{folder}/{name}.png")
        browser.close()
    return faults, shown, sectors


def tell_all(folder):
    """Make the site in this empty database, ask and look, and print what was found."""
    write_foreign_evidence(folder / "evidence")
    settings.QUOTA_FILE, settings.WHITENOISE_AUTOREFRESH = ":memory:", True
    call_command("migrate", verbosity=0)
    call_command("load_evidence", str(folder / "evidence"), publish=True, by="a", publisher="b", verbosity=0)
    call_command("build_downloads", verbosity=0)
    opened_round(anonymity="anonymous")  # the evidence has none: no consultation has been held
    found, statuses, broken = ask_everything()
    mails = write_mails()
    faults, shown, sectors = look_in_browser()
    told = SimpleNamespace(
        found=found,
        statuses=statuses,
        broken=broken,
        mails=mails,
        faults=faults,
        shown=shown,
        sectors=sectors,
        editions=Edition.objects.count(),
    )
    sys.stdout.write(json.dumps(vars(told)))
