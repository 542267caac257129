"""The fields of organisations, case studies and comparisons, in the order of their documents."""

from __future__ import annotations

from collections.abc import Callable

from casestudies.sections import PHASE_SECTIONS, CaseSection
from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field, describe_object
from failure_lessons.publishing.responsibility import RESPONSIBILITY
from failure_lessons.publishing.schemas import (
    EDTF_SCHEMA,
    FINDING_CODE_SCHEMA,
    KEY_SCHEMA,
    LOCATOR_SCHEMA,
    OPTIONAL_EDTF_SCHEMA,
    SLUG_EXPRESSION,
    SLUG_SCHEMA,
    SOURCES_SCHEMA,
    TITLE_SCHEMA,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    ref_schema,
    term_schema,
    text_schema,
)
from failure_lessons.types import Document, JSONArray
from failure_lessons.vocabularies.choices import (
    ActorRole,
    Better,
    EventPhase,
    Sector,
    TeamVocabulary,
    list_codes,
)
from failure_lessons.vocabularies.fields import labels_field
from literature.citation_schemas import LOOKED_FOR_SCHEMA, READING_SCHEMAS
from literature.fields import CITED

Content = Document

TABLE_OF_ITS_OWN = "A table of its own: no use in a cell. The documents have it."
SCORES = object_schema(
    "A score.",
    "score reason",
    score={"type": "number", "minimum": 0, "maximum": 1, "description": "One of the anchors."},
    reason=text_schema("Why.", 2000),
    findings=list_schema(FINDING_CODE_SCHEMA, "What it rests on."),
)
CONDITION_SCHEMA = object_schema(
    "A condition, or the outcome.",
    "key label definition anchors",
    key=pattern_schema(r"^[a-z][a-z0-9_]*$", "Lower case with underscores: it names a column in R."),
    label=text_schema("What readers see.", 100),
    definition=text_schema("What is judged.", 2000),
    anchors={
        "type": "object",
        "description": "What each score means.",
        "propertyNames": {"pattern": r"^(0|1|0\.[0-9]{1,2})$"},
        "additionalProperties": text_schema("The words of the anchor.", 1000),
    },
)
EVENT_SCHEMA = object_schema(
    "Something dated.",
    "date phase title sources",
    date=EDTF_SCHEMA,
    phase=code_schema(EventPhase),
    title=text_schema("What happened.", 200),
    description=text_schema("More about it.", optional=True),
    sources=SOURCES_SCHEMA,
)
ACTOR_SCHEMA = object_schema(
    "A body or group.",
    "name role",
    name=text_schema("Its name.", 200),
    role=code_schema(ActorRole),
    part_played=text_schema("What it did.", optional=True),
    organisation=pattern_schema(SLUG_EXPRESSION, "Slug of one of the organisations."),
    sources=SOURCES_SCHEMA,
)
INTERVENTION_SCHEMA = object_schema(
    "Something done about it.",
    "kind title sources",
    kind=term_schema(TeamVocabulary.INTERVENTION, "What was done about a failure."),
    title=text_schema("What was done.", 200),
    description=text_schema("More about it.", optional=True),
    start=OPTIONAL_EDTF_SCHEMA,
    end=OPTIONAL_EDTF_SCHEMA,
    led_by=text_schema("By whom.", 200, optional=True),
    effect=text_schema("What followed.", optional=True),
    sources=SOURCES_SCHEMA,
)
INDICATOR_SCHEMA = object_schema(
    "A measured quantity.",
    "name unit better values sources",
    name=text_schema("Its name.", 200),
    unit=text_schema("Its unit.", 100),
    definition=text_schema("What is measured.", optional=True),
    better=code_schema(Better),
    comparator=text_schema("What the figures are compared with, such as England.", 200, optional=True),
    sources=SOURCES_SCHEMA,
    values=list_schema(
        object_schema(
            "One figure.",
            "period value",
            period=text_schema("As the source gives it.", 30),
            value={"type": "number", "minimum": -(10**13), "maximum": 10**13, "description": "The figure."},
            comparator={
                "type": ["number", "null"],
                "minimum": -(10**13),
                "maximum": 10**13,
                "description": "The same figure of what the series is compared with.",
            },
            note=text_schema("What to know about it.", optional=True),
            sources=SOURCES_SCHEMA,
        ),
        "The series, in order.",
    ),
)
QUOTE_SCHEMA = object_schema(
    "Somebody's very words.",
    "text ref",
    text=text_schema("At most forty words.", 500),
    speaker_role=text_schema("Who speaks, by role.", 200, optional=True),
    ref=KEY_SCHEMA,
    locator=LOCATOR_SCHEMA,
    **{name: schema for name, schema in READING_SCHEMAS.items() if name != "speaker"},
)


