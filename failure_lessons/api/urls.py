"""The addresses of the API."""

from __future__ import annotations

from typing import Any

from django.urls import include, path, re_path
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from failure_lessons.api.description import (
    AS_OF,
    COLLECTIONS_SCHEMA,
    HASH,
    JSON,
    KIND,
    POSITIVE,
    PROBLEMS,
    SLUG,
    chosen,
    described,
    example_record,
    in_formats,
    listed,
    page_of,
    parameters_of,
    problems,
    ref,
    shapes,
)
from failure_lessons.api.evidence_map import EvidenceMap
from failure_lessons.api.lookups import ByHash, Check, Search
from failure_lessons.api.reading import EditionDetail, EditionList, RecordDetail, RecordList
from failure_lessons.api.records import component
from failure_lessons.api.root import Documentation, OpenApi, Root, guide, nowhere
from failure_lessons.library.evidence_map import COUNTED, ROWS
from failure_lessons.library.list_query import filters_of
from failure_lessons.problems import explained
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.vocabularies.choices import Sector

LIBRARY: dict[str, Any] = {"extensions": {"x-library": True}, "description": ""}
SLUG_IN_PATH = OpenApiParameter("slug", SLUG, OpenApiParameter.PATH, description="The last part of its address.")
NUMBER_IN_PATH = OpenApiParameter("number", POSITIVE, OpenApiParameter.PATH, description="The edition.")
MOVED = {308: OpenApiResponse(None, description="The record is published under another address now: `Location`.")}


def views_of(kind: Kind) -> list[Any]:
    """The addresses of one kind."""
    address, name, label = kind.api_address, component(kind), kind.label.lower()
    shared: dict[str, Any] = {"tags": [address], **LIBRARY}
    example = example_record(kind)
    record = {"anyOf": [ref(name), ref(f"{name}Part")]}
    single = {
        "type": "object",
        "description": "The record; with `include=evidence`, what it rests on in `included`.",
        "anyOf": [ref(name), ref(f"{name}Part"), ref(f"{name}Chain")],
    }
    page: dict[str, Any] = {"results": [example], "next": None, "previous": None, "filters": {}}
    listing = described(
        operation_id=f"list{name}s",
        summary=f"{kind.label_plural}",
        parameters=parameters_of(kind, filters_of(kind)),
        responses={
            **in_formats(kind, page_of(record), page, "A page."),
            414: OpenApiResponse(None, description="The address is longer than the server takes: fewer `ids`."),
            **problems(),
        },
        **shared,
    )
    answers = in_formats(kind, single, example, "The record.")
    detail = described(
        operation_id=f"get{name}",
        summary=f"One {label}",
        parameters=[SLUG_IN_PATH, AS_OF, *shapes(kind)],
        responses={**answers, **MOVED, **PROBLEMS},
        **shared,
    )
    editions = described(
        operation_id=f"list{name}Editions",
        summary=f"Editions of one {label}",
        parameters=[
            SLUG_IN_PATH,
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 100}),
            OpenApiParameter(
                "before",
                {"type": "integer", "minimum": 1, "maximum": 99_999},
                description="Editions before this number.",
            ),
        ],
        responses={(200, JSON): OpenApiResponse(ref("Editions"), description="Its editions."), **PROBLEMS},
        **shared,
    )
    numbered = described(
        operation_id=f"get{name}Edition",
        summary=f"One edition of a {label}",
        parameters=[SLUG_IN_PATH, NUMBER_IN_PATH, *shapes(kind)],
        responses={**answers, **PROBLEMS},
        **shared,
    )

    def view(suffix: str, base: type[Any]) -> Any:
        return type(f"{name}{suffix}", (base,), {"kind": kind})

    start = f"api-{kind.code}"
    return [
        path(f"{address}/", listing(view("List", RecordList)).as_view(), name=f"{start}-list"),
        path(f"{address}/<str:slug>/", detail(view("Detail", RecordDetail)).as_view(), name=start),
        path(
            f"{address}/<str:slug>/editions/",
            editions(view("Editions", EditionList)).as_view(),
            name=f"{start}-editions",
        ),
        path(
            f"{address}/<str:slug>/editions/<int:number>/",
            numbered(view("Edition", EditionDetail)).as_view(),
            name=f"{start}-edition",
        ),
    ]


