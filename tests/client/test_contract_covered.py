"""The client covers the contract: each operation, each parameter, each refusal and each write, read off the contract."""

import asyncio
import inspect
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from failure_lessons.access.models import Scope
from failure_lessons.access.tokens import issue_token
from tests.api.generators.calls import CASE, FINDING, MANIFEST, REFERENCE
from tests.api.test_contract import CONTRACT
from tests.api.test_generators import TOOLS, install, run
from tests.client.test_client import COLLECTIONS, Client, pretend
from tests.client.write_names import PLACE, write_file
from tests.partners.conftest import make_partner

from failure_lessons_client import ApiProblem, AsyncClient, Damaged  # isort: skip  # on the path by test_client
from failure_lessons_client.command import main  # isort: skip
from failure_lessons_client.completion import SCRIPTS, list_candidates  # isort: skip

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = {
    operation["operationId"]: (method.upper(), address, operation)
    for address, methods in CONTRACT["paths"].items()
    for method, operation in methods.items()
}
ONE = "x-1"
OWN_AFFAIR = {"after", "before", "limit", "page"}  # paging, which the client does by itself
DRAFT_KINDS = {"References": "references", "CaseStudies": "case-studies", "Findings": "findings"}


def reading_call(operation_id, client, given):
    """A call of the client for an operation that reads, with these parameters."""
    _, address, _ = OPERATIONS[operation_id]
    parts = address.removeprefix("/api/v1/").strip("/").split("/")
    form = given.pop("format", None)
    if parts[0] in COLLECTIONS and len(parts) == 1:
        return client.table(parts[0], form, **given) if form else client.list(parts[0], **given)
    if parts[0] in COLLECTIONS and len(parts) == 3:
        return client.editions(parts[0], ONE)
    if parts[0] in COLLECTIONS:
        number = {"number": 1} if "{number}" in address else {}
        if form:
            return client.record_file(parts[0], ONE, form, **number, **given)
        return client.record(parts[0], ONE, **number, **given)
    if parts[0] == "workbench":
        return client.drafts(parts[1], **given) if len(parts) == 2 else client.draft(parts[1], ONE)
    calls = {
        "root": lambda: client.get("/api/v1/", given),
        "openapi": lambda: client.get("/api/v1/openapi.json", given),
        "search": lambda: client.search(given.pop("q", "staff"), **given),
        "check": lambda: client.get("/api/v1/check/", given),
        "listChanges": lambda: client.changes(**given),
        "evidenceMap": lambda: client.evidence_map(**given),
        "traceability": lambda: client.traceability(),
        "listDownloads": lambda: client.downloads(),
        "listNotes": lambda: client.notes(**given),
        "listBodies": lambda: client.bodies(**given),
        "getBody": lambda: client.body(ONE, **given),
        "getEditionByHash": lambda: (
            client.get(f"/api/v1/editions/{ONE}/", {**given, "format": form}) if form else client.by_hash(ONE, **given)
        ),
        "listWebhooks": lambda: client.webhooks(),
        "getWebhook": lambda: client.webhook(ONE),
        "listWebhookDeliveries": lambda: client.deliveries(ONE),
    }
    return calls[operation_id]()


def writing_call(operation_id, client, given):
    """The same for an operation that writes."""
    for noun, kind in DRAFT_KINDS.items():
        if operation_id.endswith((noun, f"{noun}Draft")):
            verb = re.match("[a-z]+", operation_id)[0]
            made = {
                "send": lambda kind=kind: client.send(kind, {}, **given),
                "replace": lambda kind=kind: client.replace(kind, ONE, {}, etag='"t"', **given),
                "change": lambda kind=kind: client.change(kind, ONE, {}, etag='"t"', **given),
                "delete": lambda kind=kind: client.delete(kind, ONE, etag='"t"', **given),
                "submit": lambda kind=kind: client.submit(kind, ONE, **given),
            }
            return made[verb]()
    verbs = {"test": "test", "redeliver": "redeliver", "replay": "replay", "disable": "disable", "enable": "enable"}
    calls = {
        "checkMany": lambda: client.check(["0" * 64]),
        "sendPackage": lambda: client.send_package({}, **given),
        "createWebhook": lambda: client.create_webhook("https://example.org/"),
        "changeWebhook": lambda: client.change_webhook(ONE, description="x"),
        "deleteWebhook": lambda: client.delete_webhook(ONE),
        "renewWebhookSecret": lambda: client.tell_webhook(ONE, "secret"),
        **{f"{name}Webhook": lambda verb=verb: client.tell_webhook(ONE, verb) for name, verb in verbs.items()},
    }
    return calls[operation_id]()


def call_of(operation_id, client, given):
    method = OPERATIONS[operation_id][0]
    return (reading_call if method == "GET" else writing_call)(operation_id, client, given)


def use(called):
    """Whatever a call gives, asked for to its end."""
    return list(called) if inspect.isgenerator(called) else called