def member_of_each(path: str, name: str) -> Callable[[Content], JSONArray]:
    """One member of every object in a list."""
    return lambda content: [each[name] for each in content.get(path, []) if each.get(name)]


def identifier_pairs(content: Content) -> list[str]:
    """Identifiers of an organisation, each with its scheme."""
    return [f"{scheme}:{code}" for scheme, code in content.get("identifiers", {}).items()]


WITH_THE_OTHERS = "One column has all identifiers."

ORGANISATION_FIELDS = (
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("name", text_schema("Its name.", 200), required=True, column=Column("Name", 50), role="title"),
    Field(
        "type", text_schema("What it is, in plain words.", 100), required=True, column=Column("Type"), role="summary"
    ),
    Field("place", text_schema("Where it is.", 200, optional=True), column=Column("Place"), role="summary"),
    Field(
        "identifiers",
        description="Identifiers.",
        column=Column("Identifiers", 30, identifier_pairs),
        members=(
            Field(
                "urn",
                pattern_schema(r"^[1-9][0-9]{5}$", "Unique reference number of a school: six digits."),
                column=WITH_THE_OTHERS,
            ),
            Field(
                "ods",
                pattern_schema(r"^[A-Z0-9]{3,10}$", "ODS code of an NHS body: three to ten capitals and digits."),
                column=WITH_THE_OTHERS,
            ),
            Field(
                "ror",
                pattern_schema(r"^0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}$", "ROR: nine characters, from 0."),
                column=WITH_THE_OTHERS,
            ),
        ),
    ),
)

SUCCESSION_SCHEMA = object_schema(
    "To whom its duties passed.",
    "body",
    body=pattern_schema(SLUG_EXPRESSION, "Slug of the organisation that follows it."),
    date=OPTIONAL_EDTF_SCHEMA,
    note=text_schema("What to know about it.", 2000, optional=True),
    sources={
        **list_schema(
            object_schema(
                "A citation.",
                "ref",
                ref=KEY_SCHEMA,
                locator=LOCATOR_SCHEMA,
                quotation=text_schema("Word for word, at most forty words.", 500, optional=True),
            ),
            "The reference it rests on: one, or none.",
        ),
        "maxItems": 1,
    },
)
MEMBERSHIP_SCHEMA = object_schema(
    "A body of the class.",
    "body",
    body=pattern_schema(SLUG_EXPRESSION, "Slug of an organisation."),
    start=OPTIONAL_EDTF_SCHEMA,
    end=OPTIONAL_EDTF_SCHEMA,
)
# What the file of organisations says beside what a case study says of one.
BODY_FIELDS = (
    *ORGANISATION_FIELDS,
    Field(
        "is_class",
        {"type": "boolean", "description": "Not one body but a class of them, such as integrated care boards."},
        attribute=None,
        column=Column("A class of bodies", 12),
    ),
    Field(
        "former_names",
        list_schema(text_schema("A name.", 200), "What it was called before."),
        column=Column("Former names", 30),
    ),
    Field(
        "existed",
        description="From when to when it existed.",
        members=(
            Field("start", OPTIONAL_EDTF_SCHEMA, attribute="start_edtf", column=Column("Existed from", 12)),
            Field("end", OPTIONAL_EDTF_SCHEMA, attribute="end_edtf", column=Column("Existed to", 12)),
        ),
    ),
    Field("note", text_schema("What to know of it.", 2000, optional=True), column=Column("Note", LONG)),
    Field(
        "successors",
        list_schema(SUCCESSION_SCHEMA, "Bodies to which its duties passed."),
        attribute=None,
        column=Column("Successors", 30, member_of_each("successors", "body")),
    ),
    Field(
        "members",
        list_schema(MEMBERSHIP_SCHEMA, "The bodies of a class, where they are listed."),
        attribute=None,
        column=Column("Members", 30, member_of_each("members", "body")),
    ),
)
BODY_DERIVED = (
    Field(
        "names",
        {
            "type": "object",
            "description": "The names of the organisations it points to, by slug.",
            "additionalProperties": {"type": "string"},
        },
        column="The columns of successors and members name them by slug.",
    ),
)

