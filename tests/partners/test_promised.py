"""Promises of the guide to the API and of docs/partners.md that no other test looks after (see test_promises)."""

import copy
import datetime as dt
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from casestudies.models import CaseStudy
from failure_lessons.access.models import Token
from failure_lessons.api import policy
from failure_lessons.api.policy import Retiring
from failure_lessons.api.reading import LARGEST_WORKBOOK
from failure_lessons.library import search
from failure_lessons.library.orders import directed_orders_of
from failure_lessons.pages.developers import API_CHANGES
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import withdraw_record
from tests import factories
from tests.api.test_contract import CONTRACT
from tests.api.version_one import KEPT, find_broken, list_promises
from tests.helpers import submit_and_publish

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "failure_lessons" / "api" / "files" / "guide.md").read_text()
PAGE = (ROOT / "docs" / "partners.md").read_text()
LESSONS, RECOMMENDATIONS = "/api/v1/lessons/", "/api/v1/recommendations/"


def guide_row(beginning):
    """A row of a table of the guide."""
    return next(line for line in GUIDE.splitlines() if line.startswith(f"| {beginning}"))


def codes_in(text):
    return set(re.findall(r"`([^`]+)`", text))


def test_the_three_requests_of_the_guide_lead_to_the_words_of_a_source(client):
    first, second, third = re.findall(r"^curl 'https://lessons\.example\.org([^']+)'$", GUIDE, re.MULTILINE)
    found = client.get(first).json()["results"]
    assert found
    assert set(found[0]) == {"code", "title", "slug"}
    answer = client.get(second).json()
    assert [each["code"] for each in answer["results"]] == ["R4"]
    assert {each["kind"] for each in answer["included"]} >= {"lesson", "finding", "reference"}
    quoted = [
        source["quotation"]
        for each in answer["included"]
        for source in each.get("sources", [])
        if source.get("quotation")
    ]
    assert quoted
    assert {each["kind"] for each in client.get(third).json()["results"]} == {"finding"}


def test_each_record_lists_the_hashes_of_what_it_rests_on(client):
    answer = client.get(f"{RECOMMENDATIONS}?include=evidence").json()
    included = {each["edition"]["sha256"]: each for each in answer["included"]}
    for record in answer["results"]:
        pinned = [included[sha256] for sha256 in record["edition"]["rests_on"]]
        assert {each["code"] for each in pinned if each["kind"] == "lesson"} == set(record["lessons"])
    reports = client.get("/api/v1/follow-ups/?include=evidence").json()
    hashes = sorted({sha256 for each in reports["results"] for sha256 in each["edition"].get("about", ())})
    assert hashes
    assert not any(set(each["edition"]["about"]) & set(each["edition"]["rests_on"]) for each in reports["results"])
    known = client.post("/api/v1/check/", {"sha256": hashes[:1000]}, content_type="application/json").json()["results"]
    assert {each["status"] for each in known} <= {"current", "superseded"}


def test_the_guide_names_every_collection(client):
    offered = set(client.get("/api/v1/").json().values())
    told = re.findall(r"^\| `(/api/v1/[^<`]+)`", GUIDE, re.MULTILINE)
    lists = codes_in(guide_row("`/api/v1/<kind>/`"))
    assert {kind.api_address for kind in KINDS.values()} <= lists
    collections = {path.split("/")[3] for path in CONTRACT["paths"]} - {"", "openapi.json", "workbench", "webhooks"}
    assert {path.split("/")[3] for path in told} | lists | {"editions"} >= collections
    assert len(offered) > 10
    for path in told:
        if path.count("/") == 4 and path not in ("/api/v1/check/", "/api/v1/search/"):
            assert client.get(path).status_code == 200, path


def test_the_guide_names_every_order():
    orders = {code for kind in KINDS.values() for code in directed_orders_of(kind) if not code.startswith("-")}
    assert codes_in(guide_row("`order`")) - {"order", "-published"} == orders


