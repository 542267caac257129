"""The fields of references, glossary terms, findings and reviews, in the order of the package format."""

from __future__ import annotations

from django.db import models

from failure_lessons.bibliography.csl import date_parts, names_in_role
from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.schemas import (
    COUNT_SCHEMA,
    EDTF_SCHEMA,
    FINDING_CODE_SCHEMA,
    KEY_SCHEMA,
    SLUG_EXPRESSION,
    SLUG_SCHEMA,
    SOURCES_SCHEMA,
    THEMES_SCHEMA,
    TITLE_SCHEMA,
    Schema,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    ref_schema,
    term_schema,
    text_schema,
)
from failure_lessons.types import Document
from failure_lessons.validators.csl import DATES, LONGEST_PART, LONGEST_VARIABLE, NAME_PARTS, NAME_ROLES
from failure_lessons.vocabularies.choices import (
    AppraisalJudgement,
    ConfidenceLevel,
    CslType,
    Phase,
    ReviewType,
    ScreeningDecision,
    ScreeningStage,
    Sector,
    TeamVocabulary,
)
from failure_lessons.vocabularies.fields import labels_field
from literature.citation_schemas import LOOKED_FOR_SCHEMA
from literature.models import Reference

Content = Document

CSL_TEXTS = (
    "container-title",
    "collection-title",
    "publisher",
    "publisher-place",
    "volume",
    "issue",
    "page",
    "number",
    "edition",
    "genre",
    "medium",
    "event-title",
    "event-place",
    "authority",
    "jurisdiction",
    "section",
    "version",
    "archive",
    "archive_location",
    "language",
    "abstract",
    "note",
    "DOI",
    "ISBN",
    "ISSN",
    "PMID",
    "PMCID",
    "URL",
    "licence",
    "title-short",
    "chapter-number",
)
# The members that have a column of their own in the model; all others are kept together as `csl`.
CSL_ATTRIBUTES = {
    "author": "author",
    "issued": "issued",
    "container-title": "container_title",
    "publisher": "publisher",
    "DOI": "doi",
    "ISBN": "isbn",
    "URL": "url",
    "abstract": "abstract",
    "note": "note",
    "licence": "licence",
}
CITED = Field(
    "cited",
    {
        "type": "object",
        "description": "Author and year of each reference that its text names as [ref: key], by key.",
        "additionalProperties": {"type": "string"},
    },
    column="The cells say author and year where the text names a key.",
)
BIBLIOGRAPHIC = "Bibliographic detail that few works have. The bibliographic formats carry it."


def author_names(content: Content) -> list[str]:
    """Authors of a reference as “Family, Given”, bodies as they are."""
    return [
        name.get("literal") or ", ".join(filter(None, [name["family"], name.get("given")]))
        for name in names_in_role(dict(content))
    ]


def issued_date(content: Content) -> str:
    """The date of a reference, as `2018-08-20`, `2018` or `2014/2015`; `~` marks an approximate one."""
    whole = "/".join("-".join(f"{number:02}" for number in part) for part in date_parts(dict(content)))
    return whole + ("~" if whole and content["issued"].get("circa") else "")


def source_keys(content: Content) -> list[str]:
    """Keys of the references cited, with page or paragraph."""
    cited = content.get("sources", [])
    return [f"{each['ref']} ({each['locator']})" if each.get("locator") else each["ref"] for each in cited]


CSL_COLUMNS = {
    "author": Column("Authors", 40, author_names),
    "issued": Column("Issued", 12, issued_date),
    "container-title": Column("Published in", 30),
    "volume": Column("Volume", 8),
    "issue": Column("Issue", 8),
    "page": Column("Pages", 10),
    "number": Column("Number", 12),
    "publisher": Column("Publisher", 30),
    "DOI": Column("DOI", 28),
    "ISBN": Column("ISBN"),
    "URL": Column("Web address", 40),
    "licence": Column("Licence"),
    "abstract": Column("Abstract", LONG),
    "note": Column("Note", 30),
}
CSL_NAME_SCHEMA: Schema = {
    "type": "object",
    "description": "A CSL name: family and given for a person, literal for a body.",
    "properties": {name: text_schema(f"CSL name part: {name}.", LONGEST_PART) for name in NAME_PARTS},
    "anyOf": [{"required": ["family"]}, {"required": ["literal"]}],
    "additionalProperties": False,
}
CSL_DATE_SCHEMA: Schema = {
    "type": "object",
    "description": 'A CSL date: {"date-parts": [[2018, 8, 20]]}; two lists for a range; "circa" when uncertain.',
    "properties": {
        "date-parts": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
        },
        "circa": {"type": "boolean"},
        "season": {"type": "integer", "minimum": 1, "maximum": 4},
    },
    "required": ["date-parts"],
    "additionalProperties": False,
}


