"""The fields of references, glossary terms and findings, in the order of the package format."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from failure_lessons.bibliography.csl import date_parts, names_in_role
from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.schemas import (
    FINDING_CODE_SCHEMA,
    KEY_SCHEMA,
    SLUG_EXPRESSION,
    SLUG_SCHEMA,
    THEMES_SCHEMA,
    Schema,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    ref_schema,
    text_schema,
)
from failure_lessons.types import Document
from failure_lessons.validators.csl import DATES, LONGEST_PART, LONGEST_VARIABLE, NAME_PARTS, NAME_ROLES
from failure_lessons.vocabularies.choices import (
    ConfidenceLevel,
    CslType,
    Phase,
    Sector,
)
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
    Field(
        "statement",
        text_schema("One sentence.", 1000),
        required=True,
        column=Column("Statement", LONG),
        concludes="whole",
    ),
    Field(
        "explanation",
        text_schema("What stands behind the sentence.", optional=True),
        column=Column("Explanation", LONG),
    ),
    Field(
        "relevance_to_nhs",
        text_schema(f"What it means for {settings.SITE.service}.", optional=True),
        column=Column(f"Relevance to {settings.SITE.service}", LONG),
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
        concludes="whole",
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
    Field(
        "authors",
        list_schema(CSL_NAME_SCHEMA, "Who wrote the record that it belongs to."),
        column="The record that it belongs to has them.",
    ),
)
FINDING_COLUMNS = (
    "code statement phase themes derived.sector derived.part_of explanation relevance_to_nhs cerqual sources"
)
