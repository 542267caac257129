"""What the schemas of answers are made of."""

from __future__ import annotations

from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.schemas import NAME_KEYWORD, Schema

OpenApiSchema = Schema
URI = {"type": "string", "format": "uri"}
URI_OR_NULL = {"type": ["string", "null"], "format": "uri"}
TIME = {"type": "string", "format": "date-time"}
TIME_OR_NULL = {"type": ["string", "null"], "format": "date-time"}
TEXT_SCHEMA = {"type": "string"}
CURSOR_SCHEMA = {"type": "string", "minLength": 1}
HASH_SCHEMA = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
HASHES = {"type": "array", "items": HASH_SCHEMA}
SLUG_SCHEMA = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
KIND = {"type": "string", "enum": list(KINDS)}
CHANGE = {"enum": ["", *ChangeKind.values], "description": "What kind of change it is; empty: a first edition."}
POSITIVE = {"type": "integer", "minimum": 1}
HEAD_SCHEMA = {
    NAME_KEYWORD: "LedgerHead",
    "type": "object",
    "description": "A revision, signed: keep it to notice a rewritten past.",
    "properties": {
        "repository": {"type": "string"},
        "number": {"type": "integer", "minimum": 1},
        "sha256": {"type": "string", "description": "The hash of this revision, which covers every one before it."},
        "at": {"type": "string", "format": "date-time"},
        "signature": {"type": ["string", "null"], "description": "Ed25519, as base64; null where the site has no key."},
        "key": {"type": ["string", "null"], "description": "The public half of the key, as base64."},
    },
    "required": ["repository", "number", "sha256", "at", "signature", "key"],
}


def schema_ref(name: str) -> OpenApiSchema:
    """A component."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_schema(description: str, optional: str = "", /, **properties: OpenApiSchema) -> OpenApiSchema:
    """An object with these members and no others, all but the optional ones always there."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional.split()],
        "additionalProperties": False,
    }
