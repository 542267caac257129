"""The examples in the OpenAPI file: records of the shipped evidence, shortened. Only `make openapi` reads them."""

from __future__ import annotations

import copy
import hashlib
from functools import cache

import orjson
from django.conf import settings

from failure_lessons.api.description import JSON_MEDIA_TYPE
from failure_lessons.api.records import component_name
from failure_lessons.api.schema_parts import OpenApiSchema
from failure_lessons.packages.format import read_package
from failure_lessons.publishing.registry import KINDS, SOURCES, Entry, Kind, list_members
from failure_lessons.publishing.renditions import DOCUMENT_SCHEMA_VERSION, drop_empty_values


def add_examples(result: OpenApiSchema, generator: object, request: object, public: bool) -> OpenApiSchema:
    """Add to every operation that answers records what its answer looks like. A hook of the command that writes it."""
    found: dict[str, Entry] = {}  # by the name of the operation
    for kind in KINDS.values():
        record, name, listed = example_record(kind), component_name(kind.code), component_name(kind.api_address)
        found[f"list{listed}"] = {
            "results": [record],
            "next": None,
            "previous": None,
            "filters": {},
        }
        found[f"get{name}"] = found[f"get{name}Edition"] = record
        found.setdefault("getEditionByHash", record)
    for operations in result["paths"].values():
        for operation in operations.values():
            if operation["operationId"] in found:
                content = operation["responses"]["200"]["content"][JSON_MEDIA_TYPE]
                content["examples"] = {"Shortened": {"value": found[operation["operationId"]]}}
    return result


@cache
def load_shipped_examples() -> dict[str, Entry]:
    """The first entry of each kind in the shipped evidence, or the example that a kind without any gives."""
    package = read_package(settings.BASE_DIR / "evidence")
    found: dict[str, Entry] = {kind.code: kind.example for kind in KINDS.values() if kind.example}
    for member in list_members():
        entry = package[member.name][0]
        found[member.kind] = entry
        if member.findings:
            found["finding"] = entry["findings"][0]
        if member.neighbours:
            found.setdefault(SOURCES[member.neighbours[0]].kind, entry[member.neighbours[1]][0])
    return found


def shorten_example(value: object) -> object:
    """`value` with one item a list, so that an example can be read."""
    if isinstance(value, list):
        return [shorten_example(value[0])] if value and not isinstance(value[0], int) else value
    return shorten_members(value) if isinstance(value, dict) else value


def shorten_members(entry: Entry) -> Entry:
    """An entry with one item in each of its lists."""
    return {name: shorten_example(item) for name, item in entry.items()}


def example_record(kind: Kind) -> Entry:
    """A record of the shipped evidence, shortened, as the API answers it. The figures in `edition` are for show."""
    entry = drop_empty_values(copy.deepcopy(load_shipped_examples()[kind.code]))
    if kind.member and kind.member.findings:
        entry["findings"] = [finding["code"] for finding in entry["findings"]]
    slug = str(entry.get("slug") or entry.get("id") or entry["code"].lower())
    record = {"schema": DOCUMENT_SCHEMA_VERSION, "kind": kind.code, "slug": slug, **shorten_members(entry)}
    base = "https://lessons.example.org"
    record["edition"] = {
        "number": 1,
        "revision": 42,
        "sha256": hashlib.sha256(orjson.dumps(record)).hexdigest(),
        "published_at": "2026-11-25T09:30:00Z",
        "superseded_at": None,
        "evidence_changed_at": None,
        "change": "",
        "note": "",
        "url": f"{base}/api/v1/{kind.api_address}/{slug}/editions/1/",
        "page": f"{base}/{kind.address}/{slug}/v1/",
    }
    return record
