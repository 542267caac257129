"""The fields of themes, in the order of their documents, and what documents tell of the terms that they use."""

from __future__ import annotations

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.schemas import SLUG_SCHEMA, list_schema, object_schema, text_schema
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import TeamVocabulary

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
    Field(
        "alt_labels",
        list_schema(text_schema("Another word for it.", 80), "Other words that readers use for it (SKOS altLabel)."),
        column=Column("Also called", 40),
        label="Also called",
        role="body",
    ),
)


def labels_field(*vocabularies: TeamVocabulary) -> Field:
    """The derived field with what the terms of a document are called, by vocabulary and code.

    A document keeps the labels that it was published with, whatever a steward calls the terms later.
    """
    labels = {"type": "object", "additionalProperties": {"type": "string"}}
    return Field(
        "labels",
        object_schema(
            "What the terms that it uses were called when it was published, by vocabulary and code.",
            "",
            **{str(each): {**labels, "description": str(each.label)} for each in vocabularies},
        ),
        column=tuple(labels_column(each) for each in vocabularies),
    )


def labels_column(vocabulary: TeamVocabulary) -> Column:
    """The column with the labels of a vocabulary."""

    def list_labels(content: Document) -> list[str]:
        return list(content.get("derived", {}).get("labels", {}).get(vocabulary, {}).values())

    return Column(f"{vocabulary.label} in words", 30, list_labels)
