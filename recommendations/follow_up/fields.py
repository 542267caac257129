"""The fields of source recommendations and of dossiers, in the order of their documents."""

from __future__ import annotations

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.schemas import (
    EDTF_SCHEMA,
    OPTIONAL_EDTF_SCHEMA,
    SECTORS_SCHEMA,
    SLUG_EXPRESSION,
    SLUG_SCHEMA,
    Schema,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    ref_schema,
    term_schema,
    text_schema,
)
from failure_lessons.types import Document, JSONObject
from failure_lessons.vocabularies.choices import (
    AnswerState,
    AssessmentStatus,
    Basis,
    BeforeOrAfter,
    Better,
    ClaimedState,
    Effect,
    FollowedSort,
    Implementation,
    Phase,
    Position,
    Sector,
    TeamVocabulary,
)

BODY_SCHEMA = pattern_schema(SLUG_EXPRESSION, "Slug of an organisation, from organisations.json.")
ROLE_SCHEMA = text_schema("A post in it, never a person.", 200, optional=True)
DAY_SCHEMA = pattern_schema(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "A day, such as 2027-05-31.")
OPTIONAL_DAY_SCHEMA: Schema = {**DAY_SCHEMA, "type": ["string", "null"]}
CITED_SCHEMA = list_schema(ref_schema("source"), "Where it was read: at least one reference.", 1)
IN_LANES = "A lane of the dossier: no use in a cell. The documents have it."
CODE_SCHEMA = pattern_schema(r"^[A-Z]+[0-9]+$", "Code of a recommendation.")
NAMES_FIELD = Field(
    "names",
    {
        "type": "object",
        "description": "The names of the organisations it points to, by slug.",
        "additionalProperties": {"type": "string"},
    },
    column="The other columns name them.",
)


def names_of(content: Document, slugs: list[str]) -> list[str]:
    """What organisations are called in a document."""
    names = content.get("derived", {}).get("names", {})
    return [names.get(slug, slug) for slug in slugs]


def asked_of(content: Document) -> list[str]:
    """Who was asked, by name and post."""
    asked = content.get("addressees", [])
    names = names_of(content, [each["body"] for each in asked])
    return [", ".join(filter(None, [name, each.get("role")])) for name, each in zip(names, asked, strict=True)]


def positions_in(content: Document) -> list[str]:
    """The positions that responses take."""
    return sorted({each["position"] for each in content.get("responses", [])})


def current_assessment(content: Document) -> JSONObject:
    """The assessment that counts, or an empty object."""
    found = (each for each in content.get("assessments", []) if each["status"] == AssessmentStatus.CURRENT)
    return next(found, {})


def provisional_assessment(content: Document) -> JSONObject:
    """One reader's assessment that waits for a second, or an empty object."""
    found = (each for each in content.get("assessments", []) if each["status"] == AssessmentStatus.PROVISIONAL)
    return next(found, {})


def statement_schema(description: str, required: str, /, **properties: Schema) -> Schema:
    """Something that a body said or did on a day, with where it was read."""
    return object_schema(
        description,
        f"body date {required}".strip(),
        **{"body": BODY_SCHEMA, "role": ROLE_SCHEMA, "date": EDTF_SCHEMA, **properties},
    )


