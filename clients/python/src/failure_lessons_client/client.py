"""The blocking client: pages through lists, waits when told to, and asks again only for what changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from failure_lessons_client import calls
from failure_lessons_client.calls import COLLECTIONS, MOST_HASHES, Call, Chains, Draft, Page, Value
from failure_lessons_client.exchange import ATTEMPTS, PATIENCE, Exchange, Wait
from failure_lessons_client.problems import Damaged
from failure_lessons_client.records import Change, Edition, Record

Result = TypeVar("Result")


class Client:
    """One Failure Lessons site. Use as a context manager, from one thread.

    base: address of the site, such as `https://lessons.example.org`.
    token: a partner's token, for more quota and for writing; sent in a header, and to this site alone.
    transport: an httpx transport, for proxies and tests.
    """

    def __init__(
        self,
        base: str,
        *,
        token: str = "",
        timeout: float = 30.0,
        patience: float = PATIENCE,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.exchange = Exchange(base, token, patience)
        self.http = httpx.Client(timeout=timeout, transport=transport)
        self.sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def run(self, call: Call[Result]) -> Result:
        """Carry out a call. Raises `ApiProblem` (also as `NotFound`, `Gone`, …), `Unreachable` and `NotTheApi`."""
        steps = self.exchange.carry_out(call)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Wait):
                    self.sleep(step.seconds)
                    step = steps.send(None)
                    continue
                try:
                    back: httpx.Response | httpx.TransportError = self.http.send(step)
                except httpx.TransportError as error:
                    back = error
                step = steps.send(back)
        except StopIteration as done:
            return call.read(*done.value)

    def run_pages(self, call: Call[Page[Result]]) -> Iterator[Result]:
        """Every result, page after page."""
        following: Call[Page[Result]] | None = call
        while following:
            page = self.run(following)
            yield from page.results
            following = page.following

    # --- reading

    def get(self, address: str, query: Mapping[str, Value] | None = None) -> Any:
        """The JSON at an address of the API."""
        return self.run(calls.get(address, query))

    def list(self, collection: str, **filters: Value) -> Iterator[Record]:
        """Every record of a collection that passes the filters, page after page.

        Values of one filter widen (`phase=["prevention", "resolution"]`: either), filters narrow (all must hold).
        Also `q` (words), `order`, `as_of` (a day or a time), `ids`, `fields`, `rests_on`. None leaves a filter out. An
        unknown filter is refused with the nearest name.
        """
        return self.run_pages(calls.list_records(collection, filters))

    def recommendations(self, **filters: Value) -> Iterator[Record]:
        """Recommendations; see `list`."""
        return self.list("recommendations", **filters)

    def lessons(self, **filters: Value) -> Iterator[Record]:
        """Lessons; see `list`."""
        return self.list("lessons", **filters)

    def findings(self, **filters: Value) -> Iterator[Record]:
        """Findings of cases and reviews; see `list`."""
        return self.list("findings", **filters)

    def case_studies(self, **filters: Value) -> Iterator[Record]:
        """Case studies; see `list`."""
        return self.list("case-studies", **filters)

    def references(self, **filters: Value) -> Iterator[Record]:
        """References; see `list`."""
        return self.list("references", **filters)

    def with_evidence(self, collection: str, **filters: Value) -> Chains:
        """A page of at most 25 records, and everything they rest on by hash: see `edition["rests_on"]` of each."""
        return self.run(calls.list_with_evidence(collection, filters))

    def record(self, collection: str, slug: str, *, number: int | None = None, **options: Value) -> Record:
        """One record in its current edition, in a numbered one, or `as_of` a day. `slug` may be its code.

        A whole document is checked against its hash. Raises `NotFound`, `Gone` (withdrawn, with the reason), `Damaged`.
        """
        return self.run(calls.record(collection, slug, number, options))

    def editions(self, collection: str, slug: str) -> Iterator[Edition]:
        """Every edition of a record, newest first."""
        return self.run_pages(calls.editions(collection, slug))

    def by_hash(self, sha256: str, **options: Value) -> Record:
        """The edition whose document has this hash."""
        return self.run(calls.by_hash(sha256, options))

    def record_file(
        self, collection: str, slug: str, form: str, *, number: int | None = None, **options: Value
    ) -> bytes:
        """One record as a file: `ris`, `bibtex`, `csl-json`, `jsonld`, `datacite`, `csv` …"""
        tail: tuple[str | int, ...] = () if number is None else ("editions", number)
        return self.run(calls.file_of(calls.path(collection, slug, *tail), form, options))

    def bodies(self, **options: Value) -> Iterator[Mapping[str, Any]]:
        """Every body that was asked for something, and how it stands."""
        return self.run_pages(calls.bodies(options))

    def notes(self, **options: Value) -> Iterator[Mapping[str, Any]]:
        """What others say about records, and was let stand beside them; the newest first."""
        return self.run_pages(calls.notes(options))

    def body(self, slug: str, **options: Value) -> Any:
        """One body: what is asked of it, from whom its duties came, to whom they went."""
        return self.get(calls.path("bodies", slug), options)

    def table(self, collection: str, form: str = "csv", **filters: Value) -> bytes:
        """A whole list as a file: `csv`, `xlsx`, `ris`, `bibtex`, `csl-json`, `jsonld`, `ndjson` …"""
        return self.run(calls.table(collection, form, filters))

    def search(self, text: str, **options: Value) -> Iterator[Mapping[str, Any]]:
        """What matches, best first; the best 200 can be read. `kind` narrows."""
        return self.run_pages(calls.search(text, options))

    def check(self, hashes: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """What has become of each of these copies, a thousand at a time."""
        waiting = list(hashes)
        for start in range(0, len(waiting), MOST_HASHES):
            yield from self.run(calls.check(waiting[start : start + MOST_HASHES]))

    def evidence_map(self, **options: Value) -> Any:
        """How much is published on what."""
        return self.get("/api/v1/evidence-map/", options)

    def traceability(self) -> Any:
        """How far published statements can be traced."""
        return self.get("/api/v1/traceability/")

    def downloads(self) -> Any:
        """The files that hold the whole library."""
        return self.get("/api/v1/downloads/")

    def download(self, name: str, to: str | Path) -> Path:
        """One of these files, saved."""
        place = Path(to) / name if Path(to).is_dir() else Path(to)
        call = Call("GET", f"/downloads/latest/{name}", calls.as_bytes, headers={"Accept": "*/*"})
        place.write_bytes(self.run(call))
        return place

    def changes(self, since: int = 0, **filters: Value) -> Iterator[Change]:
        """Every change to the library after a revision, in order. Keep the last `number` and come back with it."""
        return self.run_pages(calls.changes(since, filters))

    # --- writing: with a token

    def drafts(self, kind: str, **options: Value) -> Iterator[Mapping[str, Any]]:
        """Your drafts of `references`, `case-studies` or `findings`, with the state of each; `state` narrows."""
        return self.run_pages(calls.drafts(kind, options))

    def draft(self, kind: str, key: str) -> Draft:
        """One draft, with the tag that changing it needs."""
        return self.run(calls.draft(kind, key))

    def send(self, kind: str, entry: object, *, dry_run: bool = False) -> Draft:
        """A new draft; with `dry_run` nothing is kept. Safe to be sent again."""
        return self.run(calls.send(kind, entry, dry_run))

    def change(self, kind: str, key: str, patch: object, *, etag: str, dry_run: bool = False) -> Draft:
        """A draft with these members changed; None takes one out. Refused with 412 when it changed meanwhile."""
        return self.run(calls.change("PATCH", kind, key, patch, etag, dry_run))  # type: ignore[no-any-return]

    def replace(self, kind: str, key: str, entry: object, *, etag: str, dry_run: bool = False) -> Draft:
        """A draft, written anew."""
        return self.run(calls.change("PUT", kind, key, entry, etag, dry_run))  # type: ignore[no-any-return]

    def delete(self, kind: str, key: str, *, etag: str, dry_run: bool = False) -> None:
        """A draft, taken away."""
        self.run(calls.change("DELETE", kind, key, None, etag, dry_run))

    def submit(self, kind: str, key: str, *, note: str = "", dry_run: bool = False) -> Any:
        """A draft handed to the editors; `missing` lists what they will still ask for."""
        return self.run(calls.submit(kind, key, note, dry_run))

    def send_package(self, package: object, *, dry_run: bool = False, overwrite: bool = False) -> Any:
        """A whole evidence package, all or nothing."""
        return self.run(calls.send_package(package, dry_run, overwrite))

    def webhooks(self) -> Any:
        """Your webhooks."""
        return self.run(calls.webhook("GET"))["results"]

    def create_webhook(self, url: str, **members: object) -> Any:
        """A new webhook; its `secret` is shown this once. Also `kinds`, `actions`, `description`, `since`."""
        return self.run(calls.webhook("POST", body={"url": url, **members}))

    def webhook(self, uuid: str) -> Any:
        """A webhook and its latest deliveries."""
        return self.run(calls.webhook("GET", uuid))

    def change_webhook(self, uuid: str, **members: object) -> Any:
        """A webhook with another `url`, `kinds`, `actions` or `description`."""
        return self.run(calls.webhook("PATCH", uuid, body=members))

    def delete_webhook(self, uuid: str) -> None:
        """A webhook, taken away with its log."""
        self.run(calls.webhook("DELETE", uuid))

    def deliveries(self, uuid: str) -> Iterator[Mapping[str, Any]]:
        """Every try of the last month to tell a webhook something, newest first."""
        return self.run_pages(calls.deliveries(uuid))

    def tell_webhook(self, uuid: str, verb: str, **members: object) -> Any:
        """`test`, `redeliver` (revision=…), `replay` (since=…), `disable`, `enable` or `secret`."""
        return self.run(calls.webhook("POST", uuid, verb, body=members or None))


__all__ = ["ATTEMPTS", "COLLECTIONS", "Client", "Damaged"]
