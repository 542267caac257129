"""Schemas of what is counted over the whole library: the evidence map, and the meter of traceability."""

from __future__ import annotations

from failure_lessons.api.schema_parts import KIND, POSITIVE, TEXT_SCHEMA, URI, OpenApiSchema, object_schema
from failure_lessons.publishing.schemas import COUNT_SCHEMA
from failure_lessons.publishing.statements import REACHES

REACHED: dict[str, OpenApiSchema] = {"total": COUNT_SCHEMA, **dict.fromkeys(REACHES, COUNT_SCHEMA)}
COUNT_SCHEMAS: dict[str, OpenApiSchema] = {
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
