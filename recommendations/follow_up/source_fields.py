"""The fields of source recommendations, in the order of their documents."""

from __future__ import annotations

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.schemas import (
    EDTF_SCHEMA,
    SECTORS_SCHEMA,
    SLUG_EXPRESSION,
    SLUG_SCHEMA,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    text_schema,
)
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import Act, Phase, Sector, WordsGiven
from recommendations.follow_up.fields import (
    BODY_SCHEMA,
    CITED_SCHEMA,
    NAMES_FIELD,
    OPTIONAL_DAY_SCHEMA,
    ROLE_SCHEMA,
    names_of,
)


def maker_of(content: Document) -> str:
    """Who made a source recommendation, by name and post."""
    (name,) = names_of(content, [content["made_by"]["body"]])
    return ", ".join(filter(None, [name, content["made_by"].get("role")]))


SOURCE_RECOMMENDATION_FIELDS = (
    Field(
        "code",
        pattern_schema(r"^[A-Z]+[0-9]+$", "Code of a source recommendation, such as S12."),
        required=True,
        column=Column("Code", 10),
    ),
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field(
        "case",
        pattern_schema(SLUG_EXPRESSION, "Slug of the case study in which it stands."),
        attribute=None,
        column=Column("Case", 30),
        term="case",
        vocabulary="case-study",
        label="Case study",
    ),
    Field(
        "review",
        pattern_schema(SLUG_EXPRESSION, "Slug of the literature review in which it stands, if it is no case."),
        attribute=None,
        column=Column("Review", 30),
        term="review",
        vocabulary="literature-review",
        label="Literature review",
    ),
    Field(
        "act",
        code_schema(Act),
        required=True,
        column=Column("What it was"),
        term="act",
        vocabulary=Act,
        label="What it was",
    ),
    Field(
        "made_by",
        object_schema("Who made it.", "body", body=BODY_SCHEMA, role=ROLE_SCHEMA),
        required=True,
        attribute=None,
        column=Column("Made by", 40, maker_of),
        term="made-by",
        term_at="made_by.body",
        vocabulary="organisation",
        label="Made by",
    ),
    Field("made_on", EDTF_SCHEMA, required=True, column=Column("Made on", 12)),
    Field("number", text_schema("Its number in the source.", 20, optional=True), column=Column("Number", 8)),
    Field(
        "words",
        code_schema(WordsGiven),
        required=True,
        column=Column("Words", 12),
        term="words",
        vocabulary=WordsGiven,
        label="Whose words",
    ),
    Field(
        "text",
        text_schema("What was asked for.", 5000),
        required=True,
        column=Column("What was asked", LONG),
        role="title",
    ),
    Field(
        "phase",
        code_schema(Phase),
        required=True,
        column=Column("Phase"),
        term="phase",
        vocabulary=Phase,
        label="Phase of failure",
    ),
    Field(
        "deadline",
        description="By when.",
        members=(
            Field(
                "said",
                text_schema("As the source says it.", 200, optional=True),
                attribute="deadline_said",
                column=Column("Deadline", 20),
            ),
            Field("day", OPTIONAL_DAY_SCHEMA, attribute=None, column=Column("Deadline, as a day", 12)),
        ),
        attribute=None,
    ),
    Field(
        "set",
        object_schema(
            "Where several recommendations are taken together.",
            "",
            size={"type": ["integer", "null"], "minimum": 2, "description": "How many."},
            counts=list_schema(
                object_schema(
                    "How many had one outcome.",
                    "label count",
                    label=text_schema("The outcome, as the source says it.", 60),
                    count={"type": "integer", "minimum": 0, "description": "How many."},
                ),
                "Outcomes.",
            ),
            note=text_schema("What to know of it.", 300, optional=True),
        ),
        attribute=None,
        column="Counts of several: no use in a cell. The documents have them.",
    ),
    Field("sources", CITED_SCHEMA, required=True, attribute=None, column="The documents have them, with the words."),
)
SOURCE_RECOMMENDATION_DERIVED = (
    Field("title", text_schema("A short title."), column="It is the beginning of what was asked."),
    Field(
        "sectors",
        SECTORS_SCHEMA,
        column=Column("Sector", 18),
        term="sector",
        vocabulary=Sector,
        label="Sector",
    ),
    NAMES_FIELD,
)
SOURCE_RECOMMENDATION_COLUMNS = (
    "code text made_by made_on act words number phase deadline.said deadline.day case review"
)