async def use_async(called):
    if inspect.isasyncgen(called):
        return [each async for each in called]
    return await called


ANSWER = {"results": [], "next": None, "included": [], "edition": {"sha256": "x"}, "status": "x", "state": "in-review"}


def answering(request):
    return httpx.Response(200, json=ANSWER)


def asked_parameters(operation):
    return [
        each for each in operation.get("parameters", []) if each["in"] == "query" and each["name"] not in OWN_AFFAIR
    ]


def example_of(parameter):
    schema = parameter["schema"]
    if schema.get("type") == "boolean":
        return True
    values = schema.get("enum") or schema.get("items", {}).get("enum")
    return values[0] if values else schema.get("minimum", "2026-11-25")


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_operation_and_every_parameter_can_be_asked(operation_id):
    method, address, operation = OPERATIONS[operation_id]
    pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(address)))
    for parameter in [None, *asked_parameters(operation)]:
        given = {parameter["name"]: example_of(parameter)} if parameter else {}
        asked = []

        def keep(request, asked=asked):
            asked.append(request)
            return answering(request)

        client = Client("http://x", token="t", transport=httpx.MockTransport(keep))
        with client, suppress(Damaged):  # the invented document has no such hash
            use(call_of(operation_id, client, dict(given)))
        assert asked[0].method == method
        assert pattern.fullmatch(asked[0].url.path), asked[0].url
        for name, value in given.items():
            wanted = "true" if value is True else str(value)
            assert wanted in asked[0].url.params.get_list(name), (name, asked[0].url)
        needed = [each for each in operation.get("parameters", []) if each["in"] == "header" and each.get("required")]
        assert all(each["name"] in asked[0].headers for each in needed)


@pytest.mark.slow
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_refusal_of_the_contract_is_told_by_both_clients(operation_id):
    _, _, operation = OPERATIONS[operation_id]
    statuses = [int(status) for status in operation["responses"] if int(status) >= 400]
    assert len(statuses) > 5
    for status in statuses:
        body = {"type": "x", "title": "T", "status": status, "detail": "Because.", "instance": "/"}
        refusal = httpx.Response(status, json=body, headers={"Retry-After": "9999"})
        transport, _ = pretend(refusal)
        client = Client("http://x", token="t", transport=transport, sleep=lambda _: None)
        with client, pytest.raises(ApiProblem, match="Because") as told:
            use(call_of(operation_id, client, {}))
        assert told.value.status == status

    async def same(status):
        transport, _ = pretend(httpx.Response(status, json={"title": "T", "status": status, "detail": "Because."}))
        async with AsyncClient("http://x", token="t", transport=transport) as client:
            await use_async(call_of(operation_id, client, {}))

    plain = {"traceability", "listDownloads", "evidenceMap"}  # one `get` each, which the async client has
    if operation_id not in plain:
        with pytest.raises(ApiProblem, match="Because"):
            asyncio.run(same(statuses[0]))


@pytest.mark.slow
@pytest.mark.usefixtures("own_library")
def test_every_write_of_the_contract_is_made_on_a_real_server(site, committed):
    _, token = issue_token(partner=make_partner("client"), name="client", scopes=tuple(Scope.values), by=None)
    with Client(site, token=token) as client:
        made = {
            "references": client.send("references", REFERENCE),
            "case-studies": client.send("case-studies", CASE),
            "findings": client.send("findings", FINDING),
        }
        keys = {"references": REFERENCE["id"], "case-studies": CASE["slug"], "findings": FINDING["code"]}
        for kind, key in keys.items():
            assert [each["key"] for each in client.drafts(kind, state="draft")] == [key]
            held = client.draft(kind, key)
            assert (held.etag, held.entry) == (made[kind].etag, made[kind].entry) or kind == "case-studies"
            words = {"statement" if kind == "findings" else "title": "Other words"}
            changed = client.change(kind, key, words, etag=held.etag, dry_run=True)
            assert words.items() <= dict(changed.entry).items()
            assert client.draft(kind, key).etag == held.etag
            assert client.replace(kind, key, dict(held.entry), etag=held.etag).entry == held.entry
            with pytest.raises(ApiProblem) as stale:
                client.change(kind, key, words, etag='"stale"')
            assert stale.value.status == 412
        assert client.submit("case-studies", CASE["slug"], note="Read it.", dry_run=True)["state"] == "in-review"
        for kind in ("findings", "case-studies", "references"):
            client.delete(kind, keys[kind], etag=client.draft(kind, keys[kind]).etag)
            assert list(client.drafts(kind)) == []
        report = client.send_package({"manifest": MANIFEST, "references": [REFERENCE]}, dry_run=True, overwrite=True)
        assert report["created"] == {"references": [REFERENCE["id"]]}
        hook = client.create_webhook("https://example.org/hook", kinds=["lesson"])
        assert [each["id"] for each in client.webhooks()] == [hook["id"]]
        assert client.change_webhook(hook["id"], description="Ours")["description"] == "Ours"
        for verb, members in (("test", {}), ("redeliver", {"revision": 1}), ("replay", {"since": 1})):
            assert client.tell_webhook(hook["id"], verb, **members)["id"] == hook["id"]
        assert client.tell_webhook(hook["id"], "secret")["secret"] != hook["secret"]
        assert client.tell_webhook(hook["id"], "disable")["active"] is False
        assert client.tell_webhook(hook["id"], "enable")["active"] is True
        assert list(client.deliveries(hook["id"])) == client.webhook(hook["id"])["attempts"]
        client.delete_webhook(hook["id"])
        assert client.webhooks() == []


