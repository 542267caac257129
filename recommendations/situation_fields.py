"""The fields of situations, in the order of their documents."""

from __future__ import annotations

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.responsibility import RESPONSIBILITY
from failure_lessons.publishing.schemas import (
    SLUG_SCHEMA,
    TITLE_SCHEMA,
    code_schema,
    list_schema,
    pattern_schema,
    text_schema,
)
from failure_lessons.vocabularies.choices import Audience, ConfidenceLevel
from literature.fields import CITED

THEMES_OF_GROUNDS_SCHEMA = {"type": "array", "items": {"type": "string"}, "description": "Themes of what it rests on."}
AUDIENCES_LIST_SCHEMA = list_schema(code_schema(Audience), "Whom its recommendations address.")

SITUATION_FIELDS = (
    Field(
        "code",
        pattern_schema(r"^[A-Z]+[0-9]+$", "Code of a situation, such as SIT4."),
        required=True,
        column=Column("Code", 10),
    ),
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("title", TITLE_SCHEMA, required=True, column=Column("Situation", 40), role="title", concludes="whole"),
    Field(
        "question",
        text_schema("What a reader in this situation asks.", 300),
        required=True,
        concludes="whole",
        column=Column("Question", 50),
    ),
    Field(
        "answer",
        text_schema("The short answer, with the codes of what it rests on.", 2000),
        required=True,
        concludes="whole",
        column=Column("Short answer", LONG),
        role="summary",
    ),
    Field(
        "confidence",
        code_schema(ConfidenceLevel),
        required=True,
        concludes="whole",
        column=Column("How sure", 12),
        term="confidence",
        vocabulary=ConfidenceLevel,
        label="How sure we are",
    ),
    Field(
        "confidence_reason",
        text_schema("Why no surer, and why no less sure.", 2000),
        required=True,
        column=Column("Why this sure", LONG),
    ),
    Field(
        "counter_evidence",
        text_schema("What speaks against the answer.", 5000),
        required=True,
        column=Column("What speaks against it", LONG),
    ),
    Field(
        "steps",
        list_schema(text_schema("A step.", 1000), "What to do on Monday."),
        required=True,
        column=Column("What to do on Monday", LONG),
    ),
    Field(
        "recommendations",
        list_schema(pattern_schema(r"^[A-Z]+[0-9]+$", "Code of a recommendation."), "Recommendations it rests on."),
        attribute=None,
        column=Column("Recommendations", 18),
    ),
    Field(
        "lessons",
        list_schema(pattern_schema(r"^[A-Z]+[0-9]+$", "Code of a lesson."), "Lessons it rests on."),
        attribute=None,
        column=Column("Lessons", 18),
    ),
    Field(
        "words",
        list_schema(text_schema("A word or phrase.", 100), "Words that readers use for it."),
        column=Column("Words for it", 30),
    ),
    RESPONSIBILITY,
)
SITUATION_DERIVED = (
    Field(
        "audiences",
        AUDIENCES_LIST_SCHEMA,
        column=Column("Audience", 30),
        term="audience",
        vocabulary=Audience,
        label="Who it is for",
    ),
    Field(
        "themes",
        THEMES_OF_GROUNDS_SCHEMA,
        column=Column("Themes", 30),
        term="theme",
        vocabulary="theme",
        label="Theme",
    ),
    CITED,
)
SITUATION_COLUMNS = "code title question answer confidence confidence_reason counter_evidence steps"
