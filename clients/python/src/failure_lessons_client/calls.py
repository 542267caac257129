"""Every operation of the API as a call: what is asked, and what is made of the answer. Nothing is sent here.

The blocking client and the async one run the same calls, so that neither can do what the other cannot.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from failure_lessons_client.problems import NotTheApi
from failure_lessons_client.records import Change, Edition, Record, check_document, decode_json

Value = str | int | bool | dt.date | dt.datetime | Iterable[str] | None
Result = TypeVar("Result")
Chains = tuple[list[Record], dict[str, Record]]  # records, and by hash what they rest on
COLLECTIONS = (
    "recommendations",
    "lessons",
    "situations",
    "findings",
    "case-studies",
    "literature-reviews",
    "references",
    "themes",
    "organisations",
    "glossary",
    "comparisons",
    "consultations",
    "consultation-rounds",
    "follow-ups",
    "source-recommendations",
)
DRAFTS = ("references", "case-studies", "findings")
COMMA_LISTS = (
    "ids",
    "fields",
    "included_fields",
    "facets",
    "sha256",
)  # several values of other parameters stand several times
MERGE_PATCH = "application/merge-patch+json"
PAGE, INCLUDING_PAGE, MOST_IDS, MOST_HASHES = 100, 25, 100, 1000


@dataclass(frozen=True)
class Call(Generic[Result]):
    """One request, and how its answer is read."""

    method: str
    address: str
    read: Callable[[bytes, Mapping[str, str]], Result]
    query: Mapping[str, Value] = field(default_factory=dict)
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page(Generic[Result]):
    """A page of results, and the call for the next."""

    results: list[Result]
    following: Call[Page[Result]] | None


def as_json(body: bytes, headers: Mapping[str, str]) -> Any:
    """The JSON of an answer, or nothing where there is no body."""
    return decode_json(body) if body else None


def as_bytes(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The answer as it came."""
    return body


def path(*parts: str | int) -> str:
    """An address of the API; no part can lead out of it."""
    quoted = [quote(str(part), safe="") for part in parts]
    if any(part.strip(".") == "" for part in quoted):
        raise ValueError(f"“{'/'.join(map(str, parts))}” is no address of a record")
    return "/api/v1/" + "".join(f"{part}/" for part in quoted)


def pages(address: str, query: Mapping[str, Value], make: Callable[[Mapping[str, Any]], Result]) -> Call[Page[Result]]:
    """The first page at an address; each page knows the next."""

    def read(body: bytes, headers: Mapping[str, str]) -> Page[Result]:
        answer = decode_json(body)
        if not isinstance(answer, dict) or "results" not in answer:
            raise NotTheApi("The answer is no list of the API.")
        found = [make(each) for each in answer["results"]]
        following = answer.get("next") if found else None
        return Page(found, pages(following, {}, make) if following else None)

    return Call("GET", address, read, query)


# --- reading


def get(address: str, query: Mapping[str, Value] | None = None) -> Call[Any]:
    """The JSON at any address of the API."""
    return Call("GET", address, as_json, query or {})


def list_records(collection: str, filters: Mapping[str, Value]) -> Call[Page[Record]]:
    """A collection, in pages as long as what is asked for allows."""
    whole = "ids" in filters
    limit = {} if whole else {"limit": INCLUDING_PAGE if filters.get("include") else PAGE}
    return pages(path(collection), {**limit, **filters}, Record)


def list_with_evidence(collection: str, filters: Mapping[str, Value]) -> Call[Chains]:
    """A page of records, and all that they rest on by hash."""

    def read(body: bytes, headers: Mapping[str, str]) -> Chains:
        answer = decode_json(body)
        beneath = [Record(each) for each in answer["included"]]
        return [Record(each) for each in answer["results"]], {each.sha256: each for each in beneath if each.sha256}

    return Call("GET", path(collection), read, {**filters, "include": "evidence"})


def record(collection: str, slug: str, number: int | None, options: Mapping[str, Value]) -> Call[Record]:
    """One record, in its current edition or in a numbered one."""
    shaped = any(options.get(name) for name in ("fields", "include"))

    def read(body: bytes, headers: Mapping[str, str]) -> Record:
        return Record(decode_json(body)) if shaped else check_document(body, f"{collection}/{slug}")

    tail: tuple[str | int, ...] = () if number is None else ("editions", number)
    return Call("GET", path(collection, slug, *tail), read, options)


def editions(collection: str, slug: str) -> Call[Page[Edition]]:
    """Every edition of a record, newest first."""
    return pages(path(collection, slug, "editions"), {}, Edition.of)


