"""The fields of recommendations and consultation templates, in the order of their documents."""

from __future__ import annotations

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.responsibility import RESPONSIBILITY
from failure_lessons.publishing.schemas import (
    EDTF_SCHEMA,
    OPTIONAL_EDTF_SCHEMA,
    SECTORS_SCHEMA,
    SLUG_SCHEMA,
    SOURCES_SCHEMA,
    TITLE_SCHEMA,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    term_schema,
    text_schema,
)
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import (
    Audience,
    ConfidenceLevel,
    CostLevel,
    Level,
    Phase,
    QualityCheck,
    RecommendationKind,
    RelationType,
    Sector,
    Strength,
    TeamVocabulary,
    Wording,
)
from failure_lessons.vocabularies.fields import labels_field
from literature.fields import CITED

Content = Document

THEMES_LIST_SCHEMA = {"type": "array", "items": {"type": "string"}, "description": "Themes of its lessons."}
RELATION_SCHEMA = object_schema(
    "A relation to another recommendation, stated once a pair.",
    "type to",
    type=code_schema(RelationType),
    to=pattern_schema(r"^[A-Z]+[0-9]+$", "Code of the other."),
    note=text_schema("How they relate.", 2000, optional=True),
)
RELATED_FROM_SCHEMA = object_schema(
    "A relation that another recommendation states.",
    "type from",
    type={"type": "string"},
    note=text_schema("How they relate.", 2000),
    **{"from": {"type": "string"}},
)
POLICY_CONTEXT_SCHEMA = object_schema(
    "What stands around it as of a day.",
    "as_of",
    as_of=EDTF_SCHEMA | {"description": "EDTF date of the newest source that was seen, not the day of writing."},
    exists_already=text_schema("What exists already.", 5000, optional=True),
    what_this_adds=text_schema("What the recommendation would add to it.", 5000, optional=True),
    who_holds_the_power=text_schema("Who could do it.", 5000, optional=True),
    what_may_change=text_schema("What may change.", 5000, optional=True),
    review_by=OPTIONAL_EDTF_SCHEMA | {"description": "EDTF date by which it should be looked at again."},
    citations=SOURCES_SCHEMA,
)


def related_codes(content: Content) -> list[str]:
    """The relations that a recommendation states, each as its type and the code of the other."""
    return [f"{each['type']} {each['to']}" for each in content.get("relations", [])]


