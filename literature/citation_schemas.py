"""What citations look like in packages and documents, and what was looked for and not found."""

from __future__ import annotations

from failure_lessons.publishing.schemas import (
    KEY_SCHEMA,
    LOCATOR_SCHEMA,
    SLUG_EXPRESSION,
    Schema,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    text_schema,
)
from failure_lessons.vocabularies.choices import Phase, ReadAs, ReadExtent

READING_SCHEMAS: dict[str, Schema] = {  # whose words a citation quotes, and how they were read
    "speaker": text_schema("Whose words these are, where they are not the author's.", 200, optional=True),
    "read_as": code_schema(ReadAs),
    "read_extent": code_schema(ReadExtent),
    "read_on": text_schema("Day on which it was read, in EDTF.", 40, optional=True),
}
SOURCE_SCHEMA = object_schema(
    "A citation.",
    "ref",
    ref=KEY_SCHEMA,
    locator=LOCATOR_SCHEMA,
    quotation=text_schema("Word for word, at most forty words.", 500, optional=True),
    **READING_SCHEMAS,
)
LOOKED_FOR_SCHEMA = list_schema(
    object_schema(
        "A researcher's word that a theme was looked for in a phase and not found.",
        "phase theme how",
        phase=code_schema(Phase),
        theme=pattern_schema(SLUG_EXPRESSION, "Slug of a theme, from themes.json."),
        how=text_schema("Which search, or what was read from end to end.", 2000),
    ),
    "What was looked for and not found.",
)
