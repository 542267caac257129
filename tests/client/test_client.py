"""The Python client against the real site, and against a service that misbehaves."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "clients" / "python" / "src"
sys.path.insert(0, str(SOURCE))

from failure_lessons_client import ApiProblem, Client, Gone, NotFound, TooManyRequests, Unreachable  # noqa: E402
from failure_lessons_client.client import ATTEMPTS, COLLECTIONS, Damaged  # noqa: E402
from failure_lessons_client.command import main  # noqa: E402


@pytest.fixture
def lessons(site):
    with Client(site) as client:
        yield client


def test_a_list_is_paged_through_to_its_end(lessons):
    references = list(lessons.references())
    assert len(references) == len({record.slug for record in references}) == 466


def test_filters_and_orders_are_passed_on(lessons):
    either = list(lessons.recommendations(phase=["prevention", "resolution"], order="strength"))
    assert {record["phase"] for record in either} == {"prevention", "resolution"}
    assert either[0]["strength"] == "conditional"
    assert either[-1]["strength"] == "consider"


@pytest.mark.slow
def test_every_collection_can_be_read(lessons):
    for collection in COLLECTIONS:
        record = next(lessons.list(collection))
        assert lessons.record(collection, record.slug) == record
        assert lessons.record(collection, record.slug, number=1).sha256 == record.sha256


def test_an_unknown_filter_is_named_with_the_nearest(lessons):
    with pytest.raises(ApiProblem, match="Did you mean `phase`") as error:
        list(lessons.recommendations(phse="prevention"))
    assert error.value.status == 400
    assert error.value.members["parameter"] == "phse"


def test_what_is_not_there_is_not_found(lessons):
    with pytest.raises(NotFound):
        lessons.record("lessons", "never-was")


@pytest.mark.slow
def test_changes_come_in_order_without_a_gap(lessons):
    numbers = [change.number for change in lessons.changes()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [change.number for change in lessons.changes(since=numbers[-3])] == numbers[-2:]


def pretend(*answers):
    """A service that gives these answers in turn, and the requests it got."""
    waiting, asked = list(answers), []

    def handle(request):
        asked.append(request)
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.MockTransport(handle), asked


def problem(status, **headers):
    body = {"type": "x", "title": "T", "status": status, "detail": "Because.", "withdrawn_at": "2026-01-01"}
    return httpx.Response(status, json=body, headers=headers)


def test_it_waits_as_long_as_it_is_told_to():
    transport, asked = pretend(problem(429, **{"Retry-After": "7"}), httpx.Response(200, json={"a": 1}))
    waits = []
    with Client("http://x", transport=transport, sleep=waits.append) as client:
        assert client.get("/y") == {"a": 1}
    assert waits == [7.0]
    assert len(asked) == 2


def test_it_does_not_wait_for_ever():
    transport, asked = pretend(problem(429, **{"Retry-After": "4000"}))
    with Client("http://x", transport=transport, sleep=pytest.fail) as client, pytest.raises(TooManyRequests):
        client.get("/y")
    assert len(asked) == 1


def test_it_backs_off_and_gives_up():
    transport, asked = pretend(httpx.ConnectError("refused"))
    waits = []
    with Client("http://x", transport=transport, sleep=waits.append) as client, pytest.raises(Unreachable):
        client.get("/y")
    assert len(asked) == ATTEMPTS
    assert waits == sorted(waits)


def test_a_withdrawn_record_says_why():
    transport, _ = pretend(problem(410))
    with Client("http://x", transport=transport) as client, pytest.raises(Gone, match=r"Because\.") as error:
        client.record("lessons", "x")
    assert error.value.members == {"withdrawn_at": "2026-01-01"}


def test_an_unchanged_answer_is_not_sent_again():
    transport, asked = pretend(httpx.Response(200, json={"a": 1}, headers={"ETag": '"one"'}), httpx.Response(304))
    with Client("http://x", transport=transport) as client:
        assert client.get("/y") == client.get("/y") == {"a": 1}
    assert asked[1].headers["If-None-Match"] == '"one"'


def test_a_token_travels_in_a_header_only():
    transport, asked = pretend(httpx.Response(200, json={}))
    with Client("http://x", token="secret", transport=transport) as client:
        client.get("/y")
    assert asked[0].headers["Authorization"] == "Bearer secret"
    assert "secret" not in str(asked[0].url)


def test_a_damaged_document_is_noticed(site):
    with Client(site) as client:
        body, _ = client.fetch("/api/v1/lessons/?limit=1")
        slug = json.loads(body)["results"][0]["slug"]
        whole, _ = client.fetch(f"/api/v1/lessons/{slug}/")
    transport, _ = pretend(httpx.Response(200, content=whole.replace(b"NHS", b"HNS")))
    with Client("http://x", transport=transport) as client, pytest.raises(Damaged):
        client.record("lessons", slug)


def test_an_answer_that_is_no_json_is_still_a_problem():
    transport, _ = pretend(httpx.Response(400, text="<html>proxy</html>"))
    with Client("http://x", transport=transport) as client, pytest.raises(ApiProblem, match="proxy"):
        client.get("/y")


@pytest.mark.slow
def test_the_command_line_lists_shows_and_follows(site, capsys):
    assert main(["--site", site, "recommendations", "--phase", "identification", "--phase=prevention"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert all(re.match(r"R\d+ ", line) for line in lines)
    assert main(["--site", site, "show", "references", "andrews2006", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "andrews2006"
    assert main(["--site", site, "changes", "--since", "570", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["number"] == 571


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["recommendations", "--phse", "x"], 1, "Did you mean `phase`?"),
        (["recommendations", "--phase"], 2, "--phase"),
        (["recommendations", "early"], 2, "early"),
        (["show", "lessons"], 2, "show takes"),
        (["show", "lessons", "never-was"], 1, "404"),
        (["changes", "--since", "x"], 2, "revision number"),
    ],
)
def test_the_command_line_says_what_is_wrong(words, status, said, site, capsys):
    assert main(["--site", site, *words]) == status
    assert said in capsys.readouterr().err


def recipes(language):
    text = (ROOT / "docs" / "guide.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [*recipes("sh"), *recipes("python")], ids=lambda recipe: recipe.strip()[:40])
def test_each_recipe_of_the_guide_runs(recipe, site):
    shell = "curl" in recipe
    command = ["bash", "-euo", "pipefail", "-c", recipe] if shell else [sys.executable, "-c", recipe]
    done = subprocess.run(
        command,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(SOURCE), "FAILURE_LESSONS_SITE": site},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