RECOMMENDATION_FIELDS = (
    Field(
        "code",
        pattern_schema(r"^[A-Z]+[0-9]+$", "Code of a recommendation, such as R4."),
        required=True,
        column=Column("Code", 10),
    ),
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("title", TITLE_SCHEMA, required=True, column=Column("Title", 50), role="title", concludes="whole"),
    Field(
        "statement",
        text_schema("Who should do what.", 2000),
        required=True,
        concludes="whole",
        column=Column("Statement", LONG),
        role="summary",
    ),
    Field(
        "plain_summary",
        text_schema("The same in short sentences and everyday words.", 700, optional=True),
        column=Column("In plain words", LONG),
    ),
    Field(
        "short_form",
        description="What fits on a page of three: the first page of a brief is made of it.",
        members=(
            Field(
                "question",
                text_schema("The question that it answers.", 110, optional=True),
                attribute="short_question",
                column=Column("Question", 40),
            ),
            Field(
                "action",
                text_schema("What to do.", 160, optional=True),
                attribute="short_action",
                column=Column("Action in short", 40),
            ),
            Field(
                "steps",
                {**list_schema(text_schema("A step.", 80), "The steps."), "maxItems": 4},
                attribute="short_steps",
                column=Column("Steps in short", 40),
            ),
            Field(
                "sureness",
                text_schema("How sure, and why.", 180, optional=True),
                attribute="short_sureness",
                column=Column("How sure in short", 40),
            ),
            Field(
                "against",
                text_schema("What speaks against it.", 180, optional=True),
                attribute="short_against",
                column=Column("Against in short", 40),
            ),
        ),
    ),
    Field("rationale", text_schema("Why.", optional=True), column=Column("Rationale", LONG)),
    Field("actions", list_schema(text_schema("A step.", 1000), "Steps."), column=Column("Actions", LONG)),
    Field(
        "audiences",
        list_schema(code_schema(Audience), "Whom it addresses."),
        required=True,
        column=Column("Audience", 30),
        term="audience",
        vocabulary=Audience,
        label="Who it is for",
    ),
    Field(
        "level",
        code_schema(Level),
        required=True,
        column=Column("Level", 10),
        term="level",
        vocabulary=Level,
        label="Level",
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
        "failure_types",
        list_schema(term_schema(TeamVocabulary.FAILURE_TYPE, "What failed."), "What it is about."),
        column=Column("Types of failure", 24),
        term="failure-type",
        vocabulary=TeamVocabulary.FAILURE_TYPE,
        label="What is failing",
    ),
    Field("owner", text_schema("The body or post that must act.", 200), required=True, column=Column("Owner", 30)),
    Field(
        "timescale",
        description="By when.",
        required=True,
        members=(
            Field(
                "label",
                text_schema("In words.", 200),
                required=True,
                attribute="timescale_label",
                column=Column("Timescale"),
            ),
            Field(
                "months",
                {"type": ["integer", "null"], "minimum": 0, "maximum": 600, "description": "Months."},
                attribute="timescale_months",
                column=Column("Timescale in months", 10),
            ),
        ),
    ),
    Field(
        "measures",
        list_schema(text_schema("A measure.", 1000), "How we would know that it worked."),
        column=Column("Measures", LONG),
    ),
    Field("resources", text_schema("What it takes, in words.", optional=True), column=Column("Resources", 40)),
    Field(
        "cost",
        code_schema(CostLevel),
        column=Column("Cost"),
        term="cost",
        vocabulary=CostLevel,
        label="Cost",
    ),
    Field(
        "worse_off",
        text_schema("Who could be worse off.", 2000, optional=True),
        column=Column("Who could be worse off", 40),
    ),
    Field("conditions", text_schema("What has to be in place.", optional=True), column=Column("Conditions", 40)),
    Field("risks", text_schema("What may go wrong.", optional=True), column=Column("Risks", 40)),
    Field(
        "counter_evidence",
        text_schema("What speaks against it.", optional=True),
        column=Column("What speaks against it", LONG),
    ),
    Field(
        "lessons",
        list_schema(pattern_schema(r"^[A-Z]+[0-9]+$", "Code of a lesson."), "The lessons it rests on."),
        required=True,
        attribute=None,
        column=Column("Lessons", 12),
    ),
    Field(
        "strength",
        code_schema(Strength),
        required=True,
        concludes="whole",
        column=Column("Strength", 12),
        term="strength",
        vocabulary=Strength,
        label="Strength",
    ),
    Field(
        "strength_reason",
        text_schema("Why this strength.", 2000, optional=True),
        column=Column("Why this strength", LONG),
    ),
    Field(
        "confidence",
        code_schema(ConfidenceLevel),
        required=True,
        concludes="whole",
        column=Column("Confidence", 12),
        term="confidence",
        vocabulary=ConfidenceLevel,
        label="Confidence",
    ),
    Field(
        "action_kind",  # `kind` already says what sort of record a document is
        code_schema(RecommendationKind),
        required=True,
        attribute="kind",
        column=Column("Kind of action"),
        term="action-kind",
        vocabulary=RecommendationKind,
        label="Type of action",
    ),
    Field(
        "wording",
        code_schema(Wording),
        required=True,
        concludes="whole",
        column=Column("Wording", 10),
        term="wording",
        vocabulary=Wording,
        label="Wording",
    ),
    Field(
        "relations",
        list_schema(RELATION_SCHEMA, "Relations."),
        attribute=None,
        column=Column("Related", 24, related_codes),
    ),
    Field(
        "policy_context",
        POLICY_CONTEXT_SCHEMA,
        attribute=None,
        column=(
            Column("What exists already", LONG, "policy_context.exists_already"),
            Column("What this adds", LONG, "policy_context.what_this_adds"),
            Column("Who holds the power", LONG, "policy_context.who_holds_the_power"),
            Column("What may change", LONG, "policy_context.what_may_change"),
            Column("Policy as of", 12, "policy_context.as_of"),
            Column("Review by", 12, "policy_context.review_by"),
        ),
    ),
    Field(
        "departures",
        description="Departures from what good practice asks of recommendations, each with its reason.",
        each="Why the recommendation departs from what good practice asks. In the order of check and words found.",
        column="An argument of several sentences for each word found: no use in a cell. The documents have them.",
        rows=(
            Field("check", code_schema(QualityCheck), required=True, attribute="check_code"),
            Field("found", text_schema("What the check found, with the words it is about.", 500), required=True),
            Field("reason", text_schema("Why it stays so.", 2000), required=True),
        ),
    ),
    RESPONSIBILITY,
)
RECOMMENDATION_DERIVED = (
    Field(
        "themes",
        THEMES_LIST_SCHEMA,
        column=Column("Themes", 30),
        term="theme",
        vocabulary="theme",
        label="Theme",
    ),
    Field(
        "sectors",
        SECTORS_SCHEMA,
        column=Column("Evidence from", 24),
        term="sector",
        vocabulary=Sector,
        label="Sector of the evidence",
    ),
    Field(
        "related_from",
        list_schema(RELATED_FROM_SCHEMA, "Relations stated elsewhere."),
        column="The row of the other recommendation has it.",
    ),
    Field(
        "plain_summary_reading_age",
        {
            "type": ["integer", "null"],
            "description": "Years of age at which the plain summary can be read, by the Automated Readability Index.",
        },
        column=Column("Reading age of the plain summary", 12),
    ),
    Field(
        "statement_reading_age",
        {
            "type": ["integer", "null"],
            "description": "Years of age at which the statement can be read, by the Automated Readability Index.",
        },
        column=Column("Reading age of the statement", 12),
    ),
    labels_field(TeamVocabulary.FAILURE_TYPE),
    CITED,
)
RECOMMENDATION_COLUMNS = (
    "code title statement wording strength confidence phase level audiences owner timescale.label timescale.months "
    "action_kind failure_types derived.themes derived.sectors lessons rationale actions measures resources conditions "
    "risks counter_evidence relations"
)

CONSULTATION_FIELDS = (
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("title", TITLE_SCHEMA, required=True, column=Column("Title", 50), role="title"),
    Field("status", text_schema("What has and has not taken place.", 2000), required=True, column=Column("Status", 30)),
    Field("purpose", text_schema("What for.", 5000), required=True, column=Column("Purpose", LONG), role="summary"),
    Field(
        "stakeholder_groups",
        description="Whom to invite.",
        column="Pairs of sector and role: no use in a cell. The documents have them.",
        rows=(
            Field("sector", text_schema("Of which sector.", 30), required=True),
            Field("role", text_schema("In which role.", 200), required=True),
        ),
    ),
    Field(
        "questions",
        list_schema(text_schema("A question.", 1000), "What to ask."),
        required=True,
        column=Column("Questions", LONG),
    ),
    Field("rating_scale", text_schema("How to rate.", 5000), required=True, column=Column("Rating scale", 30)),
)
