"""The JSON Schema (2020-12) of evidence packages, built from the fields of the kinds so that the two cannot differ.

`make generate` writes it to `failure_lessons/packages/schemas/evidence-package-1.json`; a test fails when that file is
stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from django.db import models

from failure_lessons.packages.format import TERMS
from failure_lessons.publishing.fields import Field, describe_object
from failure_lessons.publishing.registry import KINDS, SOURCES, Kind, list_members
from failure_lessons.publishing.schemas import (
    LONGEST_CODE,
    SLUG_EXPRESSION,
    TITLE_SCHEMA,
    Schema,
    code_schema,
    list_schema,
    object_schema,
    pattern_schema,
    ref_schema,
    text_schema,
)
from failure_lessons.vocabularies import choices as v

FROM_DEMONSTRATION = "This comes from a demonstration, in which much is invented: no library takes it in."
MANIFEST_SCHEMA = object_schema(
    "What the package is.",
    "format version title",
    format={"const": "failure-lessons-evidence", "description": "The name of this format."},
    version={"const": 1, "description": "The version of this format."},
    title=TITLE_SCHEMA,
    description=text_schema("What is in it.", 2000, optional=True),
    prepared=text_schema("Day on which it was prepared, EDTF.", 40, optional=True),
    licence=text_schema("SPDX name of the licence of its texts.", 100, optional=True),
    notice=text_schema("What a reader must know about where it comes from.", 5000, optional=True),
    invented={"type": "boolean", "description": "It comes from a demonstration, and no library takes it in."},
)
CERQUAL_COMPONENT_SCHEMA = object_schema(
    "One GRADE-CERQual component.",
    "level reason",
    level=code_schema(v.CerqualLevel),
    reason=text_schema("Why this level.", 2000),
)
TERM_SCHEMA = object_schema(
    "A term of a vocabulary that teams extend, and that entries of the package use.",
    "vocabulary code label",
    vocabulary=code_schema(v.TeamVocabulary),
    code=pattern_schema(SLUG_EXPRESSION, "Its code, for ever: lower-case letters, digits and hyphens.")
    | {"maxLength": LONGEST_CODE},
    label=text_schema("What readers see, in sentence case.", 100),
    scope_note=text_schema("What belongs under it, and what belongs elsewhere.", 2000, optional=True),
)
SHARED_SCHEMAS: dict[str, Schema] = {
    "cerqual": object_schema(
        "A GRADE-CERQual assessment: four components and an overall level chosen by a person.",
        "methodological_limitations coherence adequacy relevance overall",
        methodological_limitations=CERQUAL_COMPONENT_SCHEMA,
        coherence=CERQUAL_COMPONENT_SCHEMA,
        adequacy=CERQUAL_COMPONENT_SCHEMA,
        relevance=CERQUAL_COMPONENT_SCHEMA,
        overall=object_schema(
            "Overall confidence.",
            "level",
            level=code_schema(v.ConfidenceLevel),
            reason=text_schema("Why this level.", 2000, optional=True),
        ),
    ),
}


def entry_schema(kind: Kind) -> Schema:
    """The schema of a kind's package entries. No text in it is longer than the columns that keep it."""
    holders = [model for model, source in SOURCES.items() if source.kind == kind.code]
    return describe_object(kind.description, [fit_length(each, holders) for each in kind.fields])


def fit_length(each: Field, holders: Sequence[type[models.Model]]) -> Field:
    """The field with the length of its column, where a plain text has one."""
    if each.members:
        return replace(each, members=tuple(fit_length(member, holders) for member in each.members))
    columns = [column for model in holders for column in model._meta.concrete_fields if column.name == each.attribute]
    room = [column.max_length for column in columns if isinstance(column, models.CharField) and column.max_length]
    longest = each.schema.get("maxLength")
    if each.rows or longest is None or not room or min(room) >= longest:
        return each
    return replace(each, schema={**each.schema, "maxLength": min(room)})


@cache
def shared_definitions() -> dict[str, Schema]:
    """What the fields of kinds refer to, beside records of other kinds."""
    own = (kind.definitions for kind in KINDS.values())
    return {**SHARED_SCHEMAS, **{name: schema for each in own for name, schema in each.items()}}


@cache
def package_definitions() -> dict[str, Schema]:
    """Every definition of the package schema: a kind's stands under its member, or under its code if it has none."""
    within = {SOURCES[each.neighbours[0]].kind for each in list_members() if each.neighbours}  # described in others
    return {
        "manifest": MANIFEST_SCHEMA,
        TERMS: TERM_SCHEMA,
        **shared_definitions(),
        **{
            kind.member.name if kind.member else kind.code: entry_schema(kind)
            for kind in KINDS.values()
            if kind.member or kind.code not in within
        },
    }


@cache
def package_schema() -> Schema:
    """The whole schema."""
    members = list_members()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Failure Lessons evidence package, version 1",
        "description": "Each member is one file of the package: `<member>.json`, or one file an entry in a folder.",
        "type": "object",
        "properties": {
            "package": ref_schema("manifest"),
            TERMS: list_schema(ref_schema(TERMS), f"{TERMS}.json"),
            **{
                each.name: list_schema(ref_schema(each.name), f"{each.name}.json")
                for each in members
                if each.layout == "list"
            },
            **{
                each.name: list_schema(ref_schema(each.name), f"{each.name}/<slug>.json")
                for each in members
                if each.layout == "folder"
            },
            **{each.name: ref_schema(each.name) for each in members if each.layout == "single"},
        },
        "required": ["package"],
        "additionalProperties": False,
        "$defs": package_definitions(),
    }
