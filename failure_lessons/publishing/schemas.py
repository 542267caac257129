"""Builders of JSON Schema (2020-12) for the declarations of fields, and what many fields look like."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models

from failure_lessons.types import JSONObject, JSONValue

Schema = JSONObject
Path = tuple[str | int, ...]  # to a value in a document: names of members, numbers of items

VOCABULARY_KEYWORD = "x-vocabulary"  # beside a code, in a schema: the vocabulary whose terms say what it may be
NAME_KEYWORD = "x-name"  # beside an object inside another schema: its name among the components of the API's contract
LONGEST_CODE = 40  # of a term
SLUG_EXPRESSION = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def text_schema(description: str, longest: int = 20_000, *, optional: bool = False) -> Schema:
    """A text; an optional one may be null or empty."""
    return {
        "type": ["string", "null"] if optional else "string",
        "maxLength": longest,
        "description": description,
        **({} if optional else {"minLength": 1}),
    }


def code_schema(vocabulary: type[models.TextChoices]) -> Schema:
    """A code of a vocabulary."""
    doc = (vocabulary.__doc__ or "").splitlines()[0]
    return {"enum": [str(code) for code in vocabulary.values], "description": doc}


def term_schema(vocabulary: str, description: str) -> Schema:
    """The code of a term of a vocabulary that teams extend. Which codes there are stands in records, not here."""
    return {
        **pattern_schema(SLUG_EXPRESSION, description),
        "maxLength": LONGEST_CODE,
        VOCABULARY_KEYWORD: str(vocabulary),
    }


def find_terms(schema: Schema, value: JSONValue, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    """Every code of a term in a value of this schema: where it stands, its vocabulary, the code."""
    if VOCABULARY_KEYWORD in schema:
        if value:
            yield path, schema[VOCABULARY_KEYWORD], value
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from find_terms(schema.get("items", {}), item, (*path, number))
    elif isinstance(value, dict):
        for name, member in schema.get("properties", {}).items():
            yield from find_terms(member, value.get(name), (*path, name))


def pattern_schema(expression: str, description: str) -> Schema:
    """A text written in one way only."""
    return {"type": "string", "pattern": expression, "description": description, "maxLength": 200}


def list_schema(items: Schema, description: str, least: int = 0) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "description": description, "maxItems": 10_000, "minItems": least}


def object_schema(description: str, required: str, /, **properties: Schema) -> Schema:
    """An object with these properties and no others; `required` names some of them."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def named_schema(name: str, schema: Schema) -> Schema:
    """The schema, to be found under this name among the components of the API's contract."""
    return {NAME_KEYWORD: name, **schema}


def ref_schema(name: str) -> Schema:
    """Another definition."""
    return {"$ref": f"#/$defs/{name}"}


SLUG_SCHEMA = pattern_schema(SLUG_EXPRESSION, "Part of the address, for ever: lower-case letters, digits and hyphens.")
KEY_SCHEMA = pattern_schema(SLUG_EXPRESSION, "Key of a reference, from references.json.")
LOCATOR_SCHEMA = text_schema("Page, paragraph or section; null when no page is given.", 200, optional=True)
EDTF_SCHEMA = text_schema("A date in EDTF (ISO 8601-2), such as 1996, 2018-08-20, 2001~ or 2016/2019.", 40)
OPTIONAL_EDTF_SCHEMA = text_schema("A date in EDTF, or null.", 40, optional=True)
FINDING_CODE_SCHEMA = pattern_schema(r"^[A-Z]+[0-9]+-F[0-9]+$", "Code of a finding, such as E1-F3.")
TITLE_SCHEMA = text_schema("Title, in sentence case.", 300)
SOURCES_SCHEMA = list_schema(ref_schema("source"), "The references a statement rests on.")
THEMES_SCHEMA = list_schema(
    pattern_schema(SLUG_EXPRESSION, "Slug of a theme, from themes.json."), "Themes. The order has no meaning."
)
COUNT_SCHEMA = {"type": "integer", "minimum": 0}
SECTORS_SCHEMA = {"type": "array", "items": {"type": "string"}, "description": "Sectors of the evidence."}
