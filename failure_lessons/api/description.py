"""What the OpenAPI file says about answers and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

from failure_lessons.filters import YEARS, EditionFilter, SlugTermFilter, TermFilter, YearFilter
from failure_lessons.publishing.kinds import KINDS, Kind
from failure_lessons.questions import orders_of

PAGE_SIZE, LARGEST_PAGE = 25, 100


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()


RECORD_SCHEMA = {
    "type": "object",
    "description": "An entry of the evidence package format, with `schema`, `kind`, `derived` and `edition` beside it.",
    "properties": {
        "schema": {"type": "integer"},
        "kind": {"type": "string", "enum": list(KINDS)},
        "slug": {"type": "string"},
        "derived": {"type": "object", "description": "What is computed from the record and its neighbours."},
        "edition": {"$ref": "#/components/schemas/Edition"},
    },
    "required": ["schema", "kind", "slug", "edition"],
}
PAGE_SCHEMA = {
    "type": "object",
    "properties": {
        "results": {"type": "array", "items": RECORD_SCHEMA},
        "next": {"type": ["string", "null"], "format": "uri", "description": "The next page, or null on the last."},
        "previous": {"type": ["string", "null"], "format": "uri", "description": "The page before, or null."},
        "filters": {"type": "object", "description": "The filters that were applied, as understood."},
    },
    "required": ["results", "next", "previous", "filters"],
}
COLLECTIONS_SCHEMA = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}
PROBLEMS: dict[Any, Any] = {
    (status, "application/problem+json"): OpenApiResponse(ProblemSerializer, description=text)
    for status, text in (
        (400, "A parameter is unknown or wrong; `detail` says how to mend it."),
        (404, "Nothing stands at this address."),
        (406, "No format that `Accept` asks for."),
        (410, "The record was withdrawn; `detail` gives the reason."),
    )
}


def parameters_of(kind: Kind, filterset: type[EditionFilter]) -> list[OpenApiParameter]:
    """OpenAPI parameters of a list."""
    described = [
        OpenApiParameter("q", str, description='Words to search for, as on the web: `"two words"`, `or`, `-not`.'),
        OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}),
        OpenApiParameter("after", str, description="Cursor, as in `next` of the page before."),
        OpenApiParameter("before", str, description="Cursor, as in `previous` of the page after."),
        OpenApiParameter("order", {"type": "string", "enum": list(orders_of(kind)), "default": "standard"}),
        OpenApiParameter(
            "as_of", str, description="The list as it stood at the end of a day (2026-11-25) or at a time (RFC 3339)."
        ),
    ]
    for name, chosen in filterset.term_filters().items():
        values = [str(code) for code in chosen.vocabulary.values] if isinstance(chosen, TermFilter) else None
        schema: dict[str, Any] = {"type": "string", "enum": values} if values else {"type": "string"}
        if isinstance(chosen, SlugTermFilter):
            schema["pattern"] = "^[a-z0-9]+(-[a-z0-9]+)*$"
        described.append(
            OpenApiParameter(name, {"type": "array", "items": schema}, description=f"{chosen.label}: any of these.")
        )
    for name, declared in filterset.base_filters.items():
        if isinstance(declared, YearFilter):
            year = {"type": "integer", "minimum": YEARS[0], "maximum": YEARS[-1]}
            described.append(OpenApiParameter(name, year, description=f"{declared.label} this year."))
    return described


def described(**about: Any) -> Callable[[Any], Any]:
    """Describe the `get` of a view class."""
    return extend_schema_view(get=extend_schema(**about))