# --- the command line


def test_names_to_complete_are_those_of_the_contract():
    assert PLACE.read_text() == write_file(), "run `python -m tests.client.write_names`"


@pytest.mark.parametrize(
    ("line", "among", "not_among"),
    [
        ("", "recommendations show search changes", "--phase"),
        ("rec", "recommendations", "--site"),
        ("--", "--site --version --json", "--phase recommendations"),
        ("recommendations --", "--phase --strength --as-of --format", "--review-type --limit"),
        ("literature-reviews --re", "--review-type", "--strength"),
        ("recommendations --phase ", "prevention identification management resolution", "strong"),
        ("recommendations --phase = ", "prevention resolution", "strong"),
        ("recommendations --phase =", "prevention resolution", "strong"),
        ("lessons --format ", "csv ris bibtex", "json"),
        ("--completion ", "bash zsh fish", "lessons"),
        ("show ", "lessons findings", "--phase"),
        ("search staff --", "--kind", "--phase"),
        ("changes --", "--since", "--phase"),
    ],
)
def test_what_may_come_next_is_known(line, among, not_among):
    *before, word = line.split(" ")
    found = list_candidates([*before, word])
    assert set(among.split()) <= set(found)
    assert not set(not_among.split()) & set(found)


@pytest.mark.parametrize(
    "words", [["nowhere", "--x", ""], ["="], ["--q", "=", ""], ["show", "lessons", ""], [""] * 9, ["é", "\0"]]
)
def test_no_line_breaks_the_completion(words):
    assert isinstance(list_candidates(words), list)


@pytest.mark.slow
@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_of_each_shell_is_one_and_bash_completes_by_it(shell, tmp_path, capsys):
    with pytest.raises(SystemExit) as done:
        main(["--completion", shell])
    assert done.value.code == 0
    script = capsys.readouterr().out
    assert "failure-lessons --complete" in script
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    if shell != "bash":
        subprocess.run([shell, "-n", "/dev/stdin"], input=script, text=True, check=True)
        return
    program = tmp_path / "failure-lessons"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT}/clients/python/src exec {sys.executable} -m failure_lessons_client.command "$@"\n'
    )
    program.chmod(0o755)
    asking = (
        "COMP_WORDS=(failure-lessons recommendations --phase pre); COMP_CWORD=3; _failure_lessons; echo ${COMPREPLY[@]}"
    )
    said = run("bash", "-c", f"PATH={tmp_path}:$PATH\n{script}\n{asking}", cwd=tmp_path)
    assert said.split() == ["prevention"]


@pytest.mark.trials
def test_wheel_and_source_are_built_and_run_in_an_environment_of_their_own(site, tmp_path):
    tools = TOOLS / "build"
    if not (tools / "bin" / "pyproject-build").exists():
        run(sys.executable, "-m", "venv", "--clear", tools, cwd=tmp_path)
        install([tools / "bin" / "pip", "install", "--quiet", "build"], tmp_path)
    source = shutil.copytree(
        ROOT / "clients" / "python", tmp_path / "source", ignore=shutil.ignore_patterns("build", "*.egg-info")
    )
    run(tools / "bin" / "pyproject-build", "--outdir", tmp_path / "dist", source, cwd=tmp_path)
    made = sorted((tmp_path / "dist").iterdir())
    assert [each.name.rpartition("-")[2] for each in made if each.suffix == ".whl"] == ["any.whl"]
    assert len(made) == 2
    for number, package in enumerate(made):
        place = tmp_path / f"environment-{number}"
        run(sys.executable, "-m", "venv", place, cwd=tmp_path)
        install([place / "bin" / "pip", "install", "--quiet", package], tmp_path)
        command = place / "bin" / "failure-lessons"
        assert run(command, "--version", cwd=tmp_path).startswith("failure-lessons 0.")
        assert "R1" in run(
            command,
            "--site",
            site,
            "recommendations",
            "--phase",
            "identification",
            "--phase",
            "prevention",
            cwd=tmp_path,
        )
        assert run(command, "--complete", "lessons", "--phase", "", cwd=tmp_path).split()[0] == "prevention"
        run(
            place / "bin" / "python",
            "-c",
            "import failure_lessons_client as c; assert c.Client and c.AsyncClient",
            cwd=tmp_path,
        )