ADDRESSEE_SCHEMA = object_schema(
    "A body, or a class of bodies, that was asked or is to be asked.",
    "body",
    body=BODY_SCHEMA,
    role=ROLE_SCHEMA,
    asked=object_schema(
        "When we asked.",
        "day how",
        day=DAY_SCHEMA,
        how=text_schema("How, such as: by letter to the post.", 200),
    ),
    answer_due=object_schema(
        "By when an answer was asked for.",
        "",
        said=text_schema("In words.", 200, optional=True),
        day=OPTIONAL_DAY_SCHEMA,
    ),
    reminders=list_schema(
        object_schema(
            "A further letter.",
            "number day how",
            number={"type": "integer", "minimum": 2, "description": "The second letter is number 2."},
            day=DAY_SCHEMA,
            how=text_schema("How.", 200),
        ),
        "Further letters.",
    ),
)
RESPONSE_SCHEMA = statement_schema(
    "What a body said.",
    "code position says sources",
    code=text_schema("Such as S12-A1.", 20),
    received={**OPTIONAL_DAY_SCHEMA, "description": "The day on which it came, where that is known."},
    position=code_schema(Position),
    says=text_schema("In our words.", 5000),
    sources=CITED_SCHEMA,
)
ACTION_SCHEMA = statement_schema(
    "What a body says that it did, does or will do.",
    "code claimed what sources",
    code=text_schema("Such as S12-D1.", 20),
    claimed=code_schema(ClaimedState),
    what=text_schema("What.", 5000),
    due_dates=list_schema(
        object_schema(
            "By when: the first day that was named, and each to which it was moved.",
            "day",
            day=DAY_SCHEMA,
            said_on=OPTIONAL_EDTF_SCHEMA,
            reason=text_schema("Why it was moved.", 2000, optional=True),
            sources=list_schema(ref_schema("source"), "Where it was read."),
        ),
        "Due dates, the first one first.",
    ),
    sources=CITED_SCHEMA,
)
JUDGEMENT_SCHEMA = statement_schema(
    "What others judged, in their words and on their scale.",
    "says sources",
    says=text_schema("The judgement.", 5000),
    sources=CITED_SCHEMA,
)
ASSESSMENT_SCHEMA = object_schema(
    "What we judge.",
    "status implementation effect basis reason known_to assessed sources",
    status=code_schema(AssessmentStatus),
    implementation=code_schema(Implementation),
    effect=code_schema(Effect),
    basis=list_schema(code_schema(Basis), "What it rests on.", 1),
    reason=text_schema("Why.", 5000),
    overtaken_by=text_schema("What took its place.", 300, optional=True),
    known_to=EDTF_SCHEMA,
    assessed=object_schema("When it was assessed.", "day", day=DAY_SCHEMA),
    look_again_by=OPTIONAL_DAY_SCHEMA,
    sources=CITED_SCHEMA,
)
LOOK_SCHEMA = object_schema(
    "A search for an answer. It says nothing about the body.",
    "day where found",
    day=DAY_SCHEMA,
    where=text_schema("Where we looked.", 300),
    found=text_schema("What we found.", 300),
)
SERIES_SCHEMA = object_schema(
    "An indicator followed over time.",
    "name unit better values",
    measure=text_schema("The measure of the recommendation that it answers.", 1000, optional=True),
    name=text_schema("Its name.", 200),
    unit=text_schema("Its unit.", 100),
    definition=text_schema("What is measured.", optional=True),
    better=code_schema(Better),
    values=list_schema(
        object_schema(
            "One figure.",
            "period value moment sources",
            period=text_schema("As the source gives it.", 30),
            value={"type": "number", "minimum": -(10**13), "maximum": 10**13, "description": "The figure."},
            moment=code_schema(BeforeOrAfter),
            note=text_schema("What to know about it.", 2000, optional=True),
            sources=CITED_SCHEMA,
        ),
        "The series, in order.",
    ),
)
REPLY_SCHEMA = object_schema(
    "A body's own words about this page.",
    "body day words",
    body=BODY_SCHEMA,
    day=DAY_SCHEMA,
    words=text_schema("Its words.", 5000),
)


def part_field(
    name: str, schema: Schema, description: str, column: Column | tuple[Column, ...] | str = IN_LANES
) -> Field:
    """A list of parts of a dossier, written by hand."""
    return Field(name, list_schema(schema, description), attribute=None, column=column)