CASE_FIELDS = (
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("title", TITLE_SCHEMA, required=True, column=Column("Title", 50)),
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
        "organisations",
        list_schema(
            describe_object("An organisation.", ORGANISATION_FIELDS),
            "Organisations the case is about.",
        ),
        attribute=None,
        column=Column("Organisations", 40, member_of_each("organisations", "name")),
    ),
    Field(
        "period",
        description="When.",
        required=True,
        members=(
            Field("start", EDTF_SCHEMA, required=True, attribute="start_edtf", column=Column("Start", 12)),
            Field("end", OPTIONAL_EDTF_SCHEMA, attribute="end_edtf", column=Column("End", 12)),
        ),
    ),
    Field(
        "failure_types",
        list_schema(term_schema(TeamVocabulary.FAILURE_TYPE, "What failed."), "What failed.", 1),
        required=True,
        column=Column("Types of failure", 30),
        term="failure-type",
        vocabulary=TeamVocabulary.FAILURE_TYPE,
        label="What failed",
    ),
    Field(
        "summary",
        text_schema("What happened, in one paragraph."),
        required=True,
        attribute=None,
        column=Column("Summary", LONG),
    ),
    Field(
        "context",
        text_schema("Where it happened.", optional=True),
        attribute=None,
        column="Pages of text: the table has the summary.",
    ),
    Field(
        "phases",
        object_schema(
            "The narrative.",
            "",
            **{str(part): text_schema(f"Narrative: {part.label.lower()}.", optional=True) for part in PHASE_SECTIONS},
        ),
        attribute=None,
        column="Pages of text: the table has the summary.",
    ),
    Field(
        "in_short",
        object_schema(
            "One sentence a phase, and one for the outcome: what a reader must know who reads nothing else.",
            "",
            **{
                str(part): text_schema(f"In one sentence: {part.label.lower()}.", 300, optional=True)
                for part in PHASE_SECTIONS
            },
        ),
        attribute=None,
        column=tuple(Column(f"{part.label} in short", 40, f"in_short.{part}") for part in PHASE_SECTIONS),
    ),
    Field(
        "selection_rationale",
        text_schema("Why this case was chosen.", optional=True),
        attribute=None,
        column=Column("Why this case", LONG),
    ),
    Field("events", list_schema(EVENT_SCHEMA, "The timeline, in order."), attribute=None, column=TABLE_OF_ITS_OWN),
    Field("actors", list_schema(ACTOR_SCHEMA, "Actors, in order."), attribute=None, column=TABLE_OF_ITS_OWN),
    Field(
        "interventions",
        list_schema(INTERVENTION_SCHEMA, "Interventions, in order."),
        attribute=None,
        column=Column("Interventions", LONG, member_of_each("interventions", "title")),
    ),
    Field(
        "indicators", list_schema(INDICATOR_SCHEMA, "Indicators, in order."), attribute=None, column=TABLE_OF_ITS_OWN
    ),
    Field("quotes", list_schema(QUOTE_SCHEMA, "Quotations."), attribute=None, column=TABLE_OF_ITS_OWN),
    Field(
        "text_sources",
        {
            "type": "object",
            "description": "The sources behind each narrative.",
            "properties": dict.fromkeys(list_codes(CaseSection), SOURCES_SCHEMA),
            "additionalProperties": False,
        },
        attribute=None,
        column=TABLE_OF_ITS_OWN,
    ),
    Field(
        "looked_for",
        LOOKED_FOR_SCHEMA,
        attribute=None,
        column="Triples of phase, theme and way of looking: no use in a cell. The documents have them.",
    ),
    Field(
        "findings",
        list_schema(ref_schema("finding"), "What the case shows."),
        required=True,
        attribute=None,
        column=Column("Findings", 30),
    ),
    RESPONSIBILITY,
)
CASE_DERIVED = (labels_field(TeamVocabulary.FAILURE_TYPE, TeamVocabulary.INTERVENTION), CITED)
CASE_COLUMNS = (
    "title sector period.start period.end failure_types organisations summary interventions findings "
    "selection_rationale"
)

COMPARISON_FIELDS = (
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("title", TITLE_SCHEMA, required=True, column=Column("Title", 50)),
    Field(
        "conditions",
        list_schema(ref_schema("condition"), "Conditions, in order.", 1),
        required=True,
        attribute=None,
        column=Column("Conditions", LONG, member_of_each("conditions", "label")),
    ),
    Field(
        "outcome",
        ref_schema("condition"),
        required=True,
        attribute=None,
        column=Column("Outcome", 30, "outcome.label"),
    ),
    Field(
        "cases",
        list_schema(
            object_schema(
                "A case's scores.",
                "case values",
                case=SLUG_SCHEMA,
                values={
                    "type": "object",
                    "description": "Scores by the key of a condition.",
                    "additionalProperties": SCORES,
                },
            ),
            "Cases.",
        ),
        required=True,
        concludes="whole",
        attribute=None,
        column=Column("Cases", LONG, member_of_each("cases", "case")),
    ),
    Field("notes", list_schema(text_schema("A caution.", 5000), "Cautions."), column=Column("Notes", LONG)),
)
