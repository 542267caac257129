"""The fields of themes, in the order of their documents."""

from __future__ import annotations

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.schemas import SLUG_SCHEMA, text_schema

THEME_FIELDS = (
    Field(
        "slug",
        SLUG_SCHEMA,
        required=True,
        column=IN_ADDRESS,
    ),
    Field("label", text_schema("In sentence case.", 100), required=True, column=Column("Theme", 40), role="title"),
    Field(
        "scope_note",
        text_schema("What belongs under it, and what belongs elsewhere.", 2000),
        required=True,
        column=Column("Scope note", LONG),
        role="summary",
    ),
)
