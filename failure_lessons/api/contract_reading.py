"""The committed OpenAPI file as what pages show of it: operations, what can be asked, and what comes back."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

import orjson
from django.conf import settings

from failure_lessons.api.schema_parts import OpenApiSchema
from failure_lessons.local.identity import OUR_NAME, OUR_SECTORS, OUR_SERVICE
from failure_lessons.types import JSONValue

DESCRIPTION = Path(__file__).parent / "files" / "openapi.json"
OUR_CODES = [code for code, _ in OUR_SECTORS]
DEEPEST_MEMBERS = 4  # levels of members that a page tells; what lies deeper is named by its object
PARAMETER_PLACES = {"path": "in the address", "query": "", "header": "a header"}
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
}
LIMIT_WORDS = (("minimum", "at least {}"), ("maximum", "at most {}"), ("default", "{} unless told"))
ENTRY_LIMITS = (*LIMIT_WORDS, ("maxItems", "at most {} of them"), ("maxLength", "at most {} characters"))


@cache
def localise_contract() -> bytes:
    """The committed contract; with the name, the service and the sectors of whoever runs the site where they differ."""
    site, written = settings.SITE, DESCRIPTION.read_bytes()
    if (site.name, site.service, site.sectors) == (OUR_NAME, OUR_SERVICE, OUR_SECTORS):
        return written
    contract = orjson.loads(written.replace(OUR_SERVICE.encode(), orjson.dumps(site.service)[1:-1]))
    contract["info"]["title"] = f"{site.name} API"
    replace_sectors(contract, [code for code, _ in site.sectors])
    return orjson.dumps(contract)


def replace_sectors(part: JSONValue, codes: list[str]) -> None:
    """Put these codes in place of ours wherever a sector is chosen, in this part of a contract."""
    if isinstance(part, dict):
        if part.get("enum") == OUR_CODES:
            part["enum"] = list(codes)
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            replace_sectors(each, codes)


class AskedParameter(NamedTuple):
    """A parameter. `choices` are all that it may be, where that is a list."""

    name: str
    place: str
    kind: str
    words: str
    choices: tuple[str, ...]
    required: bool

    @property
    def manner(self) -> str:
        """Where it stands, whether it is needed, and what it is where no choices say so."""
        parts = (PARAMETER_PLACES[self.place], "needed" * self.required, "" if self.choices else self.kind)
        return "; ".join(filter(None, parts))


class Member(NamedTuple):
    """A member of an answer or a request, named by its way there, such as `results[].title`."""

    name: str
    kind: str
    words: str
    optional: bool


class Told(NamedTuple):
    """One answer that there may be, by its status."""

    status: str
    words: str
    formats: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One operation of the contract, as a page tells it."""

    name: str
    method: str
    path: str
    summary: str
    words: str
    needs_token: bool
    asked: tuple[AskedParameter, ...]
    answers: tuple[Told, ...]
    sent: tuple[Member, ...]
    received: tuple[Member, ...]
    media_type: str  # of what is sent
    example: str  # what to send, or what comes back where nothing is sent

    @property
    def can_be_tried(self) -> bool:
        return self.method == "GET" and not self.needs_token

    @property
    def fields(self) -> tuple[AskedParameter, ...]:
        """What a form asks for."""
        return tuple(each for each in self.asked if each.place != "header")

    def fill_address(self, given: Mapping[str, str]) -> str:
        """The address for these values; what is missing in its path stays in braces."""
        path, query = self.path, []
        for each in self.fields:
            value = given.get(each.name, "").strip()
            if value and each.place == "path":
                path = path.replace(f"{{{each.name}}}", quote(value, safe=""))
            elif value:
                query.append((each.name, value))
        return f"{path}?{urlencode(query)}" if query else path

    def write_command(self, address: str) -> str:
        """The same as a command for a terminal."""
        parts = ["curl"] + ([] if self.method == "GET" else ["-X", self.method])
        if self.needs_token:
            parts += ["-H", "Authorization: Bearer YOUR-TOKEN"]
        if self.sent:
            parts += ["-H", f"Content-Type: {self.media_type}", "--data", "@body.json"]
        return " ".join(shlex.quote(part) for part in [*parts, address])


class OperationGroup(NamedTuple):
    """The operations about one thing."""

    heading: str
    operations: tuple[Operation, ...]


@cache
def read_contract() -> OpenApiSchema:
    """The contract. It is a file of ours, so it is read once."""
    contract: OpenApiSchema = orjson.loads(localise_contract())
    return contract


@cache
def group_operations() -> tuple[OperationGroup, ...]:
    """Every operation, in groups as the contract orders them."""
    contract = read_contract()
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in contract["tags"]}
    for path, methods in contract["paths"].items():
        for method, said in methods.items():
            found[said["tags"][0]].append(read_operation(path, method, said))
    return tuple(OperationGroup(tag["description"].rstrip("."), tuple(found[tag["name"]])) for tag in contract["tags"])


