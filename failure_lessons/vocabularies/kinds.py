"""Themes: the kind of record that all others are found by."""

from __future__ import annotations

from failure_lessons.publishing.registry import Kind, PackageMember, register_kind
from failure_lessons.publishing.renditions import register_plain_source
from failure_lessons.vocabularies.fields import THEME_FIELDS
from failure_lessons.vocabularies.models import Theme

register_kind(
    Kind(
        code="theme",
        rank=10,
        address="themes",
        label="Theme",
        label_plural="Themes",
        description="A theme.",
        fields=THEME_FIELDS,
        template="vocabularies/theme.html",
        introduction="Subjects that run across cases, reviews, lessons and recommendations.",
        member=PackageMember(name="themes", model=Theme),
        pointers={"themes": "slug", "theme": "slug"},
        has_pins=False,
        reader_rank=90,
        schema_type="DefinedTerm",
    )
)
register_plain_source(Theme, "theme")
