"""The fields of lessons, recommendations and consultation templates, in the order of their documents."""

from __future__ import annotations

from collections.abc import Callable

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.schemas import (
    EDTF_SCHEMA,
    FINDING_CODE_SCHEMA,
    OPTIONAL_EDTF_SCHEMA,
    SECTORS_SCHEMA,
    SLUG_SCHEMA,
    SOURCES_SCHEMA,
    THEMES_SCHEMA,
    TITLE_SCHEMA,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    ref_schema,
    term_schema,
    text_schema,
)
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import (
    Audience,
    ConfidenceLevel,
    CostLevel,
    EvidenceRelation,
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
CASES_LIST_SCHEMA = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Slugs of the cases it draws on.",
}
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
EVIDENCE_SCHEMA = object_schema(
    "A finding that bears on it.",
    "finding relation",
    finding=FINDING_CODE_SCHEMA,
    relation=code_schema(EvidenceRelation),
    note=text_schema("How it bears on it.", 2000, optional=True),
)


def findings_relating(name: str) -> Callable[[Content], list[str]]:
    """Codes of the findings that bear on a lesson in this way."""
    return lambda content: [each["finding"] for each in content.get("evidence", []) if each["relation"] == name]


def related_codes(content: Content) -> list[str]:
    """The relations that a recommendation states, each as its type and the code of the other."""
    return [f"{each['type']} {each['to']}" for each in content.get("relations", [])]


LESSON_FIELDS = (
    Field(
        "code",
        pattern_schema(r"^[A-Z]+[0-9]+$", "Code of a lesson, such as LS4."),
        required=True,
        column=Column("Code", 10),
    ),
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("title", TITLE_SCHEMA, required=True, column=Column("Title", 50), role="title", concludes="whole"),
    Field(
        "statement",
        text_schema("In one or two sentences.", 2000),
        required=True,
        concludes="whole",
        column=Column("Statement", LONG),
        role="summary",
    ),
    Field("explanation", text_schema("More about it.", optional=True), column=Column("Explanation", LONG)),
    Field(
        "phase",
        code_schema(Phase),
        required=True,
        column=Column("Phase"),
        term="phase",
        vocabulary=Phase,
        label="Phase",
    ),
    Field(
        "themes",
        THEMES_SCHEMA,
        attribute=None,
        column=Column("Themes", 30),
        term="theme",
        vocabulary="theme",
        label="Theme",
    ),
    Field(
        "evidence",
        list_schema(EVIDENCE_SCHEMA, "Evidence for and against."),
        required=True,
        concludes="relation",
        attribute=None,
        column=(
            Column("Findings that support it", 30, findings_relating("supports")),
            Column("Findings that qualify it", 24, findings_relating("qualifies")),
            Column("Findings that contradict it", 24, findings_relating("contradicts")),
        ),
    ),
    Field(
        "transfer",
        description="Transfer to the NHS.",
        members=(
            Field(
                "alike",
                text_schema("What is alike.", optional=True),
                attribute="transfer_alike",
                column=Column("How the NHS is alike", LONG),
            ),
            Field(
                "differs",
                text_schema("What differs.", optional=True),
                attribute="transfer_differs",
                column=Column("How the NHS differs", LONG),
            ),
            Field(
                "would_change_our_view",
                text_schema("What would make us think again.", optional=True),
                attribute="transfer_would_change_our_view",
                column=Column("What would change our view", LONG),
            ),
        ),
    ),
    Field(
        "cerqual",
        ref_schema("cerqual"),
        attribute=None,
        concludes="whole",
        term="confidence",
        term_at="cerqual.overall.level",
        vocabulary=ConfidenceLevel,
        label="Confidence",
        column=(
            Column("Confidence", source="cerqual.overall.level"),
            Column("Why this confidence", 40, "cerqual.overall.reason"),
        ),
    ),
)
LESSON_DERIVED = (
    Field(
        "sectors",
        SECTORS_SCHEMA,
        column=Column("Evidence from", 24),
        term="sector",
        vocabulary=Sector,
        label="Sector of the evidence",
    ),
    Field(
        "cases",
        CASES_LIST_SCHEMA,
        column=Column("Cases", 30),
        term="case",
        vocabulary="case-study",
        label="Case study",
        most=40,
    ),
    CITED,
)
LESSON_COLUMNS = "code title statement phase themes cerqual derived.sectors derived.cases evidence explanation"

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
