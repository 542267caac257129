"""The JSON Schema of each kind's documents, derived from the schema of evidence packages so that the two cannot differ.

A document is a package entry without its empty members, with findings named by code, and with `schema`, `kind`,
`slug`, `derived` and `edition` beside it.
"""

from __future__ import annotations

from typing import Any

from failure_lessons.packages.schema import (
    DEFS,
    FINDING_CODE_FIELD,
    SLUG_EXPRESSION,
    Schema,
    package_list,
    package_object,
    package_text,
)
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.publishing.renditions import DOCUMENT_SCHEMA_VERSION

ENTRIES: dict[str, Schema] = {
    "theme": DEFS["themes"],
    "organisation": DEFS["case-studies"]["properties"]["organisations"]["items"],
    "reference": DEFS["references"],
    "glossary-term": DEFS["glossary"],
    "finding": DEFS["finding"],
    "literature-review": DEFS["literature-reviews"],
    "case-study": DEFS["case-studies"],
    "comparison": DEFS["comparison"],
    "lesson": DEFS["lessons"],
    "recommendation": DEFS["recommendations"],
    "consultation-template": DEFS["consultation-template"],
}
SHARED = {
    "source": "Source",
    "cerqual": "Cerqual",
    "csl-name": "CslName",
    "csl-date": "CslDate",
    "condition": "Condition",
}
COUNT_SCHEMA = {"type": "integer", "minimum": 0}
SECTORS = {"type": "array", "items": {"type": "string"}, "description": "Sectors of the evidence."}
DERIVED: dict[str, Schema] = {
    "finding": {
        "part_of": package_object(
            "The case study or review it belongs to.",
            "kind slug title",
            kind={"type": "string", "enum": ["case-study", "literature-review"]},
            slug={"type": "string"},
            title={"type": "string"},
        ),
        "sector": {"type": "string"},
    },
    "literature-review": {
        "prisma": {
            "type": "object",
            "description": "The PRISMA 2020 flow, computed from searches and screening.",
            "properties": {"exclusion_reasons": {"type": "object", "additionalProperties": COUNT_SCHEMA}},
            "additionalProperties": COUNT_SCHEMA,
        }
    },
    "lesson": {
        "sectors": SECTORS,
        "cases": {"type": "array", "items": {"type": "string"}, "description": "Slugs of the cases it draws on."},
    },
    "recommendation": {
        "themes": {"type": "array", "items": {"type": "string"}, "description": "Themes of its lessons."},
        "sectors": SECTORS,
        "related_from": package_list(
            package_object(
                "A relation that another recommendation states.",
                "type from",
                type={"type": "string"},
                note=package_text("How they relate.", 2000),
                **{"from": {"type": "string"}},
            ),
            "Relations stated elsewhere.",
        ),
    },
}


def component_name(kind: Kind) -> str:
    """The name of a kind's schema among the components of the OpenAPI file."""
    return "".join(word.capitalize() for word in kind.code.split("-"))


def as_published(value: Any) -> Any:
    """A package schema as documents fit it: what may be empty is left out rather than empty, so it is not required."""
    if isinstance(value, list):
        return [as_published(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return {"$ref": f"#/components/schemas/{SHARED.get(name, name.capitalize())}"}
    found = {name: as_published(item) for name, item in value.items()}
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


def schema_of(kind: Kind) -> Schema:
    """The schema of one kind's documents in answers."""
    entry = as_published(ENTRIES[kind.code])
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
        properties["findings"] = package_list(FINDING_CODE_FIELD, "Codes of its findings.")
    if kind.code in DERIVED:
        properties["derived"] = {
            "type": "object",
            "description": "What is computed from the record and its neighbours.",
            "properties": DERIVED[kind.code],
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


def components_of(kind: Kind) -> dict[str, Schema]:
    """The schemas that answers about one kind are described by: any of its members, all of them, and with its chain."""
    name, record = component_name(kind), RECORD_SCHEMAS[kind.code]
    part = {"$ref": f"#/components/schemas/{name}Part"}
    beneath = {"type": "array", "items": {"$ref": "#/components/schemas/Included"}}
    return {
        name: {"description": record["description"], "allOf": [part], "required": record["required"]},
        f"{name}Part": {
            "type": "object",
            "description": f"Those members of a {kind.label.lower()} that were asked for.",
            "properties": {**record["properties"], "included": {**beneath, "description": "With `include=evidence`."}},
            "additionalProperties": False,
        },
        f"{name}Chain": {
            "description": f"A {kind.label.lower()} with everything it rests on.",
            "allOf": [part],
            "required": [*record["required"], "included"],
        },
    }


RECORD_COMPONENTS: dict[str, Schema] = {SHARED[name]: as_published(DEFS[name]) for name in SHARED}
for each in KINDS.values():
    RECORD_COMPONENTS.update(components_of(each))
