"""The MCP server, asked by the official SDK's own client over each way it speaks, about the real site."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mcp import Client as Asker
from mcp import StdioServerParameters
from pydantic import ValidationError

SOURCE = Path(__file__).resolve().parents[2] / "clients" / "python" / "src"
sys.path.insert(0, str(SOURCE))

from failure_lessons_client import AsyncClient  # noqa: E402
from failure_lessons_client.calls import COLLECTIONS  # noqa: E402
from failure_lessons_client.claims import Claim, claim_members  # noqa: E402
from failure_lessons_client.mcp_server import build_server  # noqa: E402

pytestmark = pytest.mark.slow
OWED = {"kind", "code", "title", "statement", "edition", "published", "confidence", "counter_evidence", "citation"}


async def call_tools(server, calls):
    """The answers to these calls of tools, as the SDK's client reads them."""
    async with Asker(server) as asker:
        return [await asker.call_tool(name, given) for name, given in calls]


def ask(site, *calls):
    """The same of a server of this process over the site."""

    async def answers():
        async with AsyncClient(site) as client:
            return await call_tools(build_server(client), calls)

    return asyncio.run(answers())


def claims_in(value):
    """Every claim, however deep in an answer."""
    if isinstance(value, dict):
        if "statement" in value:
            yield value
        for each in value.values():
            yield from claims_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from claims_in(each)


def test_every_tool_only_reads_and_says_how_to_use_what_it_gives(site):
    async def look():
        async with AsyncClient(site) as client, Asker(build_server(client)) as asker:
            return (await asker.list_tools()).tools, asker.instructions

    tools, instructions = asyncio.run(look())
    assert {each.name for each in tools} == {"search", "read_record", "list_dependents", "follow_up"}
    assert all(each.annotations.read_only_hint and each.description and each.output_schema for each in tools)
    assert "counter_evidence" in instructions


def test_no_tool_gives_a_claim_without_what_belongs_to_it(site):
    one_of_each = ["R1", "LS1", "SIT1", "E1-F3", "L1-F1", "S1", "hmp-birmingham", "acc-2021", "workforce", "ofsted"]
    calls = [
        ("search", {"words": "staff", "most": 40}),
        ("search", {"words": "whistleblowing", "kind": "finding"}),
        *(("read_record", {"name": name}) for name in one_of_each),
        *(("list_dependents", {"name": name, "most": 3}) for name in ("E1-F3", "hmp-birmingham", "acc-2021")),
        ("follow_up", {"name": "R1"}),
        ("follow_up", {"name": "S1"}),
    ]
    for call, answer in zip(calls, ask(site, *calls), strict=True):
        assert not answer.is_error, (call, answer.content)
        claims = [*claims_in(answer.structured_content)]
        assert claims, call
        for each in claims:
            assert {name for name in OWED if each.get(name)} == OWED, (call, each)
            assert each["citation"].partition("://")[2], (call, each)


def test_a_claim_that_lacks_something_cannot_be_made(site):
    async def one():
        async with AsyncClient(site) as client:
            return await client.record("recommendations", "R1")

    members = claim_members(asyncio.run(one()))
    for name in OWED:
        with pytest.raises(ValidationError):
            Claim(**{**members, name: None})
        with pytest.raises(ValidationError):
            Claim(**{**members, name: "" if name != "counter_evidence" else []})


def test_a_chain_ends_in_the_words_of_sources_and_says_what_speaks_against(site):
    chain, dependents, dossier = (
        answer.structured_content
        for answer in ask(
            site,
            ("read_record", {"name": "R1"}),
            ("list_dependents", {"name": "E1-F2", "most": 100}),
            ("follow_up", {"name": "S1"}),
        )
    )
    assert chain["claim"]["confidence"].startswith("low")
    codes = {each["code"] for each in chain["rests_on"]}
    assert any(each["relation"].startswith("supports LS") for each in chain["rests_on"])
    quoted = [each for each in chain["quotations"] if each["words"]]
    assert quoted
    assert {each["claim"] for each in chain["quotations"]} <= codes
    assert all(each["source"] and "/references/" in each["citation"] for each in quoted)
    assert "LS1" in {each["code"] for each in dependents["claims"]}
    assert not dependents["more"]
    assert dossier["recommendation"]["code"] == "S1"
    assert dossier["follow_up"]["confidence"].startswith("provisional judgement")
    assert {each["sort"] for each in dossier["said"]} <= {"responses", "actions", "judgements"}


@pytest.mark.parametrize(
    ("tool", "given", "words"),
    [
        ("read_record", {"name": "R9999"}, "There is no record"),
        ("read_record", {"name": "../../admin"}, "There is no record"),
        ("read_record", {"name": "R1", "edition": 999}, "There is no recommendation"),
        ("search", {"words": "staff", "kind": "findng"}, "Did you mean"),
        ("follow_up", {"name": "LS1"}, "There is no record"),
        ("search", {"words": ""}, "at least 1 character"),
    ],
)
def test_what_cannot_be_answered_is_said_in_words(tool, given, words, site):
    (answer,) = ask(site, (tool, given))
    assert answer.is_error
    assert words in answer.content[0].text


def test_it_speaks_over_stdio_and_over_http(site):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "failure_lessons_client.mcp_server", "--site", site]
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    stdio = StdioServerParameters(command=command[0], args=command[1:], env=env)
    (answer,) = asyncio.run(call_tools(stdio, [("read_record", {"name": "LS1"})]))
    assert answer.structured_content["claim"]["code"] == "LS1"
    served = subprocess.Popen(
        [*command, "--http", str(port)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        (answer,) = asyncio.run(call_tools(f"http://127.0.0.1:{port}/mcp", [("read_record", {"name": "LS1"})]))
        assert answer.structured_content["claim"]["code"] == "LS1"
    finally:
        served.terminate()
        served.wait()


def test_every_collection_is_one_that_a_name_is_looked_for_in(site):
    async def first_of_each():
        async with AsyncClient(site) as client:
            for collection in COLLECTIONS:
                async for record in client.list(collection, fields=["slug"]):
                    yield collection, record.slug
                    break

    async def names():
        return [each async for each in first_of_each()]

    found = asyncio.run(names())
    answers = ask(site, *(("read_record", {"name": slug}) for _, slug in found))
    assert [not answer.is_error for answer in answers] == [True] * len(found)