FOLLOW_UP_FIELDS = (
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field(
        "source_recommendation",
        {**CODE_SCHEMA, "description": "Code of the source recommendation that it follows."},
        attribute=None,
        column=Column("Source recommendation", 10),
    ),
    Field(
        "recommendation",
        {**CODE_SCHEMA, "description": "Code of the recommendation of ours that it follows."},
        attribute=None,
        column=Column("Recommendation", 10),
    ),
    part_field("addressees", ADDRESSEE_SCHEMA, "Who was asked, or is to be asked.", Column("Asked of", 40, asked_of)),
    part_field("looks", LOOK_SCHEMA, "Where and when we looked for an answer."),
    part_field("responses", RESPONSE_SCHEMA, "What the bodies said.", Column("Positions", 20, positions_in)),
    part_field("actions", ACTION_SCHEMA, "What the bodies say that they did."),
    part_field("judgements", JUDGEMENT_SCHEMA, "What others judged."),
    part_field(
        "assessments",
        ASSESSMENT_SCHEMA,
        "What we judge, the oldest first.",
        (
            Column("Implementation", 18, lambda content: current_assessment(content).get("implementation", "")),
            Column("Effect", 14, lambda content: current_assessment(content).get("effect", "")),
            Column(
                "Implementation, provisional", 18, lambda content: provisional_assessment(content).get("implementation")
            ),
            Column("Effect, provisional", 14, lambda content: provisional_assessment(content).get("effect")),
        ),
    ),
    part_field("series", SERIES_SCHEMA, "Whether measures of the recommendation are met."),
    part_field("replies", REPLY_SCHEMA, "Replies of bodies to this page."),
)
FOLLOW_UP_DERIVED = (
    Field("title", text_schema("What was asked."), column=Column("What was asked", LONG)),
    Field(
        "sort",
        code_schema(FollowedSort),
        column=Column("Whose recommendation", 14),
        term="made",
        vocabulary=FollowedSort,
        label="Whose recommendation",
    ),
    Field("made", text_schema("Who made it, and when."), column=Column("Made by", 40)),
    Field("made_on", EDTF_SCHEMA, column=Column("Made on", 12)),
    Field(
        "answer",
        code_schema(AnswerState),
        column=Column("Answer", 14),
        term="answer",
        vocabulary=AnswerState,
        label="Answer",
    ),
    Field(
        "positions",
        list_schema(code_schema(Position), "What the bodies said."),
        column="Its column is that of the responses.",
        term="position",
        vocabulary=Position,
        label="What the body said",
    ),
    Field(
        "implementation",
        code_schema(Implementation),
        column="Its column is that of the assessments.",
        term="implementation",
        vocabulary=Implementation,
        label="Done? (agreed by two people)",
    ),
    Field(
        "effect",
        code_schema(Effect),
        column="Its column is that of the assessments.",
        term="effect",
        vocabulary=Effect,
        label="Did it help? (agreed by two people)",
    ),
    Field(
        "provisional",
        code_schema(Implementation),
        column="Its column is that of the assessments.",
        term="provisional",
        vocabulary=Implementation,
        label="Done? (one reader, provisional)",
    ),
    Field("due_on", DAY_SCHEMA, column=Column("Answer due", 12)),
    Field("look_again_on", DAY_SCHEMA, column=Column("Look again by", 12)),
    Field(
        "bodies",
        list_schema(BODY_SCHEMA, "Who was asked, and who has taken over from them."),
        column="Its column is that of who was asked.",
        term="body",
        vocabulary="organisation",
        label="Asked of",
        most=20,
    ),
    Field(
        "passed_on",
        list_schema(
            object_schema(
                "Duties that passed to another body.",
                "from to",
                **{"from": BODY_SCHEMA, "to": BODY_SCHEMA, "date": EDTF_SCHEMA},
            ),
            "Successions of bodies that were asked.",
        ),
        column=IN_LANES,
    ),
    Field(
        "phase", code_schema(Phase), column=Column("Phase"), term="phase", vocabulary=Phase, label="Phase of failure"
    ),
    Field(
        "failure_types",
        list_schema(
            term_schema(TeamVocabulary.FAILURE_TYPE, "What failed."), "What failed in the case, or what it is about."
        ),
        column=Column("Types of failure", 24),
        term="failure-type",
        vocabulary=TeamVocabulary.FAILURE_TYPE,
        label="What failed",
    ),
    Field("sectors", SECTORS_SCHEMA, column=Column("Sector", 18), term="sector", vocabulary=Sector, label="Sector"),
    Field(
        "case",
        pattern_schema(SLUG_EXPRESSION, "Slug of the case study in which it was made."),
        column=Column("Case", 30),
        term="case",
        vocabulary="case-study",
        label="Case study",
        most=20,
    ),
    NAMES_FIELD,
)
FOLLOW_UP_COLUMNS = "derived.title derived.sort derived.made addressees derived.answer responses assessments"
