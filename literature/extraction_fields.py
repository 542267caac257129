"""The fields of data extraction in documents of reviews: the form, and what was agreed about each included study."""

from __future__ import annotations

from failure_lessons.publishing.fields import Column, Field
from failure_lessons.publishing.schemas import KEY_SCHEMA, code_schema, list_schema, object_schema, text_schema
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import AnswerKind

LARGEST_ANSWER = 1_000_000_000_000  # of a number, either side of nought
LONGEST_ANSWER = 4000  # characters of a text
ANSWER_MEMBERS = ("choices", "number", "text", "quotation", "locator", "not_reported")


def list_form_labels(review: Document) -> list[str]:
    """What the questions of a review's extraction form are called."""
    return [each["label"] for each in review.get("extraction_form") or []]


EXTRACTION_FORM = Field(
    "extraction_form",
    description="The questions that were put to each included study, in order.",
    each="One question.",
    column=Column("Characteristics recorded", 40, list_form_labels),
    rows=(
        Field(
            "key",
            {**KEY_SCHEMA, "description": "Names the question in `characteristics`.", "maxLength": 60},
            required=True,
        ),
        Field("label", text_schema("What the question is called.", 120), required=True),
        Field("kind", code_schema(AnswerKind), required=True),
        Field("unit", text_schema("Of a number.", 40, optional=True)),
        Field("choices", list_schema(text_schema("One choice.", 200), "What could be chosen, in order.")),
        Field("help", text_schema("How extractors were to decide.", 2000, optional=True)),
        Field(
            "required",
            {"type": "boolean", "description": "Whether every study needs an answer, or `not_reported`."},
            required=True,
        ),
    ),
)
CHARACTERISTICS_FIELD = Field(
    "characteristics",
    list_schema(
        object_schema(
            "One included study.",
            "ref values",
            ref=KEY_SCHEMA,
            values=list_schema(
                object_schema(
                    "One answer, as two people agreed on it.",
                    "field",
                    field={
                        **KEY_SCHEMA,
                        "description": "Key of the question, from `extraction_form`.",
                        "maxLength": 60,
                    },
                    choices=list_schema(text_schema("One choice.", 200), "What was chosen."),
                    number={
                        "type": ["number", "null"],
                        "minimum": -LARGEST_ANSWER,
                        "maximum": LARGEST_ANSWER,
                        "description": "In the unit of the question.",
                    },
                    text=text_schema("The answer in words, or a note beside it.", LONGEST_ANSWER, optional=True),
                    quotation=text_schema("Word for word, at most forty words.", 500, optional=True),
                    locator=text_schema("Where in the study the words stand.", 200, optional=True),
                    not_reported={"type": "boolean", "description": "Whether the study does not say."},
                ),
                "The answers, in the order of the questions.",
            ),
        ),
        "What was read out of each included study by two people, in the order of the studies.",
    ),
    attribute=None,
    concludes="values",
    column="A table of its own: `characteristics.csv` and `.xlsx` of each review, and of all, hold it.",
)