def test_words_are_asked_for_as_on_the_web(client):
    def slugs(words):
        answer = client.get("/api/v1/findings/", {"q": words, "limit": 100, "count": "exact"}).json()
        assert answer["count"] == len(answer["results"]) or answer["next"]
        return {each["slug"] for each in answer["results"]}

    staff, warnings = slugs("staff"), slugs("inspection")
    assert staff
    assert warnings
    assert slugs("staff inspection") == staff & warnings
    assert slugs("staff or inspection") == staff | warnings
    assert slugs("staff -inspection") == staff - warnings
    phrase = next(
        " ".join(words)
        for row in Edition.objects.of_kind("finding").current().order_by("pk")
        for words in re.findall(r"\b([a-z]{5,}) ([a-z]{5,})\b", row.content["statement"])
    )
    turned = " ".join(reversed(phrase.split()))
    assert slugs(f'"{phrase}"')
    assert slugs(f'"{turned}"') < slugs(turned) | {"none"}
    assert slugs(f'"{phrase}"') <= slugs(phrase)


@pytest.mark.slow
def test_no_record_is_repeated_or_lost_while_others_are_published(client, researcher, publisher):
    before = set(Edition.objects.current().of_kind("reference").values_list("slug", flat=True))
    for order in ("standard", "newest", "published"):
        seen, following, number = [], f"/api/v1/references/?limit=50&order={order}", 0
        while following:
            page = client.get(following).json()
            seen += [each["slug"] for each in page["results"]]
            number += 1
            made = factories.reference(title=f"Aaa {order} {number}")
            submit_and_publish(made)
            following = (page["next"] or "").removeprefix("http://testserver")
        assert len(seen) == len(set(seen))
        assert before <= set(seen)


def test_a_withdrawn_record_is_gone_by_every_name_with_date_and_reason(client, publisher):
    edition = Edition.objects.current().get(slug="hmp-birmingham", kind="case-study")
    moment = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    withdraw_record(record=CaseStudy.objects.get(slug=edition.slug), by=publisher, note="A false source.")
    start = f"/api/v1/case-studies/{edition.slug}/"
    for address in (
        start,
        f"{start}editions/",
        f"{start}editions/{edition.number}/",
        f"{start}?as_of={moment}",
        f"/api/v1/editions/{edition.sha256}/",
    ):
        answer = client.get(address)
        assert answer.status_code == 410, address
        assert "A false source." in answer.json()["detail"]
        assert answer.json()["withdrawn_at"].startswith(f"{timezone.now():%Y-%m-%d}")


