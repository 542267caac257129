"""The async client: the same calls, waits and answers as the blocking one, for programs that do much at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Self, TypeVar

import httpx

from failure_lessons_client import calls
from failure_lessons_client.calls import Call, Chains, Draft, Page, Value
from failure_lessons_client.exchange import PATIENCE, Exchange, Wait
from failure_lessons_client.records import Change, Edition, Record

Result = TypeVar("Result")


class AsyncClient:
    """One Failure Lessons site. Use as an async context manager. See `Client` for each method."""

    def __init__(
        self,
        base: str,
        *,
        token: str = "",
        timeout: float = 30.0,
        patience: float = PATIENCE,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.exchange = Exchange(base, token, patience)
        self.http = httpx.AsyncClient(timeout=timeout, transport=transport)
        self.sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.http.aclose()

    async def run(self, call: Call[Result]) -> Result:
        """Carry out a call."""
        steps = self.exchange.carry_out(call)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Wait):
                    await self.sleep(step.seconds)
                    step = steps.send(None)
                    continue
                try:
                    back: httpx.Response | httpx.TransportError = await self.http.send(step)
                except httpx.TransportError as error:
                    back = error
                step = steps.send(back)
        except StopIteration as done:
            return call.read(*done.value)

    async def run_pages(self, call: Call[Page[Result]]) -> AsyncIterator[Result]:
        """Every result, page after page."""
        following: Call[Page[Result]] | None = call
        while following:
            page = await self.run(following)
            for each in page.results:
                yield each
            following = page.following

    # --- reading

    async def get(self, address: str, query: Mapping[str, Value] | None = None) -> Any:
        return await self.run(calls.get(address, query))

    def list(self, collection: str, **filters: Value) -> AsyncIterator[Record]:
        return self.run_pages(calls.list_records(collection, filters))

    async def with_evidence(self, collection: str, **filters: Value) -> Chains:
        return await self.run(calls.list_with_evidence(collection, filters))

    async def record(self, collection: str, slug: str, *, number: int | None = None, **options: Value) -> Record:
        return await self.run(calls.record(collection, slug, number, options))

    def editions(self, collection: str, slug: str) -> AsyncIterator[Edition]:
        return self.run_pages(calls.editions(collection, slug))

    async def by_hash(self, sha256: str, **options: Value) -> Record:
        return await self.run(calls.by_hash(sha256, options))

    async def record_file(
        self, collection: str, slug: str, form: str, *, number: int | None = None, **options: Value
    ) -> bytes:
        tail: tuple[str | int, ...] = () if number is None else ("editions", number)
        return await self.run(calls.file_of(calls.path(collection, slug, *tail), form, options))

    def bodies(self, **options: Value) -> AsyncIterator[Mapping[str, Any]]:
        return self.run_pages(calls.bodies(options))

    def notes(self, **options: Value) -> AsyncIterator[Mapping[str, Any]]:
        return self.run_pages(calls.notes(options))

    async def body(self, slug: str, **options: Value) -> Any:
        return await self.get(calls.path("bodies", slug), options)

    async def table(self, collection: str, form: str = "csv", **filters: Value) -> bytes:
        return await self.run(calls.table(collection, form, filters))

    def search(self, text: str, **options: Value) -> AsyncIterator[Mapping[str, Any]]:
        return self.run_pages(calls.search(text, options))

    async def check(self, hashes: Iterable[str]) -> Any:
        return await self.run(calls.check(hashes))

    def changes(self, since: int = 0, **filters: Value) -> AsyncIterator[Change]:
        return self.run_pages(calls.changes(since, filters))

    # --- writing: with a token

    def drafts(self, kind: str, **options: Value) -> AsyncIterator[Mapping[str, Any]]:
        return self.run_pages(calls.drafts(kind, options))

    async def draft(self, kind: str, key: str) -> Draft:
        return await self.run(calls.draft(kind, key))

    async def send(self, kind: str, entry: object, *, dry_run: bool = False) -> Draft:
        return await self.run(calls.send(kind, entry, dry_run))

    async def change(self, kind: str, key: str, patch: object, *, etag: str, dry_run: bool = False) -> Any:
        return await self.run(calls.change("PATCH", kind, key, patch, etag, dry_run))

    async def replace(self, kind: str, key: str, entry: object, *, etag: str, dry_run: bool = False) -> Any:
        return await self.run(calls.change("PUT", kind, key, entry, etag, dry_run))

    async def delete(self, kind: str, key: str, *, etag: str, dry_run: bool = False) -> None:
        await self.run(calls.change("DELETE", kind, key, None, etag, dry_run))

    async def submit(self, kind: str, key: str, *, note: str = "", dry_run: bool = False) -> Any:
        return await self.run(calls.submit(kind, key, note, dry_run))

    async def send_package(self, package: object, *, dry_run: bool = False, overwrite: bool = False) -> Any:
        return await self.run(calls.send_package(package, dry_run, overwrite))

    async def webhooks(self) -> Any:
        return (await self.run(calls.webhook("GET")))["results"]

    async def create_webhook(self, url: str, **members: object) -> Any:
        return await self.run(calls.webhook("POST", body={"url": url, **members}))

    async def webhook(self, uuid: str) -> Any:
        return await self.run(calls.webhook("GET", uuid))

    async def change_webhook(self, uuid: str, **members: object) -> Any:
        return await self.run(calls.webhook("PATCH", uuid, body=members))

    async def delete_webhook(self, uuid: str) -> None:
        await self.run(calls.webhook("DELETE", uuid))

    def deliveries(self, uuid: str) -> AsyncIterator[Mapping[str, Any]]:
        return self.run_pages(calls.deliveries(uuid))

    async def tell_webhook(self, uuid: str, verb: str, **members: object) -> Any:
        return await self.run(calls.webhook("POST", uuid, verb, body=members or None))
