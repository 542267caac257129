"""A server of the Model Context Protocol, so that assistants read the library and cite it: `failure-lessons-mcp`.

    pip install 'failure-lessons-client[mcp]'
    FAILURE_LESSONS_SITE=https://lessons.example.org failure-lessons-mcp          # speaks over stdin and stdout
    failure-lessons-mcp --http 8765                                              # http://127.0.0.1:8765/mcp

It only reads. No tool gives a claim without its code, edition, confidence, counter-evidence and citation.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from pydantic import BaseModel, Field

from failure_lessons_client.aio import AsyncClient
from failure_lessons_client.calls import COLLECTIONS
from failure_lessons_client.claims import Chain, Claim, Words, chain_of, claim_of
from failure_lessons_client.exchange import own_version
from failure_lessons_client.problems import ApiProblem, Damaged, NotFound, NotTheApi, Unreachable
from failure_lessons_client.records import Record

try:
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.types import ToolAnnotations
except ModuleNotFoundError as missing:
    raise SystemExit("failure-lessons-mcp needs an extra: pip install 'failure-lessons-client[mcp]'") from missing

CLAIMING = ("recommendations", "lessons", "situations", "findings", "source-recommendations", "follow-ups")
INSTRUCTIONS = (
    "A library of evidence on failure in public services. Recommendations rest on lessons, lessons on findings for and "
    "against them, findings on quoted sources. Never repeat a claim without its code, its edition, how sure the "
    "authors are (confidence) and what speaks against it (counter_evidence), and give the citation. What bodies say of "
    "themselves (responses, actions) is not what the library judges (assessments)."
)
READING = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
REFUSALS = (ApiProblem, Unreachable, NotTheApi, Damaged, ValueError)

Name = Annotated[str, Field(min_length=1, max_length=150, description="A code such as R4, LS1 or E1-F3, or a slug.")]
Question = Annotated[str, Field(min_length=1, max_length=300, description="Words, as on the web.")]
Most = Annotated[int, Field(ge=1, le=100, description="How many claims at most.")]
Day = Annotated[dt.date | None, Field(description="As the library stood at the end of this day.")]


class Found(BaseModel):
    """Claims that answer."""

    claims: list[Claim]
    more: bool = Field(description="Whether there are others that are not listed.")


class Said(BaseModel):
    """What a body said or did, or what somebody judged: theirs, not ours."""

    sort: Words
    by: Words
    date: str
    words: Words
    sources: list[str]


class Dossier(BaseModel):
    """What became of a recommendation."""

    recommendation: Claim
    follow_up: Claim = Field(description="What we judge, how sure we are, and what speaks against it.")
    said: list[Said]


class Library:
    """What the tools ask of a site."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client

    async def find_place(self, name: str, collections: Sequence[str] = COLLECTIONS) -> tuple[str, str]:
        """Collection and slug of the record with this code or slug. Raises `ToolError`."""
        asked = name.strip().strip("/").rpartition("/")[2]
        for collection in collections:
            try:
                async for record in self.client.list(collection, ids=[asked], fields=["slug"]):
                    return collection, record.slug
            except ApiProblem as problem:
                if problem.status != httpx.codes.BAD_REQUEST:
                    raise
        raise ToolError(f"There is no record “{name}”. Search for words of it, and use the code that is found.")

    async def gather_claims(self, collection: str, most: int, **filters: str | dt.date | list[str] | None) -> Found:
        """The claims of a list, the first `most` of them."""
        claims: list[Claim] = []
        async for record in self.client.list(collection, **filters):
            if len(claims) == most:
                return Found(claims=claims, more=True)
            claims.append(claim_of(record))
        return Found(claims=claims, more=False)

    async def search(self, words: str, kind: str, most: int) -> Found:
        """What matches, best first."""
        answer = await self.client.get(
            "/api/v1/search/", {"q": words, "limit": most, **({"kind": kind} if kind else {})}
        )
        places = [httpx.URL(each["url"]).path.strip("/").split("/")[-2:] for each in answer["results"]]
        known: dict[tuple[str, str], Claim] = {}
        for collection in dict.fromkeys(place[0] for place in places):
            slugs = [slug for other, slug in places if other == collection]
            async for record in self.client.list(collection, ids=slugs):
                known[collection, record.slug] = claim_of(record)
        claims = [known[collection, slug] for collection, slug in places if (collection, slug) in known]
        return Found(claims=claims, more=bool(answer["next"]))

    async def read_record(self, name: str, edition: int | None, as_of: dt.date | None) -> Chain:
        """A record with what it rests on."""
        collection, slug = await self.find_place(name)
        return chain_of(await self.read_whole(collection, slug, edition, as_of))

    async def read_whole(self, collection: str, slug: str, edition: int | None, as_of: dt.date | None) -> Record:
        """A record in an edition, with its evidence where its kind has any."""
        when = {} if edition else {"as_of": as_of}
        try:
            return await self.client.record(collection, slug, number=edition, include="evidence", **when)
        except ApiProblem as problem:
            if problem.status != httpx.codes.BAD_REQUEST or problem.members.get("parameter") != "include":
                raise
            return await self.client.record(collection, slug, number=edition, **when)

    async def list_dependents(self, name: str, most: int, as_of: dt.date | None) -> Found:
        """What rests on a record."""
        collection, slug = await self.find_place(name)
        record = await self.client.record(collection, slug, as_of=as_of)
        parts = [f"finding:{each.lower()}" for each in record.get("findings", []) if isinstance(each, str)]
        asked = [f"{record.kind}:{slug}", *parts]  # on a case or review others rest by its findings
        claims: list[Claim] = []
        for each in CLAIMING:
            found = await self.gather_claims(each, most - len(claims), rests_on=asked, as_of=as_of)
            claims += found.claims
            if found.more:
                return Found(claims=claims, more=True)
        return Found(claims=claims, more=False)

    async def read_dossier(self, name: str, as_of: dt.date | None) -> Dossier:
        """What became of a recommendation of ours or of others."""
        collection, slug = await self.find_place(name, ("recommendations", "source-recommendations"))
        asked = await self.client.record(collection, slug, as_of=as_of)
        try:
            dossier = await self.client.record("follow-ups", slug, as_of=as_of)
        except NotFound:
            raise ToolError(f"Nobody keeps a dossier of {asked.code or slug} here.") from None
        return Dossier(recommendation=claim_of(asked), follow_up=claim_of(dossier), said=list_said(dossier))