root = described(
    operation_id="root",
    summary="The collections",
    tags=["start"],
    responses={(200, JSON): OpenApiResponse(COLLECTIONS_SCHEMA, description="Addresses by name."), **problems()},
    **LIBRARY,
)(Root)
contract = described(
    operation_id="openapi",
    summary="This contract",
    tags=["start"],
    responses={(200, JSON): OpenApiResponse({"type": "object"}, description="OpenAPI 3.1."), **problems()},
    **LIBRARY,
)(OpenApi)
search = described(
    operation_id="search",
    summary="Search everything",
    tags=["across kinds"],
    parameters=[
        OpenApiParameter(
            "q",
            {"type": "string", "minLength": 1, "maxLength": 300},
            required=True,
            description='Words, as on the web: `"two words"`, `or`, `-not`; a code; a DOI.',
        ),
        OpenApiParameter("kind", KIND, description="Only this kind."),
        OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
        OpenApiParameter(
            "page",
            {"type": "integer", "minimum": 1, "maximum": 200, "default": 1},
            description="The best 200 matches can be read.",
        ),
    ],
    responses={(200, JSON): OpenApiResponse(ref("SearchPage"), description="A page."), **problems()},
    **LIBRARY,
)(Search)
ANY = next(iter(KINDS.values()))
by_hash = described(
    operation_id="getEditionByHash",
    summary="The edition with this hash",
    tags=["across kinds"],
    parameters=[
        OpenApiParameter("sha256", HASH, OpenApiParameter.PATH, description="The hash of its document."),
        chosen(
            "format",
            ["json", "ndjson", "csv", "xlsx", "ris", "bibtex", "csl-json", "jsonld", "datacite"],
            "The format, in place of `Accept`.",
        ),
        OpenApiParameter("fields", str, description="Only these members, as at the address of its kind. JSON only."),
        chosen("include", ["evidence"], "As at the address of its kind."),
    ],
    responses={**in_formats(ANY, ref("AnyRecord"), example_record(ANY), "The edition."), **PROBLEMS},
    **LIBRARY,
)(ByHash)
checked = {(200, JSON): OpenApiResponse(ref("Checked"), description="What has become of each.")}
check = described(
    operation_id="check",
    summary="Are my copies current?",
    tags=["across kinds"],
    parameters=[listed("sha256", HASH, "Hashes of the documents you hold.", 50)],
    responses={**checked, **problems()},
    **LIBRARY,
)(Check)
check = described(
    "post",
    operation_id="checkMany",
    summary="Are my copies current? Up to a thousand",
    tags=["across kinds"],
    description="",
    request={JSON: ref("Hashes")},
    responses={**checked, **problems(413, 415, 422)},
)(check)

drawn = described(
    operation_id="evidenceMap",
    summary="How much is published on what",
    tags=["across kinds"],
    parameters=[
        chosen("of", list(COUNTED), "What is counted: findings unless it says otherwise."),
        chosen("by", list(ROWS), "What the rows are: themes unless it says otherwise."),
        OpenApiParameter(
            "sector",
            {"type": "array", "items": {"type": "string", "enum": Sector.values}},
            description="Only evidence from any of these.",
        ),
    ],
    responses={(200, JSON): OpenApiResponse(ref("Map"), description="The map."), **problems()},
    **LIBRARY,
)(EvidenceMap)

v1 = [
    path("", root.as_view(), name="api-root"),
    path("openapi.json", contract.as_view(), name="api-openapi"),
    path("evidence-map/", drawn.as_view(), name="api-evidence-map"),
    path("search/", search.as_view(), name="api-search"),
    path("check/", check.as_view(), name="api-check"),
    path("editions/<str:sha256>/", by_hash.as_view(), name="api-edition-by-hash"),
    *(each for kind in KINDS.values() for each in views_of(kind)),
]
urlpatterns = [
    path("", Documentation.as_view(url_name="api-openapi"), name="api-documentation"),
    path("policy/", guide, name="api-policy"),
    *(path(f"v1/{pattern.pattern}", pattern.callback, name=pattern.name) for pattern in v1),
    path("v1/workbench/", include("failure_lessons.partners.urls")),
    path("v1/webhooks/", include("failure_lessons.webhooks.api")),
    path("problems/<slug:kind>/", explained, name="api-problem"),
    re_path(r"^(?P<rest>.*)$", nowhere),
]
