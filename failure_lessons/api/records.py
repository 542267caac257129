"""The JSON Schema of each kind's documents, derived from the schema of evidence packages so that the two cannot differ.

A document is a package entry without its empty members, with findings named by code, and with `schema`, `kind`,
`slug`, `derived` and `edition` beside it.
"""

from __future__ import annotations

from failure_lessons.packages.schema import entry_schema, shared_definitions
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.publishing.renditions import DOCUMENT_SCHEMA_VERSION
from failure_lessons.publishing.schemas import FINDING_CODE_SCHEMA, SLUG_EXPRESSION, Schema, list_schema


def component_name(code: str) -> str:
    """The name of a schema among the components of the OpenAPI file: of a kind by its code, or of a definition."""
    return "".join(word.capitalize() for word in code.split("-"))


def as_published(schema: Schema) -> Schema:
    """A package schema as documents fit it: what may be empty is left out rather than empty, so it is not required."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {"$ref": f"#/components/schemas/{component_name(name)}"}
    found: Schema = {name: part_as_published(item) for name, item in schema.items()}
    if isinstance(found.get("type"), list) and "null" in found["type"]:
        kinds = [each for each in found["type"] if each != "null"]
        found["type"] = kinds[0] if len(kinds) == 1 else kinds
    if "required" in found and "properties" in found:
        of = found["properties"]
        found["required"] = [
            name for name in found["required"] if of[name].get("type") != "array" or of[name].get("minItems")
        ]
        if not found["required"]:
            del found["required"]
    return found


def part_as_published(part: object) -> object:
    """A part of a package schema, changed where it is or holds a schema."""
    if isinstance(part, list):
        return [part_as_published(item) for item in part]
    return as_published(part) if isinstance(part, dict) else part


def schema_of(kind: Kind) -> Schema:
    """The schema of one kind's documents in answers."""
    entry = as_published(entry_schema(kind))
    properties: Schema = {
        "schema": {"const": DOCUMENT_SCHEMA_VERSION, "description": "The version of the shape of documents."},
        "kind": {"const": kind.code},
        "slug": {
            "type": "string",
            "pattern": SLUG_EXPRESSION,
            "maxLength": 120,
            "description": "The last part of its address.",
        },
        **entry["properties"],
    }
    if kind.member and kind.member.findings:
        properties["findings"] = list_schema(FINDING_CODE_SCHEMA, "Codes of its findings.")
    if kind.derived:
        properties["derived"] = {
            "type": "object",
            "description": "What is computed from the record and its neighbours.",
            "properties": {each.name: each.schema for each in kind.derived},
            "additionalProperties": False,
        }
    properties["edition"] = {"$ref": "#/components/schemas/Edition"}
    required = [name for name in entry.get("required", []) if name not in ("slug", "findings")]
    return {
        "type": "object",
        "description": entry["description"],
        "properties": properties,
        "required": ["schema", "kind", "slug", *required, "edition"],
        "additionalProperties": False,
    }


RECORD_SCHEMAS = {code: schema_of(kind) for code, kind in KINDS.items()}
RECORD_MEMBERS = {code: tuple(schema["properties"]) for code, schema in RECORD_SCHEMAS.items()}
INCLUDED_MEMBERS = tuple(dict.fromkeys(name for members in RECORD_MEMBERS.values() for name in members))


def components_of(kind: Kind) -> dict[str, Schema]:
    """The schemas that answers about one kind are described by: all members, and those that were asked for."""
    name, record = component_name(kind.code), RECORD_SCHEMAS[kind.code]
    included = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Included"},
        "description": "With `include=evidence`: everything it rests on.",
    }
    members = {**record["properties"], "included": included}
    return {
        name: {**record, "properties": members},
        f"{name}Part": {
            "type": "object",
            "description": f"Those members of a {kind.label.lower()} that were asked for.",
            "properties": members,
            "additionalProperties": False,
        },
    }


RECORD_COMPONENTS: dict[str, Schema] = {
    component_name(name): as_published(schema) for name, schema in shared_definitions().items()
}
for each in KINDS.values():
    RECORD_COMPONENTS.update(components_of(each))
RECORD_COMPONENTS["Included"] = {
    "description": "A record that another rests on, in the edition that was pinned.",
    "anyOf": [
        {"$ref": f"#/components/schemas/{name}"}
        for name in (*(f"{component_name(code)}{part}" for part in ("", "Part") for code in KINDS), "Tombstone")
    ],
}
RECORD_COMPONENTS["IncludedMember"] = {
    "type": "string",
    "description": "A member of what is included.",
    "enum": list(INCLUDED_MEMBERS),
}
