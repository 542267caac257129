"""Who says so: the people behind a record, who paid for their work, and what interests they have.

Names are CSL names, as in references. A record that names nobody is cited as the work of the repository.
"""

from __future__ import annotations

from django.db import models

from failure_lessons.publishing.csl_names import NamesListField, format_person
from failure_lessons.publishing.fields import Column, Field
from failure_lessons.publishing.schemas import list_schema, ref_schema, text_schema
from failure_lessons.types import Document, JSONObject


class Responsibility(models.Model):
    """The columns of a record for which people answer by name."""

    authors = NamesListField(default=list, blank=True, help_text="Who wrote it: they are named when it is cited.")
    reviewers = NamesListField(default=list, blank=True, help_text="Who read it critically before publication.")
    funding = models.TextField(blank=True, help_text="Who paid for the work, and what part they had in it.")
    interests = models.TextField(blank=True, help_text="Interests of the authors, or that they have none.")
    contact = models.CharField(max_length=200, blank=True, help_text="Where readers write to about it.")

    class Meta:
        abstract = True


def list_names(member: str) -> Column:
    """The column of the names in this member."""
    return Column(
        member.capitalize(),
        30,
        lambda content: [format_person(name) for name in content.get("responsibility", {}).get(member, [])],
    )


RESPONSIBILITY = Field(
    "responsibility",
    description="Who says so.",
    members=(
        Field("authors", list_schema(ref_schema("csl-name"), "Who wrote it."), column=list_names("authors")),
        Field("reviewers", list_schema(ref_schema("csl-name"), "Who read it before."), column=list_names("reviewers")),
        Field("funding", text_schema("Who paid, and their part in it.", optional=True), column=Column("Funding", 40)),
        Field("interests", text_schema("Interests of the authors.", optional=True), column=Column("Interests", 40)),
        Field("contact", text_schema("Where to write to.", 200, optional=True), column=Column("Contact", 24)),
    ),
)


def authors_of(content: Document) -> list[JSONObject]:
    """The authors of a record, or of the record that it is a part of, as CSL names."""
    own = content.get("responsibility", {}).get("authors", [])
    return list(own or content.get("derived", {}).get("authors", []))
