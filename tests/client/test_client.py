"""The Python client against the real site, and against a service that misbehaves."""

import asyncio
import datetime as dt
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

from failure_lessons_client import (  # noqa: E402
    ApiProblem,
    AsyncClient,
    Client,
    Damaged,
    Gone,
    NotFound,
    NotTheApi,
    TooManyRequests,
    Unreachable,
    to_dataframe,
)
from failure_lessons_client.calls import COLLECTIONS, Call, as_bytes  # noqa: E402
from failure_lessons_client.command import main  # noqa: E402
from failure_lessons_client.exchange import ATTEMPTS  # noqa: E402


@pytest.fixture(scope="module")
def lessons(site):
    with Client(site) as client:
        yield client


def test_a_list_is_paged_through_to_its_end(lessons):
    references = list(lessons.references())
    assert len(references) == len({record.slug for record in references}) == 447


def test_filters_and_orders_are_passed_on(lessons):
    either = list(lessons.recommendations(phase=["prevention", "resolution"], order="strength"))
    assert {record["phase"] for record in either} == {"prevention", "resolution"}
    assert either[0]["strength"] == "conditional"
    assert either[-1]["strength"] == "consider"


@pytest.mark.slow
def test_every_collection_can_be_read(lessons):
    for collection in COLLECTIONS:
        record = next(lessons.list(collection), None)
        if record is None and collection == "consultation-rounds":
            continue  # none has been held yet
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
        slug = client.get("/api/v1/lessons/?limit=1")["results"][0]["slug"]
        whole = client.run(Call("GET", f"/api/v1/lessons/{slug}/", as_bytes))
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
    assert main(["--site", site, "show", "references", "jas2005", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "jas2005"
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


def test_the_collections_are_those_of_the_contract():
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    listed = {path.split("/")[3] for path, about in paths.items() if "'ids'" in str(about.get("get", {}))}
    assert set(COLLECTIONS) == {name for name in listed if f"/api/v1/{name}/{{slug}}/" in paths}


OPERATIONS = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
# values for parameters whose schema does not give one away
VALUES = {
    "ids": ["R1", "R2"],
    "fields": ["slug", "edition"],
    "as_of": dt.date(9000, 1, 1),
    "q": "staff",
    "rests_on": "E1-F1",
    "theme": "workforce",
    "organisation": "ofsted",
    "case": "hmp-birmingham",
}


def value_of(parameter):
    """A value that a parameter of the contract takes."""
    if parameter["name"] in VALUES:
        return VALUES[parameter["name"]]
    schema = parameter["schema"].get("items", parameter["schema"])
    return schema["enum"][0] if "enum" in schema else schema.get("default", schema.get("minimum"))


@pytest.mark.slow
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_parameter_of_the_contract_can_be_given(collection, lessons):
    left_out = ("after", "before", "If-None-Match", "If-Modified-Since")  # the client's own affair
    for parameter in OPERATIONS[f"/api/v1/{collection}/"]["get"]["parameters"]:
        name, value = parameter["name"], None if parameter["name"] in left_out else value_of(parameter)
        if name == "headings":
            assert lessons.table(collection, "csv", headings="members").startswith(b"slug,")
        elif name == "format":
            assert lessons.table(collection, "csv")
        elif value is not None:
            refusals = []
            try:
                list(lessons.list(collection, **{name: value}))
            except ApiProblem as error:
                refusals = [error.detail]
            # a code that the shipped library does not know is refused: the parameter was understood
            assert all("There is no “" in each for each in refusals), f"{collection}: {name}={value}: {refusals}"


def test_values_are_written_as_the_api_reads_them(lessons):
    assert list(lessons.recommendations(phase=None, as_of=dt.date(1999, 1, 1))) == []
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    assert len(list(lessons.recommendations(as_of=later))) == len(list(lessons.recommendations()))
    assert {each.code for each in lessons.recommendations(ids="R1,R2")} == {"R1", "R2"}
    assert {each.code for each in lessons.recommendations(ids=["R1", "R2"])} == {"R1", "R2"}
    assert len(list(lessons.recommendations(include="evidence"))) == len(list(lessons.recommendations()))
    found, beneath = lessons.with_evidence("recommendations", ids="R1")
    assert set(found[0].edition["rests_on"]) <= set(beneath)


def test_a_record_is_found_by_its_code(lessons):
    assert lessons.record("recommendations", "R5").code == "R5"


@pytest.mark.slow
def test_the_whole_api_can_be_read(lessons):
    assert next(lessons.search("staff", kind="finding"))["kind"] == "finding"
    record = next(lessons.lessons())
    assert lessons.by_hash(record.sha256) == record
    assert [each.sha256 for each in lessons.editions("lessons", record.slug)] == [record.sha256]
    statuses = [each["status"] for each in lessons.check([record.sha256, "0" * 64])]
    assert statuses == ["current", "unknown"]
    assert lessons.table("lessons", "ris", ids=["LS1"]).startswith(b"TY  -")
    assert lessons.evidence_map()
    assert lessons.traceability()
    assert {each.kind for each in lessons.changes(kind="lesson")} == {"lesson"}


def test_no_name_leads_out_of_the_api():
    transport, asked = pretend(httpx.Response(200, json={"a": 1, "edition": {}}))
    with Client("http://x", transport=transport) as client:
        with pytest.raises(ValueError, match="no address"):
            client.record("lessons", "..")
        with pytest.raises(Damaged):
            client.record("lessons", "../recommendations")
    assert asked[0].url.raw_path == b"/api/v1/lessons/..%2Frecommendations/"


def test_a_token_goes_to_its_own_host_alone():
    elsewhere = httpx.Response(200, json={"results": [{"slug": "a"}], "next": "http://evil.example/api/v1/lessons/"})
    moved = httpx.Response(308, headers={"Location": "http://evil.example/"})
    last = httpx.Response(200, json={"results": [], "next": None})
    for answers in ([elsewhere, last], [moved, last]):
        transport, asked = pretend(*answers)
        with Client("http://x", token="secret", transport=transport) as client:
            list(client.lessons())
        assert [each.url.host for each in asked] == ["x", "evil.example"]
        assert asked[0].headers["Authorization"] == "Bearer secret"
        assert "Authorization" not in asked[1].headers


def test_redirects_are_followed_and_not_for_ever():
    transport, asked = pretend(httpx.Response(308, headers={"Location": "/y/"}))
    with Client("http://x", transport=transport) as client, pytest.raises(ApiProblem, match="308"):
        client.get("/y")
    assert len(asked) == 6


def test_a_page_to_log_in_is_no_answer():
    transport, _ = pretend(httpx.Response(200, text="<html>Log in</html>"))
    with Client("http://x", transport=transport) as client, pytest.raises(NotTheApi, match="Log in"):
        client.get("/y")


def test_what_could_be_done_twice_is_not_tried_again():
    transport, asked = pretend(httpx.Response(503, json={}))
    with Client("http://x", transport=transport, sleep=lambda _: None) as client:
        with pytest.raises(ApiProblem):
            client.tell_webhook("x", "disable")
        assert len(asked) == 1
        with pytest.raises(ApiProblem):  # bears an Idempotency-Key, the same each time
            client.send("references", {"id": "x"})
    assert len(asked) == 1 + ATTEMPTS
    assert len({each.headers["Idempotency-Key"] for each in asked[1:]}) == 1


def test_webhooks_are_led_through_their_life_by_both_clients():
    page = {"results": [{"message": "msg_1_7"}], "next": None}

    def serve():
        answers = [httpx.Response(200, json={}), httpx.Response(204), httpx.Response(200, json=page)]
        return pretend(*answers, httpx.Response(200, json={}))

    transport, asked = serve()
    with Client("http://x", token="t", transport=transport) as client:
        client.change_webhook("u", kinds=["lesson"])
        client.delete_webhook("u")
        assert [each["message"] for each in client.deliveries("u")] == ["msg_1_7"]

    transport, again = serve()

    async def same():
        async with AsyncClient("http://x", token="t", transport=transport) as client:
            await client.change_webhook("u", kinds=["lesson"])
            await client.delete_webhook("u")
            assert [each["message"] async for each in client.deliveries("u")] == ["msg_1_7"]
            await client.tell_webhook("u", "redeliver", revision=7)

    asyncio.run(same())
    sent = [(each.method, each.url.path, each.headers.get("Content-Type"), each.content) for each in asked + again]
    assert sent[:3] == sent[3:6]
    assert sent[0] == ("PATCH", "/api/v1/webhooks/u/", "application/merge-patch+json", b'{"kinds":["lesson"]}')
    assert sent[1][:2] == ("DELETE", "/api/v1/webhooks/u/")
    assert sent[6][1:] == ("/api/v1/webhooks/u/redeliver/", "application/json", b'{"revision":7}')


@pytest.mark.slow
def test_the_async_client_does_what_the_other_does(site):
    async def read():
        async with AsyncClient(site) as client:
            found = [each.slug async for each in client.list("references", order="newest")]
            one = await client.record("recommendations", "R5")
            return found, one.code, (await client.get("/api/v1/"))["lessons"]

    found, code, address = asyncio.run(read())
    assert len(set(found)) == 447
    assert (code, address) == ("R5", f"{site}/api/v1/lessons/")


def test_both_clients_offer_the_same():
    plain = {name for name in vars(Client) if not name.startswith("_")}
    here = {name for name in vars(AsyncClient) if not name.startswith("_")}
    shortcuts = {"recommendations", "lessons", "findings", "case_studies", "references"}
    simple = {"evidence_map", "traceability", "downloads", "download"}  # one `get` each
    assert plain - here <= shortcuts | simple
    assert here <= plain


@pytest.mark.slow
def test_records_become_a_data_frame(lessons):
    pytest.importorskip("pandas")
    frame = to_dataframe(lessons.recommendations())
    assert {"code", "statement", "edition.number"} <= set(frame.columns)
    assert len(frame) == len(set(frame["code"]))


@pytest.mark.slow
def test_the_command_line_searches_tells_its_version_and_writes_files(site, capsys, tmp_path):
    with pytest.raises(SystemExit) as done:
        main(["--version"])
    assert done.value.code == 0
    assert capsys.readouterr().out.startswith("failure-lessons ")
    assert main(["--site", site, "search", "staff", "--kind", "finding"]) == 0
    assert "finding" in capsys.readouterr().out
    assert main(["--site", site, "lessons", "--fields", "title"]) == 0
    assert capsys.readouterr().out.strip()
    place = tmp_path / "lessons.csv"
    assert main(["--site", site, "lessons", "--format", "csv", "--output", str(place)]) == 0
    assert place.read_text(encoding="utf-8-sig").count("LS1")
    assert main(["--site", site, "recommendations", "--as-of", "1999-01-01"]) == 0
    assert capsys.readouterr().out == ""


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