def room_for(name: str) -> int:
    """How many characters of a CSL variable there is room for: what its column takes, where it has one."""
    column = Reference._meta.get_field(CSL_ATTRIBUTES[name]) if name in CSL_ATTRIBUTES else None
    return (isinstance(column, models.CharField) and column.max_length) or LONGEST_VARIABLE


def csl_field(name: str, schema: Schema) -> Field:
    """A member of a CSL item."""
    column = CSL_COLUMNS.get(name, BIBLIOGRAPHIC)
    return Field(name, schema, attribute=CSL_ATTRIBUTES.get(name), column=column)


REFERENCE_FIELDS = (
    Field(
        "id",
        pattern_schema(SLUG_EXPRESSION, "The key that everything else cites: lower-case letters, digits and hyphens."),
        required=True,
        attribute="slug",
        column=Column("Key", 24),
    ),
    Field(
        "type",
        code_schema(CslType),
        required=True,
        column=Column("Type"),
        term="type",
        vocabulary=CslType,
        label="Kind of work",
    ),
    Field("title", text_schema("Title of the work.", 500), required=True, column=Column("Title", 50)),
    *(csl_field(name, list_schema(ref_schema("csl-name"), f"CSL names: {name}.")) for name in NAME_ROLES),
    *(csl_field(name, ref_schema("csl-date")) for name in DATES),
    *(csl_field(name, text_schema(f"CSL variable {name}.", room_for(name), optional=True)) for name in CSL_TEXTS),
)
REFERENCE_COLUMNS = (
    "id type author issued title container-title volume issue page number publisher DOI ISBN URL licence abstract note"
)

GLOSSARY_FIELDS = (
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("term", text_schema("The word.", 100), required=True, column=Column("Term", 30)),
    Field(
        "definition",
        text_schema("What it means, in plain words.", 2000),
        required=True,
        column=Column("Definition", LONG),
    ),
    Field("ref", {**KEY_SCHEMA, "type": ["string", "null"]}, attribute=None, column=Column("Source", 24)),
    Field(
        "source_note",
        text_schema("What to know about the source, or why there is none.", 1000, optional=True),
        column=Column("Note on the source", 30),
    ),
)

FINDING_FIELDS = (
    Field("code", FINDING_CODE_SCHEMA, required=True, column=Column("Code", 10)),
    Field("statement", text_schema("One sentence.", 1000), required=True, column=Column("Statement", LONG)),
    Field(
        "explanation",
        text_schema("What stands behind the sentence.", optional=True),
        column=Column("Explanation", LONG),
    ),
    Field(
        "relevance_to_nhs",
        text_schema("What it means for the NHS.", optional=True),
        column=Column("Relevance to the NHS", LONG),
    ),
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
        "sources",
        list_schema(ref_schema("source"), "The references it rests on.", 1),
        required=True,
        attribute=None,
        column=Column("Sources", 30, source_keys),
    ),
    Field(
        "cerqual",
        ref_schema("cerqual"),
        attribute=None,
        term="confidence",
        term_at="cerqual.overall.level",
        vocabulary=ConfidenceLevel,
        label="Confidence",
        column=Column("Confidence", source="cerqual.overall.level"),
    ),
)
FINDING_DERIVED = (
    CITED,
    Field(
        "part_of",
        object_schema(
            "The case study or review it belongs to.",
            "kind slug title",
            kind={"type": "string", "enum": ["case-study", "literature-review"]},
            slug={"type": "string"},
            title={"type": "string"},
        ),
        column=Column("Part of", 40, "derived.part_of.title"),
    ),
    Field(
        "sector",
        {"type": "string"},
        column=Column("Sector"),
        term="sector",
        vocabulary=Sector,
        label="Sector",
    ),
)
FINDING_COLUMNS = (
    "code statement phase themes derived.sector derived.part_of explanation relevance_to_nhs cerqual sources"
)

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
        column="A table of its own: no use in a cell. The documents have it.",
    ),
    Field("synthesis", text_schema("What the studies say together.", optional=True), column=Column("Synthesis", LONG)),
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
    labels_field(TeamVocabulary.FRAMEWORK, TeamVocabulary.APPRAISAL_TOOL),
    CITED,
)
REVIEW_COLUMNS = "title question review_type framework sector derived.prisma findings synthesis"
