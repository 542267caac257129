"""What the OpenAPI file says: parameters, answers and headers; `examples` adds what answers look like.

`make generate` writes it to `files/openapi.json`, which the API serves; a test fails when that file is stale.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict, TypeVar, Unpack

from django.views import View
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

from failure_lessons.api import policy
from failure_lessons.api.counts import COUNT_SCHEMAS
from failure_lessons.api.parameters import API_MAX_PAGE_SIZE, API_PAGE_SIZE, MOST_IDS, facet_names
from failure_lessons.api.records import INCLUDED_MEMBERS, RECORD_COMPONENTS, RECORD_MEMBERS, component_name
from failure_lessons.api.schema_parts import (
    CHANGE,
    CURSOR_SCHEMA,
    HASH_SCHEMA,
    HASHES,
    KIND,
    POSITIVE,
    SLUG_SCHEMA,
    TEXT_SCHEMA,
    TIME,
    TIME_OR_NULL,
    URI,
    URI_OR_NULL,
    OpenApiSchema,
    object_schema,
    schema_ref,
)
from failure_lessons.exports.formats import FORMATS
from failure_lessons.exports.formats.member_tables import HEADINGS
from failure_lessons.library.filters import (
    LONGEST_QUESTION,
    YEARS,
    DayFilter,
    EditionFilter,
    SlugTermFilter,
    TermFilter,
    YearFilter,
)
from failure_lessons.library.orders import directed_orders_of
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.publishing.schemas import named_schema

Responses = dict[int | tuple[int, str], OpenApiResponse]  # by status, or status and media type
ViewClass = TypeVar("ViewClass", bound=type[View])
JSON_MEDIA_TYPE, PROBLEM_JSON = "application/json", "application/problem+json"


def page_schema(name: str, items: OpenApiSchema) -> OpenApiSchema:
    """A page of a list, and its name among the components."""
    page = object_schema(
        "A page.",
        "count facets missing included",
        results={"type": "array", "items": items},
        next={**URI_OR_NULL, "description": "The next page, or null on the last."},
        previous={**URI_OR_NULL, "description": "The page before, or null on the first."},
        filters={"type": "object", "description": "The filters that were applied, as understood."},
        count={"type": "integer", "minimum": 0, "description": "With `count=exact`: records on all pages together."},
        facets={
            "type": "object",
            "description": "With `facets`: how many records each further choice would give, by filter.",
            "additionalProperties": schema_ref("Facet"),
        },
        missing={"type": "array", "items": TEXT_SCHEMA, "description": "With `ids`: what is not there."},
        included={"type": "array", "items": schema_ref("Included"), "description": "With `include=evidence`."},
    )
    return named_schema(name, page)


EDITION_ABOUT: dict[str, OpenApiSchema] = {
    "kind": KIND,
    "slug": TEXT_SCHEMA,
    "title": TEXT_SCHEMA,
    "status": {"type": "string", "enum": ["current", "superseded"]},
    "number": POSITIVE,
    "revision": POSITIVE,
    "sha256": HASH_SCHEMA,
    "published_at": TIME,
    "superseded_at": TIME_OR_NULL,
    "withdrawn_at": TIME_OR_NULL,
    "evidence_changed_at": TIME_OR_NULL,
    "change": CHANGE,
    "note": TEXT_SCHEMA,
    "url": URI,
    "page": URI,
}
HEADLINE: dict[str, OpenApiSchema] = {
    "kind": KIND,
    "slug": TEXT_SCHEMA,
    "code": TEXT_SCHEMA,
    "title": TEXT_SCHEMA,
    "number": POSITIVE,
    "url": URI,
    "page": URI,
}
SCHEMAS: dict[str, OpenApiSchema] = {
    **RECORD_COMPONENTS,
    "Edition": object_schema(
        "What the library knows about an edition.",
        "rests_on about",
        number={**POSITIVE, "description": "1 for the first edition, and so on."},
        revision={**POSITIVE, "description": "The change to the library that published it."},
        sha256={**HASH_SCHEMA, "description": "Hash of the document as stored, without `edition`."},
        published_at=TIME,
        superseded_at=TIME_OR_NULL,
        evidence_changed_at={
            **TIME_OR_NULL,
            "description": "Since when something it rests on has a newer edition or was withdrawn.",
        },
        change=CHANGE,
        note={"type": "string", "description": "What changed, and why."},
        url={**URI, "description": "This edition, for ever."},
        page={**URI, "description": "The same as a page to read."},
        rests_on={**HASHES, "description": "With `include=evidence`: what it rests on directly."},
        about={**HASHES, "description": "With `include=evidence`, if any: what it is about without resting on it."},
    ),
    "Tombstone": object_schema(
        "What is left of a withdrawn edition.",
        kind=KIND,
        slug=TEXT_SCHEMA,
        withdrawn_at=TIME,
        withdrawal_reason=TEXT_SCHEMA,
        number=POSITIVE,
        url=URI,
    ),
    "EditionAbout": object_schema("An edition, without its document.", **EDITION_ABOUT),
    "Editions": object_schema(
        "Editions of a record, newest first.",
        results={"type": "array", "items": schema_ref("EditionAbout")},
        next=URI_OR_NULL,
    ),
    "AnyRecord": {
        "anyOf": [schema_ref(f"{component_name(kind.code)}{part}") for part in ("", "Part") for kind in KINDS.values()],
        "description": "A record of any kind.",
    },
    "SearchResult": object_schema(
        "A record that matches.",
        **HEADLINE,
        snippet={"type": "string", "description": "Plain text around the matches."},
        matches={
            "type": "array",
            "description": "Where in the snippet the matches stand: start and end, in characters.",
            "items": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2},
        },
    ),
    "SearchPage": object_schema(
        "A page of results, best first.",
        results={"type": "array", "items": schema_ref("SearchResult")},
        exact={
            "description": "The record whose code or DOI was asked for, or null.",
            "anyOf": [named_schema("Headline", object_schema("A record.", **HEADLINE)), {"type": "null"}],
        },
        count={"type": "integer", "minimum": 0},
        kinds={"type": "object", "additionalProperties": POSITIVE, "description": "Matches by kind."},
        also={
            "type": "array",
            "description": "Abbreviations and names that were searched in their other form too.",
            "items": named_schema("OtherForm", object_schema("A word.", written=TEXT_SCHEMA, also=TEXT_SCHEMA)),
        },
        next=URI_OR_NULL,
        previous=URI_OR_NULL,
        filters={"type": "object", "additionalProperties": TEXT_SCHEMA},
    ),
    "Download": object_schema(
        "A file that holds the whole library.",
        name=TEXT_SCHEMA,
        label=TEXT_SCHEMA,
        media_type=TEXT_SCHEMA,
        bytes={"type": "integer", "minimum": 0},
        sha256=HASH_SCHEMA,
        url={**URI, "description": "Answers range requests."},
    ),
    "Downloads": object_schema(
        "The newest files.",
        "built_at",
        library_revision={"type": "integer", "minimum": 0},
        revision={"type": ["integer", "null"], "description": "The revision that the files hold; null: none built."},
        built_at=TIME,
        files={"type": "array", "items": schema_ref("Download")},
    ),
    **COUNT_SCHEMAS,
    "Hashes": object_schema("Hashes to ask about.", sha256={**HASHES, "minItems": 1, "maxItems": 1000}),
    "UnknownCopy": object_schema("No such edition.", sha256=HASH_SCHEMA, status={"const": "unknown"}),
    "KnownCopy": object_schema(
        "There.",
        "superseded_by",
        **EDITION_ABOUT,
        superseded_by={"anyOf": [schema_ref("EditionAbout"), {"type": "null"}]},
    ),
    "WithdrawnCopy": object_schema(
        "Withdrawn.",
        kind=KIND,
        slug=TEXT_SCHEMA,
        status={"const": "withdrawn"},
        number=POSITIVE,
        sha256=HASH_SCHEMA,
        withdrawn_at=TIME,
        url=URI,
        withdrawal_reason=TEXT_SCHEMA,
        superseded_by={"anyOf": [schema_ref("EditionAbout"), {"type": "null"}]},
    ),
    "Checked": object_schema(
        "What has become of each hash.",
        revision={"type": "integer", "minimum": 0},
        results={
            "type": "array",
            "items": {
                "oneOf": [
                    schema_ref("UnknownCopy"),
                    schema_ref("KnownCopy"),
                    schema_ref("WithdrawnCopy"),
                ]
            },
        },
    ),
    "Problem": {
        "type": "object",
        "description": "RFC 9457 problem details.",
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",  # RFC 9457: where our name is not known, it has no host
                "description": "What kind of problem; the address explains it.",
            },
            "title": TEXT_SCHEMA,
            "status": {"type": "integer"},
            "detail": {**TEXT_SCHEMA, "description": "What to mend, and how."},
            "instance": TEXT_SCHEMA,
            "parameter": {**TEXT_SCHEMA, "description": "The parameter that is wrong."},
            "example": {**TEXT_SCHEMA, "description": "An address that works."},
            "errors": {"type": "array", "items": {"type": "object"}, "description": "Everything that is wrong."},
            "available": {"type": "array", "items": {"type": "object"}, "description": "Formats there are."},
            "withdrawn_at": TIME,
        },
        "required": ["type", "title", "status", "detail", "instance"],
        "additionalProperties": True,
    },
}
COLLECTIONS_SCHEMA = {"type": "object", "additionalProperties": URI}
PROBLEM_DESCRIPTIONS = {
    400: "A parameter is unknown, repeated or wrong: `parameter` names it, `example` works.",
    404: "Nothing stands at this address.",
    406: "No format that `Accept` asks for; `available` lists what there is.",
    410: "The record was withdrawn; `detail` gives the reason.",
    413: "The body is too large.",
    415: "The body is not `application/json`.",
    422: "The body is JSON, but not what it should be; `errors` points to each fault.",
    429: "Too many requests; `Retry-After` says when to go on.",
    503: "The service cannot answer just now; `Retry-After` says when to try again.",
}


def problem_responses(*statuses: int) -> Responses:
    """Problem answers with these statuses, and those that every address may give."""
    return {
        (status, PROBLEM_JSON): OpenApiResponse(schema_ref("Problem"), description=PROBLEM_DESCRIPTIONS[status])
        for status in sorted({*statuses, 400, 406, 429, 503})
    }


PROBLEMS = problem_responses(404, 410)


class Operation(TypedDict, total=False):
    """What can be said of an operation."""

    operation_id: str
    summary: str
    description: str
    tags: list[str]
    auth: list[dict[str, list[str]]]
    parameters: list[OpenApiParameter]
    request: dict[str, OpenApiSchema] | None
    examples: list[OpenApiExample] | None
    responses: Responses
    extensions: dict[str, bool]


class LibraryOperation(TypedDict):
    """What is said of every operation that reads the library."""

    description: str
    extensions: dict[str, bool]


class KindOperation(LibraryOperation):
    """What is said of every operation about one kind."""

    tags: list[str]


def describe_operation(method: str = "get", **about: Unpack[Operation]) -> Callable[[ViewClass], ViewClass]:
    """Describe a method of a view class."""
    return extend_schema_view(**{method: extend_schema(**about)})  # type: ignore[arg-type]  # `auth` may be objects, which its types forget


def choice_parameter(name: str, values: list[str], words: str) -> OpenApiParameter:
    """A parameter that takes one of several codes."""
    return OpenApiParameter(name, {"type": "string", "enum": values}, description=words)


def comma_list_parameter(name: str, items: OpenApiSchema, words: str, most: int) -> OpenApiParameter:
    """A parameter that takes several values with commas between them."""
    schema = {"type": "array", "items": items, "minItems": 1, "maxItems": most}
    return OpenApiParameter(name, schema, description=words, explode=False, style="form")


def response_shape_parameters(kind: Kind) -> list[OpenApiParameter]:
    """Parameters that shape an answer about records of this kind."""
    formats = [each for each in FORMATS.values() if each.holds(kind.code)]
    found = [
        choice_parameter("format", [each.name for each in formats], "The format, in place of `Accept`."),
        comma_list_parameter(
            "fields",
            {"type": "string", "enum": list(RECORD_MEMBERS[kind.code])},
            "Only these members. JSON only.",
            len(RECORD_MEMBERS[kind.code]),
        ),
    ]
    if kind.has_pins:
        words = (
            "Brings everything it rests on, in the very editions it pinned: as records in JSON; in RIS, BibTeX and "
            "CSL-JSON the works of others alone, each once."
        )
        found.append(choice_parameter("include", ["evidence"], words))
        words = "Only these members of what is included. JSON, with `include=evidence`."
        member = schema_ref("IncludedMember")
        found.append(comma_list_parameter("included_fields", member, words, len(INCLUDED_MEMBERS)))
    return found


AS_OF = OpenApiParameter(
    "as_of",
    {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]},
    description="As it stood at the end of a day (2026-11-25) or at a time (2026-11-25T09:30:00Z).",
)


def record_list_parameters(kind: Kind, filterset: type[EditionFilter]) -> list[OpenApiParameter]:
    """OpenAPI parameters of a list."""
    found = [
        OpenApiParameter(
            "q",
            {"type": "string", "minLength": 1, "maxLength": LONGEST_QUESTION},
            description='Words to search for, as on the web: `"two words"`, `or`, `-not`.',
        ),
        OpenApiParameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": API_MAX_PAGE_SIZE, "default": API_PAGE_SIZE},
            description="Records a page; at most 25 with `include`. Other formats than JSON bring all.",
        ),
        OpenApiParameter("after", CURSOR_SCHEMA, description="Cursor, as in `next` of the page before."),
        OpenApiParameter("before", CURSOR_SCHEMA, description="Cursor, as in `previous` of the page after."),
        OpenApiParameter("order", {"type": "string", "enum": list(directed_orders_of(kind)), "default": "standard"}),
        AS_OF,
        comma_list_parameter(
            "ids",
            {"type": "string", "minLength": 1, "maxLength": 120, "pattern": "^[A-Za-z0-9-]+$"},
            "Only these, by code or slug, all on one page.",
            MOST_IDS,
        ),
        choice_parameter("count", ["exact"], "Also count the records on all pages. JSON only."),
        *response_shape_parameters(kind),
    ]
    words = "Columns of CSV and XLSX called as for people, or as the members here are."
    found.append(choice_parameter("headings", list(HEADINGS), words))
    if names := facet_names(kind):
        words = "Also count what each further choice of these filters would give. JSON only, without `ids`."
        found.append(comma_list_parameter("facets", {"type": "string", "enum": names}, words, len(names)))
    found.append(
        OpenApiParameter(
            "rests_on",
            {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 150}},
            description="Only what rests on any of these, however far down: a code, a slug, or `kind:slug`.",
        )
    )
    for name, each in filterset.term_filters().items():
        values = [str(code) for code in each.vocabulary.values] if isinstance(each, TermFilter) else None
        schema: OpenApiSchema = {"type": "string", "enum": values} if values else {"type": "string"}
        if isinstance(each, SlugTermFilter):
            schema["pattern"] = SLUG_SCHEMA["pattern"]
        found.append(
            OpenApiParameter(name, {"type": "array", "items": schema}, description=f"{each.label}: any of these.")
        )
    for name, declared in filterset.base_filters.items():
        if isinstance(declared, YearFilter):
            year = {"type": "integer", "minimum": YEARS[0], "maximum": YEARS[-1]}
            found.append(OpenApiParameter(name, year, description=f"{declared.label} this year."))
        elif isinstance(declared, DayFilter):
            found.append(OpenApiParameter(name, OpenApiTypes.DATE, description=f"{declared.label}."))
    return found


def responses_in_formats(kind: Kind, schema: OpenApiSchema, words: str) -> Responses:
    """A 200 answer in every format that can hold this kind."""
    text, table = {"type": "string"}, {"type": "string", "format": "binary"}
    tree = {"type": ["object", "array"], "items": {"type": "object"}}
    answers: Responses = {(200, JSON_MEDIA_TYPE): OpenApiResponse(schema, description=words)}
    for each in FORMATS.values():
        if each.holds(kind.code) and (200, each.media_type) not in answers:
            schema = tree if each.media_type.endswith("+json") else table if each.name == "xlsx" else text
            answers[200, each.media_type] = OpenApiResponse(schema, description=f"{each.label}.")
    return answers


HEADERS = {
    "ETag": ("string", "Names this very answer; send it back as `If-None-Match`."),
    "Last-Modified": ("string", "When what the answer shows last changed."),
    "Cache-Control": ("string", "How long it may be kept; `no-cache` means: ask each time, by the tag."),
    "Link": ("string", "`next`, `prev`, `first` pages; `deprecation` where something is on its way out."),
    "Vary": ("string", "The request headers that choose the answer."),
}
CONDITIONS = {
    "If-None-Match": "The tag of the answer you hold: 304 when it is still right.",
    "If-Modified-Since": "The `Last-Modified` of the answer you hold, word for word.",
}


def add_shared_responses(result: OpenApiSchema, generator: object, request: object, public: bool) -> OpenApiSchema:
    """Add what holds for every operation: shared schemas, headers, conditional requests, and what is on its way out."""
    result.setdefault("components", {}).setdefault("schemas", {}).update(SCHEMAS)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            ours = operation.get("x-library", False)
            operation.pop("x-library", None)
            if method != "get" or not ours:
                continue
            headers = {
                name: {"schema": {"type": kind}, "description": words} for name, (kind, words) in HEADERS.items()
            }
            operation["responses"]["200"]["headers"] = headers
            operation["responses"]["304"] = {
                "description": "You hold this answer already.",
                "headers": {name: headers[name] for name in ("ETag", "Last-Modified", "Cache-Control", "Vary")},
            }
            operation.setdefault("parameters", []).extend(
                {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": words}
                for name, words in CONDITIONS.items()
            )
            operation["responses"] = dict(sorted(operation["responses"].items()))
        result["paths"][path] = operations
    policy.mark_deprecated_operations(result)
    return result
