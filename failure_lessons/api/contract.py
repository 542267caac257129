"""The last touches to the OpenAPI file, for those who generate clients from it: every object has a name of its own.

Generators name an object that has none after the place where they meet it. They meet the same place several times,
or two places with the same name, and then leave models out or number them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from failure_lessons.api.records import component_name
from failure_lessons.api.schema_parts import OpenApiSchema, schema_ref
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.schemas import NAME_KEYWORD
from failure_lessons.types import JSONValue

TAG_MEANINGS = {
    "start": "Where to begin.",
    "across kinds": "What is asked of the whole library.",
    "changes": "What changed, and when.",
    "workbench": "Drafts that partners send in. Editors review them.",
    "webhooks": "Telling a partner's program of each change.",
    **{kind.api_address: f"{kind.label_plural}." for kind in KINDS.values()},
}
BETTER_NAMES = {"CerqualMethodologicalLimitations": "CerqualComponent"}  # one object for several members
PLURALS = ((r"ies$", "y"), (r"(ch|sh|x|ss)es$", r"\1"), (r"([^su])s$", r"\1"))


def finish_contract(result: OpenApiSchema, **_: object) -> OpenApiSchema:
    """Name every object, and say where the API is, and what its tags mean. The last hook of drf-spectacular."""
    schemas = result["components"]["schemas"]
    known: dict[str, str] = {}  # objects by what they say, and their names
    for name in sorted(schemas):
        schemas[name] = name_within(schemas[name], pascal_case(name), schemas, known)
    for operation in all_operations(result):
        owner = pascal_case(operation["operationId"])
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content["schema"] = name_schema(content["schema"], f"{owner}Request", schemas, known)
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                content["schema"] = name_schema(content["schema"], f"{owner}Answer", schemas, known)
    tell_dry_runs(result)
    drop_unused(result)
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    result["servers"] = [{"url": "/", "description": "The site that serves this file."}]
    used = {tag for operation in all_operations(result) for tag in operation["tags"]}
    result["tags"] = [{"name": name, "description": words} for name, words in TAG_MEANINGS.items() if name in used]
    return result


def tell_dry_runs(result: OpenApiSchema) -> None:
    """Say where partners write that an answer says when nothing was kept."""
    header = {"schema": {"type": "string", "enum": ["true"]}, "description": "There when nothing was kept: a dry run."}
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            if method == "get" or not path.startswith(("/api/v1/workbench/", "/api/v1/webhooks/")):
                continue
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    answer.setdefault("headers", {})["Dry-Run"] = header


def all_operations(result: OpenApiSchema) -> Iterator[OpenApiSchema]:
    """Every operation, webhooks included."""
    for part in ("paths", "webhooks"):
        for methods in result.get(part, {}).values():
            yield from methods.values()


def name_schema(
    schema: OpenApiSchema, name: str, schemas: dict[str, OpenApiSchema], known: dict[str, str]
) -> OpenApiSchema:
    """The schema, or a pointer to it where it is an object: added to the components unless the same is there."""
    name = schema.get(NAME_KEYWORD) or BETTER_NAMES.get(name, name)
    found = name_within({key: value for key, value in schema.items() if key != NAME_KEYWORD}, name, schemas, known)
    if "properties" not in found:
        return found
    said = json.dumps({key: value for key, value in found.items() if key != "description"}, sort_keys=True)
    component = known.setdefault(said, name)
    if schemas.setdefault(component, found) is not found and component == name and schemas[name] != found:
        raise ValueError(f"two objects of the contract are called {name}")
    words = found.get("description")
    differs = words and words != schemas[component].get("description")
    return {**schema_ref(component), **({"description": words} if differs else {})}


def name_within(
    schema: OpenApiSchema, owner: str, schemas: dict[str, OpenApiSchema], known: dict[str, str]
) -> OpenApiSchema:
    """The schema with every object inside it named after the member that holds it."""
    found = dict(schema)
    if found.get("type") == "object" and "properties" not in found:
        found.setdefault("additionalProperties", True)  # otherwise generators take it for an empty object
    for each, value in schema.items():
        if each == "properties":
            found[each] = {
                name: name_schema(inner, owner + pascal_case(name), schemas, known) for name, inner in value.items()
            }
        elif each == "items":
            found[each] = name_schema(value, singular(owner), schemas, known)
        elif each == "additionalProperties" and isinstance(value, dict):
            found[each] = name_schema(value, f"{singular(owner)}Value", schemas, known)
        elif each in ("anyOf", "oneOf", "allOf"):
            found[each] = [name_schema(inner, owner, schemas, known) for inner in value]
    return found


def pascal_case(name: str) -> str:
    """`date-parts` and `date_parts` as `DateParts`."""
    return component_name(re.sub(r"(?<=[a-z])(?=[A-Z])|[_ ]", "-", name))


def singular(name: str) -> str:
    """One of them: `Events` as `Event`."""
    if name.endswith("eries"):  # a series is one already
        return f"{name}Item"
    for ending, one in PLURALS:
        if re.search(ending, name):
            return re.sub(ending, one, name)
    return f"{name}Item"


def drop_unused(result: OpenApiSchema) -> None:
    """Take out the schemas that nothing points to."""
    schemas = result["components"]["schemas"]
    rest = {part: value for part, value in result.items() if part != "components"}
    others = {part: value for part, value in result["components"].items() if part != "schemas"}
    waiting, used = [*pointed_at(rest), *pointed_at(others)], set()
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += pointed_at(schemas[name])
    for name in set(schemas) - used:
        del schemas[name]


def pointed_at(value: JSONValue) -> Iterator[str]:
    """The names of the schemas that a part of the file points to."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref" and isinstance(inner, str) and inner.startswith("#/components/schemas/"):
                yield inner.rpartition("/")[2]
            else:
                yield from pointed_at(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from pointed_at(inner)
