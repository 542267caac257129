"""Schemas of what is counted over the whole library: the evidence map, and the meter of traceability."""

from __future__ import annotations

from failure_lessons.api.schema_parts import (
    KIND,
    POSITIVE,
    SLUG_SCHEMA,
    TEXT_SCHEMA,
    URI,
    OpenApiSchema,
    object_schema,
)
from failure_lessons.publishing.schemas import COUNT_SCHEMA, named_schema
from failure_lessons.publishing.statements import REACHES

ANY_TEXT: OpenApiSchema = {"type": "string"}
REACHED: dict[str, OpenApiSchema] = {"total": COUNT_SCHEMA, **dict.fromkeys(REACHES, COUNT_SCHEMA)}
BODY_MEMBERS: dict[str, OpenApiSchema] = {
    "body": SLUG_SCHEMA,
    "name": TEXT_SCHEMA,
    "counts": {
        "type": "object",
        "description": "How many dossiers are in a state, and the list that holds them. Empty where nothing is asked.",
        "additionalProperties": object_schema("A count.", count=COUNT_SCHEMA, url=URI),
    },
    "url": URI,
    "page": URI,
    "organisation": URI,
}
OTHER_BODIES: OpenApiSchema = {
    "type": "array",
    "items": object_schema("Another body.", body=SLUG_SCHEMA, name=TEXT_SCHEMA, date=ANY_TEXT, note=ANY_TEXT, url=URI),
}
COUNT_SCHEMAS: dict[str, OpenApiSchema] = {
    "Bodies": object_schema(
        "A page of bodies, those asked most often first.",
        results={"type": "array", "items": object_schema("A body.", **BODY_MEMBERS)},
        total=COUNT_SCHEMA,
        next={"type": ["string", "null"], "format": "uri"},
    ),
    "Body": object_schema(
        "What is asked of a body, or of each body of a class.",
        **BODY_MEMBERS,
        is_class={"type": "boolean"},
        succession=object_schema(
            "From whom its duties came, and to whom they went.", **{"from": OTHER_BODIES, "to": OTHER_BODIES}
        ),
    ),
    "Facet": object_schema(
        "A filter and its choices.",
        name={**TEXT_SCHEMA, "description": "The parameter."},
        label=TEXT_SCHEMA,
        choices={
            "type": "array",
            "items": named_schema(
                "FacetChoice",
                object_schema(
                    "A choice.",
                    code={**TEXT_SCHEMA, "description": "A value of the parameter."},
                    label=TEXT_SCHEMA,
                    count={**COUNT_SCHEMA, "description": "Records it would give."},
                    picked={"type": "boolean", "description": "Whether it was asked for."},
                ),
            ),
        },
        more={**COUNT_SCHEMA, "description": "Choices that are left out, those with fewer records."},
    ),
    "Map": object_schema(
        "How much is published, a row for each theme, type of failure or sector and a cell for each phase.",
        of=KIND,
        by=TEXT_SCHEMA,
        sectors={"type": "array", "items": TEXT_SCHEMA},
        graded_by=TEXT_SCHEMA,
        total={"type": "integer", "minimum": 0},
        rows={
            "type": "array",
            "items": object_schema(
                "A row.",
                code=TEXT_SCHEMA,
                label=TEXT_SCHEMA,
                total={"type": "integer", "minimum": 0},
                url=URI,
                cells={
                    "type": "array",
                    "items": object_schema(
                        "A phase of a row.",
                        phase=TEXT_SCHEMA,
                        count={"type": "integer", "minimum": 0},
                        state={"type": "string", "enum": ["found", "looked", "none"]},
                        levels={"type": "object", "additionalProperties": POSITIVE},
                        url=URI,
                    ),
                },
            ),
        },
    ),
    "Traceability": object_schema(
        "How many published statements reach the words of a source (`quoted`), a place in it (`placed`), only the work "
        "(`linked`) or nothing yet (`none`).",
        revision=COUNT_SCHEMA,
        statements=object_schema("All statements.", **REACHED),
        sorts={
            "type": "array",
            "items": object_schema("Statements of one sort.", code=TEXT_SCHEMA, label=TEXT_SCHEMA, **REACHED),
        },
    ),
}