def list_said(dossier: Record) -> list[Said]:
    """What bodies said and did, and what others judged."""
    names = dossier.get("derived", {}).get("names", {})
    found = []
    for member, words in (("responses", "says"), ("actions", "what"), ("judgements", "says")):
        for each in dossier.get(member, []):
            stated = " · ".join(filter(None, (each.get("position", ""), each.get("claimed", ""), each.get(words, ""))))
            sources = [" ".join(filter(None, (source["ref"], source.get("locator", "")))) for source in each["sources"]]
            said = {"by": str(names.get(each["body"], each["body"])), "date": str(each.get("date", ""))}
            found.append(Said(sort=member, words=stated, sources=sources, **said))
    return found


@asynccontextmanager
async def telling_why() -> AsyncIterator[None]:
    """Refusals of the site as words for whoever asked."""
    try:
        yield
    except REFUSALS as refusal:
        raise ToolError(str(refusal)) from None


def build_server(client: AsyncClient) -> MCPServer:
    """The server over one site."""
    library = Library(client)
    server = MCPServer(
        "failure-lessons",
        title="Failure Lessons",
        instructions=INSTRUCTIONS,
        version=own_version(),
        log_level="WARNING",
    )

    @server.tool(annotations=READING)
    async def search(words: Question, kind: str = "", most: Most = 10) -> Found:
        """Search everything that is published; `kind` narrows, such as recommendation, lesson or finding."""
        async with telling_why():
            return await library.search(words, kind, most)

    @server.tool(annotations=READING)
    async def read_record(name: Name, edition: int | None = None, as_of: Day = None) -> Chain:
        """Read a record with its chain of evidence: what it rests on, for and against, and the words of the sources."""
        async with telling_why():
            return await library.read_record(name, edition, as_of)

    @server.tool(annotations=READING)
    async def list_dependents(name: Name, most: Most = 20, as_of: Day = None) -> Found:
        """List what rests on a finding, lesson, case, review or source: what would fall if that were wrong."""
        async with telling_why():
            return await library.list_dependents(name, most, as_of)

    @server.tool(annotations=READING)
    async def follow_up(name: Name, as_of: Day = None) -> Dossier:
        """Tell what became of a recommendation: who was asked, what they said and did, what we judge of it."""
        async with telling_why():
            return await library.read_dossier(name, as_of)

    return server


def main(words: Sequence[str] | None = None) -> None:
    """Serve until the other side goes."""
    parser = argparse.ArgumentParser(
        prog="failure-lessons-mcp", description="Let assistants read a Failure Lessons site (Model Context Protocol)."
    )
    parser.add_argument("--site", default=os.environ.get("FAILURE_LESSONS_SITE", "http://127.0.0.1:8000"))
    parser.add_argument("--http", type=int, metavar="PORT", help="serve streamable HTTP on this machine, not stdio")
    parser.add_argument("--version", action="version", version=f"failure-lessons-mcp {own_version()}")
    asked = parser.parse_args(words)
    server = build_server(AsyncClient(asked.site, token=os.environ.get("FAILURE_LESSONS_TOKEN", "")))
    if asked.http:
        server.run("streamable-http", host="127.0.0.1", port=asked.http)
    else:
        server.run()


if __name__ == "__main__":
    main()
