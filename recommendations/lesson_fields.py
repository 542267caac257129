"""The fields of lessons and consultation templates, in the order of their documents."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.responsibility import RESPONSIBILITY
from failure_lessons.publishing.schemas import (
    FINDING_CODE_SCHEMA,
    SECTORS_SCHEMA,
    SLUG_SCHEMA,
    THEMES_SCHEMA,
    TITLE_SCHEMA,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    ref_schema,
    text_schema,
)
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import (
    ConfidenceLevel,
    EvidenceRelation,
    Phase,
    Sector,
)
from literature.fields import CITED

CASES_LIST_SCHEMA = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Slugs of the cases it draws on.",
}
EVIDENCE_SCHEMA = object_schema(
    "A finding that bears on it.",
    "finding relation",
    finding=FINDING_CODE_SCHEMA,
    relation=code_schema(EvidenceRelation),
    note=text_schema("How it bears on it.", 2000, optional=True),
)


def findings_relating(name: str) -> Callable[[Document], list[str]]:
    """Codes of the findings that bear on a lesson in this way."""
    return lambda content: [each["finding"] for each in content.get("evidence", []) if each["relation"] == name]


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
        description=f"Transfer to {settings.SITE.service}.",
        members=(
            Field(
                "alike",
                text_schema("What is alike.", optional=True),
                attribute="transfer_alike",
                column=Column(f"How {settings.SITE.service} is alike", LONG),
            ),
            Field(
                "differs",
                text_schema("What differs.", optional=True),
                attribute="transfer_differs",
                column=Column(f"How {settings.SITE.service} differs", LONG),
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
    RESPONSIBILITY,
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