def by_hash(sha256: str, options: Mapping[str, Value]) -> Call[Record]:
    """The edition whose document has this hash."""

    def read(body: bytes, headers: Mapping[str, str]) -> Record:
        return Record(decode_json(body)) if options else check_document(body, sha256)

    return Call("GET", path("editions", sha256), read, options)


def file_of(address: str, form: str, options: Mapping[str, Value]) -> Call[bytes]:
    """One record in another format."""
    return Call("GET", address, as_bytes, {**options, "format": form}, headers={"Accept": "*/*"})


def notes(options: Mapping[str, Value]) -> Call[Page[Mapping[str, Any]]]:
    """What others say about records."""
    return pages(path("notes"), {"limit": PAGE, **options}, dict)


def bodies(options: Mapping[str, Value]) -> Call[Page[Mapping[str, Any]]]:
    """Every body that was asked for something."""
    return pages(path("bodies"), {"limit": PAGE, **options}, dict)


def table(collection: str, form: str, filters: Mapping[str, Value]) -> Call[bytes]:
    """A whole list in another format."""
    return Call("GET", path(collection), as_bytes, {**filters, "format": form}, headers={"Accept": "*/*"})


def search(text: str, options: Mapping[str, Value]) -> Call[Page[Mapping[str, Any]]]:
    """What matches, best first."""
    return pages(path("search"), {"q": text, "limit": PAGE, **options}, dict)


def check(hashes: Iterable[str]) -> Call[list[Mapping[str, Any]]]:
    """What has become of up to a thousand copies."""
    body = {"sha256": list(hashes)}
    return Call("POST", path("check"), lambda text, headers: list(decode_json(text)["results"]), body=body)


def changes(since: int, filters: Mapping[str, Value]) -> Call[Page[Change]]:
    """Every change after a revision."""
    return pages(path("changes"), {"since": since, "limit": PAGE, **filters}, Change.of)


# --- writing


def once() -> dict[str, str]:
    """A header that lets a request be sent again without being done twice."""
    return {"Idempotency-Key": str(uuid.uuid4())}


def dry(dry_run: bool) -> dict[str, Value]:
    """The parameter of a trial."""
    return {"dry_run": "true"} if dry_run else {}


def drafts(kind: str, options: Mapping[str, Value]) -> Call[Page[Mapping[str, Any]]]:
    """Your drafts of a kind."""
    return pages(path("workbench", kind), {"limit": PAGE, **options}, dict)


@dataclass(frozen=True)
class Draft:
    """A draft as the workbench holds it: its entry, the tag that changing it needs, and its state."""

    entry: Mapping[str, Any]
    etag: str
    state: str


def as_draft(body: bytes, headers: Mapping[str, str]) -> Draft:
    """A draft with its tag."""
    return Draft(decode_json(body), headers.get("ETag", ""), headers.get("Workbench-State", ""))


def draft(kind: str, key: str) -> Call[Draft]:
    """One draft."""
    return Call("GET", path("workbench", kind, key), as_draft)


def send(kind: str, entry: object, dry_run: bool) -> Call[Draft]:
    """A new draft."""
    return Call("POST", path("workbench", kind), as_draft, dry(dry_run), entry, once())


def change(method: str, kind: str, key: str, body: object, etag: str, dry_run: bool) -> Call[Any]:
    """A change to a draft as it was read."""
    headers = {"If-Match": etag}
    if method == "PATCH":
        headers["Content-Type"] = MERGE_PATCH
    read = as_json if method == "DELETE" else as_draft
    return Call(method, path("workbench", kind, key), read, dry(dry_run), body, headers)


def submit(kind: str, key: str, note: str, dry_run: bool) -> Call[Any]:
    """A draft handed to the editors."""
    return Call("POST", path("workbench", kind, key, "submit"), as_json, dry(dry_run), {"note": note}, once())


def send_package(package: object, dry_run: bool, overwrite: bool) -> Call[Any]:
    """A whole evidence package."""
    query = {**dry(dry_run), **({"overwrite": "true"} if overwrite else {})}
    return Call("POST", path("workbench", "packages"), as_json, query, package, once())


def webhook(method: str, *parts: str, body: object = None) -> Call[Any]:
    """Anything below `/webhooks/`."""
    headers = {"Content-Type": MERGE_PATCH} if method == "PATCH" else {}
    return Call(method, path("webhooks", *parts), as_json, {}, body, headers)


def deliveries(uuid: str) -> Call[Page[Mapping[str, Any]]]:
    """Every try to tell a webhook something, newest first."""
    return pages(path("webhooks", uuid, "deliveries"), {}, dict)