def test_the_limits_are_those_of_the_guide(client):
    told = next(line for line in GUIDE.splitlines() if line.startswith("A page holds at most"))
    page, ids, check, question, matches = (int(text.replace(",", "")) for text in re.findall(r"[\d,]*\d", told))
    workbook = int(re.search(r"workbook ([\d,]+) records", GUIDE)[1].replace(",", ""))
    assert (workbook, matches) == (LARGEST_WORKBOOK, search.RANKED)

    def status(address, **query):
        return client.get(address, query).status_code

    hashes = [hashlib.sha256(bytes([number // 256, number % 256])).hexdigest() for number in range(check + 1)]
    assert [status(LESSONS, limit=page), status(LESSONS, limit=page + 1)] == [200, 400]
    names = [f"zz{number}" for number in range(ids + 1)]
    assert [status(LESSONS, ids=",".join(names[:ids])), status(LESSONS, ids=",".join(names))] == [200, 400]
    for address in (LESSONS, "/api/v1/search/"):
        assert [status(address, q="a" * question), status(address, q="a" * (question + 1))] == [200, 400]
    in_address = [status("/api/v1/check/", sha256=",".join(hashes[:number])) for number in (50, 51)]
    posted = [
        client.post("/api/v1/check/", {"sha256": hashes[:number]}, content_type="application/json").status_code
        for number in (check, check + 1)
    ]
    assert in_address == [*posted[:1], 400]
    assert posted == [200, 422]


def test_version_1_only_grows():
    kept = json.loads(KEPT.read_text())
    retired = [f"{method} {each.path}" for each in policy.RETIRING for method in ("get", "post")]
    assert find_broken(kept, CONTRACT, retired) == []
    assert len(kept["promises"]) > 3000


def broken_contract(change):
    contract = copy.deepcopy(CONTRACT)
    change(contract)
    return contract


def parameter_of(contract, name):
    parameters = contract["paths"][LESSONS]["get"]["parameters"]
    return next(each for each in parameters if each["name"] == name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda contract: contract["paths"].pop("/api/v1/bodies/"), "gone: get /api/v1/bodies/"),
        (lambda contract: contract["paths"][LESSONS]["get"]["parameters"].pop(0), "gone: get /api/v1/lessons/ query"),
        (lambda contract: parameter_of(contract, "limit")["schema"].update(maximum=50), "limit maximum: 100, now 50"),
        (lambda contract: parameter_of(contract, "ids")["schema"].update(maxItems=9), "ids maxItems: 100, now 9"),
        (lambda contract: parameter_of(contract, "order")["schema"]["enum"].remove("newest"), "fewer: get"),
        (lambda contract: parameter_of(contract, "limit").update(required=True), "newly needed: get"),
        (
            lambda contract: contract["components"]["schemas"]["Lesson"]["properties"].pop("statement"),
            "gone: Lesson.statement",
        ),
        (
            lambda contract: contract["components"]["schemas"]["Lesson"]["properties"].update(
                statement={"type": "integer"}
            ),
            "another type: Lesson.statement",
        ),
    ],
)
def test_what_would_break_a_client_is_noticed(change, words):
    found = find_broken({"promises": list_promises(CONTRACT), "demands": []}, broken_contract(change))
    assert any(words in each for each in found), found[:5]


def unannounced(retiring):
    """What is on its way out and is not named in both change logs."""
    logs = [" ".join(change.words for change in API_CHANGES), (ROOT / "CHANGELOG.md").read_text()]
    return [each for each in retiring if not all(each.path in log and each.parameter in log for log in logs)]


def test_what_is_retired_is_named_in_both_change_logs(client):
    assert unannounced(policy.RETIRING) == []
    invented = Retiring("/api/v1/nowhere/", dt.date(2026, 11, 1), dt.date(2027, 11, 2), "Nothing.")
    assert unannounced([invented]) == [invented]
    page = client.get("/developers/").content.decode()
    assert all(change.day in page for change in API_CHANGES)


def test_each_document_says_the_version_of_its_shape(client):
    for kind in KINDS.values():
        results = client.get(f"/api/v1/{kind.api_address}/?limit=1").json()["results"]
        assert all(isinstance(each["schema"], int) and each["schema"] >= 1 for each in results), kind.code


# --- docs/partners.md


def commands_with(word):
    """The first block of commands of the page with this word, as words."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return shlex.split(next(block for block in blocks if word in block).replace("\\\n", " "), comments=True)


def test_the_command_of_the_page_makes_the_token_that_it_shows(client, capsys):
    program, command, *given = commands_with("create_token")
    assert program == "manage.py"
    call_command(command, *given)
    text, token = capsys.readouterr().out.strip(), Token.objects.get()
    assert token.partner.username == "institute"
    assert (token.name, set(token.scopes)) == ("nightly import", {"read", "write:references"})
    assert abs(token.expires_at - timezone.now() - dt.timedelta(days=365)) < dt.timedelta(minutes=5)
    bearer = {"Authorization": f"Bearer {text}"}
    assert client.get(LESSONS, headers=bearer, REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get(LESSONS, headers=bearer, REMOTE_ADDR="198.51.100.7").status_code == 403


def test_make_token_gives_one_for_trying_out():
    for given, wanted in ((["TEST=1"], True), ([], False)):
        said = subprocess.run(["make", "-n", "token", *given], cwd=ROOT, text=True, capture_output=True, check=True)
        assert ("--test" in said.stdout) is wanted
        assert "--days 30" in said.stdout


@pytest.mark.parametrize("chosen", [{}, {"QUOTA_ANONYMOUS": "7/8", "QUOTA_PARTNER": "70/9"}])
def test_the_quotas_are_those_of_the_page_unless_operators_say_otherwise(chosen):
    anonymous, partner = re.search(r"Without a token (\d+) requests a minute .* one ([\d,]+) for each", PAGE).groups()
    told = [f"{anonymous}/60", f"{partner.replace(',', '')}/60"] if not chosen else [*chosen.values()]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUOTA_")}
    program = "from failure_lessons import settings; print(settings.QUOTA_ANONYMOUS, settings.QUOTA_PARTNER)"
    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**kept, "DEBUG": "1", **chosen},
        text=True,
        capture_output=True,
        check=True,
    )
    assert said.stdout.split() == told
