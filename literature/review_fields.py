"""The fields of literature reviews, in the order of the package format."""

from __future__ import annotations

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.responsibility import RESPONSIBILITY
from failure_lessons.publishing.schemas import (
    COUNT_SCHEMA,
    EDTF_SCHEMA,
    KEY_SCHEMA,
    NAME_KEYWORD,
    SLUG_SCHEMA,
    SOURCES_SCHEMA,
    TITLE_SCHEMA,
    code_schema,
    list_schema,
    object_schema,
    ref_schema,
    term_schema,
    text_schema,
)
from failure_lessons.vocabularies.choices import (
    AppraisalJudgement,
    ReviewType,
    ScreeningDecision,
    ScreeningStage,
    Sector,
    TeamVocabulary,
)
from failure_lessons.vocabularies.fields import labels_field
from literature.citation_schemas import LOOKED_FOR_SCHEMA
from literature.extraction_fields import CHARACTERISTICS_FIELD, EXTRACTION_FORM
from literature.fields import CITED

REVIEW_FIELDS = (
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("title", TITLE_SCHEMA, required=True, column=Column("Title", 50)),
    Field("question", text_schema("The question it answers.", 2000), required=True, column=Column("Question", LONG)),
    Field(
        "review_type",
        code_schema(ReviewType),
        required=True,
        column=Column("Type of review"),
        term="review-type",
        vocabulary=ReviewType,
        label="Type of review",
    ),
    Field(
        "framework",
        term_schema(TeamVocabulary.FRAMEWORK, "Framework of the question."),
        column=Column("Framework", 10),
    ),
    Field(
        "framework_elements",
        {
            "type": "object",
            "additionalProperties": text_schema("One element of the framework.", 2000),
            "description": "The framework's elements by name, such as setting.",
        },
        column="Its members differ from framework to framework: no use in a cell.",
    ),
    Field(
        "sector",
        code_schema(Sector),
        required=True,
        column=Column("Sector"),
        term="sector",
        vocabulary=Sector,
        label="Sector",
    ),
    Field(
        "search",
        description="Searches, in order.",
        each="One query put to one source.",
        attribute="searches",
        column="A table of its own: no use in a cell. The flow that it gives has columns.",
        rows=(
            Field("source", text_schema("What was searched.", 300), required=True),
            Field("platform", text_schema("Through what.", 300, optional=True)),
            Field("query", text_schema("The words of the query.", 5000), required=True),
            Field("date_run", EDTF_SCHEMA, required=True),
            Field(
                "records_found",
                {"type": "integer", "minimum": 0, "maximum": 2_000_000_000, "description": "Number of records."},
                required=True,
            ),
        ),
    ),
    Field(
        "eligibility",
        object_schema(
            "Rules.",
            "",
            include=list_schema(text_schema("A rule.", 1000), "Include when."),
            exclude=list_schema(text_schema("A rule.", 1000), "Exclude when."),
        ),
        attribute=None,
        column="Two lists of rules: no use in a cell. The documents have them.",
    ),
    Field(
        "screening",
        list_schema(
            object_schema(
                "A decision on one record at one stage.",
                "ref stage decision reason",
                ref=KEY_SCHEMA,
                stage=code_schema(ScreeningStage),
                decision=code_schema(ScreeningDecision),
                reason=text_schema("Why.", 1000),
            ),
            "Screening decisions, in order.",
        ),
        attribute=None,
        column="A table of its own: no use in a cell. The flow that it gives has columns.",
    ),
    Field(
        "screening_under_way",
        object_schema(
            "What was not decided yet while screening went on; left out once it is done.",
            "",
            records={
                "type": "integer",
                "minimum": 0,
                "maximum": 2_000_000_000,
                "description": "Number of records found that were not yet screened.",
            },
            reports=list_schema(
                KEY_SCHEMA, "Records kept on title and abstract whose full text was not yet assessed, by key."
            ),
        ),
        attribute=None,
        column="Working numbers: no use in a cell. The flow has them.",
    ),
    Field(
        "appraisal",
        list_schema(
            object_schema(
                "A judgement on one study.",
                "ref tool judgement",
                ref=KEY_SCHEMA,
                tool=term_schema(
                    TeamVocabulary.APPRAISAL_TOOL, "Published checklist with which a study was appraised."
                ),
                judgement=code_schema(AppraisalJudgement),
                note=text_schema("Why.", 1000, optional=True),
            ),
            "Appraisals, in order.",
        ),
        attribute=None,
        concludes="judgement",
        column="A table of its own: no use in a cell. The documents have it.",
    ),
    EXTRACTION_FORM,
    CHARACTERISTICS_FIELD,
    Field(
        "synthesis",
        text_schema("What the studies say together.", optional=True),
        column=Column("Synthesis", LONG),
        concludes="whole",
    ),
    Field(
        "synthesis_sources",
        SOURCES_SCHEMA,
        attribute=None,
        column="A table of its own: no use in a cell. The documents have it.",
    ),
    Field(
        "looked_for",
        LOOKED_FOR_SCHEMA,
        attribute=None,
        column="Triples of phase, theme and way of looking: no use in a cell. The documents have them.",
    ),
    Field(
        "search_again_by",
        text_schema("When the searches should be run again, in EDTF.", 40, optional=True),
        column=Column("Search again by", 12),
    ),
    Field(
        "findings",
        list_schema(ref_schema("finding"), "What the review found."),
        required=True,
        attribute=None,
        column=Column("Findings", 30),
    ),
    RESPONSIBILITY,
)
REVIEW_DERIVED = (
    Field(
        "prisma",
        {
            "type": "object",
            "description": "The PRISMA 2020 flow, computed from searches and screening.",
            "properties": {"exclusion_reasons": {"type": "object", "additionalProperties": COUNT_SCHEMA}},
            "additionalProperties": COUNT_SCHEMA,
        },
        column=(
            Column("Records identified", source="derived.prisma.records_identified"),
            Column("Records screened", source="derived.prisma.records_screened"),
            Column("Studies included", source="derived.prisma.studies_included"),
        ),
    ),
    Field(
        "screened_out",
        {
            "type": "object",
            "description": "The records screened and not included, by key. They are no records of the library.",
            "additionalProperties": {
                NAME_KEYWORD: "ScreenedOutWork",
                "type": "object",
                "description": "A CSL-JSON 1.0.2 item, with `licence` beside it.",
                "properties": {name: {"type": "string"} for name in ("id", "type", "title")},
                "required": ["id", "type", "title"],
                "additionalProperties": True,
            },
        },
        column="A table of its own: no use in a cell. The documents have them.",
    ),
    labels_field(TeamVocabulary.FRAMEWORK, TeamVocabulary.APPRAISAL_TOOL),
    CITED,
)
REVIEW_COLUMNS = "title question review_type framework sector derived.prisma findings synthesis"