def find_operation(name: str) -> Operation | None:
    """The operation of this name."""
    return next((each for group in group_operations() for each in group.operations if each.name == name), None)


def read_operation(path: str, method: str, said: OpenApiSchema) -> Operation:
    """One operation as the contract says it."""
    answers = tuple(read_answer(status, follow_ref(answer)) for status, answer in said["responses"].items())
    best = follow_ref(next((answer for status, answer in said["responses"].items() if status[0] == "2"), {}))
    request = said.get("requestBody", {})
    return Operation(
        name=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said["summary"],
        words=strip_marks(said),
        needs_token={} not in said.get("security", [{}]),
        asked=tuple(read_parameter(each) for each in said.get("parameters", [])),
        answers=answers,
        sent=tuple(describe_members(find_json_schema(request))),
        received=tuple(describe_members(find_json_schema(best))),
        media_type=next(iter(request.get("content", {})), ""),
        example=write_example(request) or write_example(best),
    )


def strip_marks(said: OpenApiSchema) -> str:
    """What the contract says of something, without the marks of Markdown."""
    return str(said.get("description", "")).replace("`", "")


def read_parameter(said: OpenApiSchema) -> AskedParameter:
    """A parameter of an operation."""
    schema = follow_ref(said["schema"])
    choices = schema.get("enum") or follow_ref(schema.get("items", {})).get("enum", ())
    words = strip_marks(said)
    return AskedParameter(
        said["name"],
        said["in"],
        describe_kind(schema),
        words,
        tuple(str(each) for each in choices),
        bool(said.get("required")),
    )


def read_answer(status: str, said: OpenApiSchema) -> Told:
    """What an operation may answer."""
    return Told(status, strip_marks(said), tuple(said.get("content", {})))


def follow_ref(schema: OpenApiSchema) -> OpenApiSchema:
    """What a pointer leads to; anything else as it is."""
    while "$ref" in schema:
        *_, part, name = schema["$ref"].split("/")
        schema = read_contract()["components"][part][name]
    return schema


def find_json_schema(said: OpenApiSchema) -> OpenApiSchema:
    """The schema of a request or answer, where it is JSON."""
    found: Iterator[OpenApiSchema] = (each for kind, each in said.get("content", {}).items() if kind.endswith("json"))
    schema: OpenApiSchema = next(found, {}).get("schema", {})
    return schema


def write_example(said: OpenApiSchema) -> str:
    """The first example of a request or answer."""
    examples = said.get("content", {}).get("application/json", {}).get("examples", {})
    first = next(iter(examples.values()), None)
    return orjson.dumps(first["value"], option=orjson.OPT_INDENT_2).decode() if first else ""


def describe_kind(schema: OpenApiSchema) -> str:
    """What a value is, in words: `list of text`, `whole number, at most 100`."""
    if "$ref" in schema and "properties" in (target := follow_ref(schema)):
        return str(target.get("title") or schema["$ref"].rpartition("/")[2])
    schema = follow_ref(schema)
    if "const" in schema:
        return f"always {schema['const']}"
    if "anyOf" in schema and "type" not in schema:
        return " or ".join(dict.fromkeys(describe_kind(each) for each in schema["anyOf"]))
    named = schema.get("type", "string" if "enum" in schema else "object")
    names = named if isinstance(named, list) else [named]
    if "array" in names:
        words = f"list of {describe_kind(schema.get('items', {}))}"
    else:
        words = " or ".join("nothing" if name == "null" else TYPES[name] for name in names)
    limits = [told.format(schema[key]) for key, told in ENTRY_LIMITS if key in schema and schema[key] != ""]
    return ", ".join([words, *limits])


def describe_members(schema: OpenApiSchema, prefix: str = "", above: tuple[str, ...] = ()) -> Iterator[Member]:
    """The members of an object and of those in it, to a depth; an object within itself is named alone."""
    pointer = schema.get("$ref", "")
    schema = follow_ref(schema)
    if pointer in above or len(above) > DEEPEST_MEMBERS:
        return
    within = (*above, pointer or prefix or "it")
    if "array" in schema.get("type", ()):
        yield from describe_members(schema.get("items", {}), f"{prefix}[]", above)
        return
    for choice in schema.get("anyOf", [])[:1]:  # what follows is a part of it, or nothing
        yield from describe_members(choice, prefix, above)
    for name, said in schema.get("properties", {}).items():
        way = f"{prefix}.{name}" if prefix else name
        full = follow_ref(said)
        choices = full.get("enum") or follow_ref(full.get("items", {})).get("enum", ())
        words = " ".join(filter(None, [strip_marks(full), f"One of: {', '.join(map(str, choices))}." * bool(choices)]))
        yield Member(way, describe_kind(said), words, name not in schema.get("required", ()))
        yield from describe_members(said, way, within)
