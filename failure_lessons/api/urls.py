"""The addresses of the API."""

from __future__ import annotations

from django.urls import URLPattern, include, path, re_path
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from failure_lessons.api.bodies import MOST_BODY_PAGES, BodyDetail, BodyList
from failure_lessons.api.contract_pages import contract_page, operation_page
from failure_lessons.api.description import (
    AS_OF,
    COLLECTIONS_SCHEMA,
    JSON_MEDIA_TYPE,
    PROBLEMS,
    KindOperation,
    LibraryOperation,
    Responses,
    choice_parameter,
    comma_list_parameter,
    describe_operation,
    page_schema,
    problem_responses,
    record_list_parameters,
    response_shape_parameters,
    responses_in_formats,
)
from failure_lessons.api.evidence_map import EvidenceMap
from failure_lessons.api.lookups import ByHash, Check, LibrarySearch
from failure_lessons.api.reading import EditionDetail, EditionList, KindView, RecordDetail, RecordList
from failure_lessons.api.records import component_name
from failure_lessons.api.root import OpenApi, Root, api_guide, api_not_found
from failure_lessons.api.schema_parts import HASH_SCHEMA, KIND, POSITIVE, SLUG_SCHEMA, schema_ref
from failure_lessons.api.traceability import TraceabilityView
from failure_lessons.library.evidence_map import MAP_ROWS, MAPPED_KINDS
from failure_lessons.library.list_query import filters_of
from failure_lessons.problems import explain_problem
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.vocabularies.choices import Sector

LIBRARY: LibraryOperation = {"extensions": {"x-library": True}, "description": ""}
SLUG_IN_PATH = OpenApiParameter("slug", SLUG_SCHEMA, OpenApiParameter.PATH, description="The last part of its address.")
NUMBER_IN_PATH = OpenApiParameter("number", POSITIVE, OpenApiParameter.PATH, description="The edition.")
MOVED: Responses = {
    308: OpenApiResponse(None, description="The record is published under another address now: `Location`.")
}


def build_kind_urls(kind: Kind) -> list[URLPattern]:
    """The addresses of one kind."""
    address, name, label = kind.api_address, component_name(kind.code), kind.label.lower()
    shared: KindOperation = {"tags": [address], **LIBRARY}
    record = {"anyOf": [schema_ref(name), schema_ref(f"{name}Part")]}
    listing = describe_operation(
        operation_id=f"list{component_name(address)}",
        summary=f"{kind.label_plural}",
        parameters=record_list_parameters(kind, filters_of(kind)),
        responses={
            **responses_in_formats(kind, page_schema(f"{name}Page", record), "A page."),
            **problem_responses(),
        },
        **shared,
    )
    answers = responses_in_formats(kind, record, "The record.")
    detail = describe_operation(
        operation_id=f"get{name}",
        summary=f"One {label}",
        parameters=[SLUG_IN_PATH, AS_OF, *response_shape_parameters(kind)],
        responses={**answers, **MOVED, **PROBLEMS},
        **shared,
    )
    editions = describe_operation(
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
        responses={
            (200, JSON_MEDIA_TYPE): OpenApiResponse(schema_ref("Editions"), description="Its editions."),
            **PROBLEMS,
        },
        **shared,
    )
    numbered = describe_operation(
        operation_id=f"get{name}Edition",
        summary=f"One edition of a {label}",
        parameters=[SLUG_IN_PATH, NUMBER_IN_PATH, *response_shape_parameters(kind)],
        responses={**answers, **PROBLEMS},
        **shared,
    )

    def view(suffix: str, base: type[KindView]) -> type[KindView]:
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
            f"{address}/<str:slug>/editions/<number:number>/",
            numbered(view("Edition", EditionDetail)).as_view(),
            name=f"{start}-edition",
        ),
    ]


root_view = describe_operation(
    operation_id="root",
    summary="The collections",
    tags=["start"],
    responses={
        (200, JSON_MEDIA_TYPE): OpenApiResponse(COLLECTIONS_SCHEMA, description="Addresses by name."),
        **problem_responses(),
    },
    **LIBRARY,
)(Root)
contract_view = describe_operation(
    operation_id="openapi",
    summary="This contract",
    tags=["start"],
    responses={
        (200, JSON_MEDIA_TYPE): OpenApiResponse({"type": "object"}, description="OpenAPI 3.1."),
        **problem_responses(),
    },
    **LIBRARY,
)(OpenApi)
search_view = describe_operation(
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
    responses={
        (200, JSON_MEDIA_TYPE): OpenApiResponse(schema_ref("SearchPage"), description="A page."),
        **problem_responses(),
    },
    **LIBRARY,
)(LibrarySearch)
ANY = next(iter(KINDS.values()))
by_hash_view = describe_operation(
    operation_id="getEditionByHash",
    summary="The edition with this hash",
    tags=["across kinds"],
    parameters=[
        OpenApiParameter("sha256", HASH_SCHEMA, OpenApiParameter.PATH, description="The hash of its document."),
        choice_parameter(
            "format",
            ["json", "ndjson", "csv", "xlsx", "ris", "bibtex", "csl-json", "jsonld", "datacite"],
            "The format, in place of `Accept`.",
        ),
        OpenApiParameter("fields", str, description="Only these members, as at the address of its kind. JSON only."),
        choice_parameter("include", ["evidence"], "As at the address of its kind."),
    ],
    responses={**responses_in_formats(ANY, schema_ref("AnyRecord"), "The edition."), **PROBLEMS},
    **LIBRARY,
)(ByHash)
checked_responses: Responses = {
    (200, JSON_MEDIA_TYPE): OpenApiResponse(schema_ref("Checked"), description="What has become of each.")
}
check_view = describe_operation(
    operation_id="check",
    summary="Are my copies current?",
    tags=["across kinds"],
    parameters=[comma_list_parameter("sha256", HASH_SCHEMA, "Hashes of the documents you hold.", 50)],
    responses={**checked_responses, **problem_responses()},
    **LIBRARY,
)(Check)
check_view = describe_operation(
    "post",
    operation_id="checkMany",
    summary="Are my copies current? Up to a thousand",
    tags=["across kinds"],
    description="",
    request={JSON_MEDIA_TYPE: schema_ref("Hashes")},
    responses={**checked_responses, **problem_responses(413, 415, 422)},
)(check_view)

evidence_map_view = describe_operation(
    operation_id="evidenceMap",
    summary="How much is published on what",
    tags=["across kinds"],
    parameters=[
        choice_parameter("of", list(MAPPED_KINDS), "What is counted: findings unless it says otherwise."),
        choice_parameter("by", list(MAP_ROWS), "What the rows are: themes unless it says otherwise."),
        OpenApiParameter(
            "sector",
            {"type": "array", "items": {"type": "string", "enum": Sector.values}},
            description="Only evidence from any of these.",
        ),
    ],
    responses={
        (200, JSON_MEDIA_TYPE): OpenApiResponse(schema_ref("Map"), description="The map."),
        **problem_responses(),
    },
    **LIBRARY,
)(EvidenceMap)

traceability_view = describe_operation(
    operation_id="traceability",
    summary="How far published statements can be traced",
    tags=["across kinds"],
    responses={
        (200, JSON_MEDIA_TYPE): OpenApiResponse(schema_ref("Traceability"), description="The meter."),
        **problem_responses(),
    },
    **LIBRARY,
)(TraceabilityView)

bodies_view = describe_operation(
    operation_id="listBodies",
    summary="What is asked of each body",
    tags=["across kinds"],
    parameters=[
        AS_OF,
        OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}),
        OpenApiParameter("page", {"type": "integer", "minimum": 1, "maximum": MOST_BODY_PAGES, "default": 1}),
    ],
    responses={
        (200, JSON_MEDIA_TYPE): OpenApiResponse(schema_ref("Bodies"), description="A page of bodies."),
        **problem_responses(),
    },
    **LIBRARY,
)(BodyList)
body_view = describe_operation(
    operation_id="getBody",
    summary="What is asked of one body",
    tags=["across kinds"],
    parameters=[SLUG_IN_PATH, AS_OF],
    responses={(200, JSON_MEDIA_TYPE): OpenApiResponse(schema_ref("Body"), description="The body."), **PROBLEMS},
    **LIBRARY,
)(BodyDetail)

v1 = [
    path("", root_view.as_view(), name="api-root"),
    path("openapi.json", contract_view.as_view(), name="api-openapi"),
    path("evidence-map/", evidence_map_view.as_view(), name="api-evidence-map"),
    path("traceability/", traceability_view.as_view(), name="api-traceability"),
    path("bodies/", bodies_view.as_view(), name="api-bodies"),
    path("bodies/<str:slug>/", body_view.as_view(), name="api-body"),
    path("search/", search_view.as_view(), name="api-search"),
    path("check/", check_view.as_view(), name="api-check"),
    path("editions/<str:sha256>/", by_hash_view.as_view(), name="api-edition-by-hash"),
    *(each for kind in KINDS.values() for each in build_kind_urls(kind)),
]
urlpatterns = [
    path("", contract_page, name="api-documentation"),
    path("operations/<str:name>/", operation_page, name="api-operation"),
    path("policy/", api_guide, name="api-policy"),
    *(path(f"v1/{pattern.pattern}", pattern.callback, name=pattern.name) for pattern in v1),
    path("v1/workbench/", include("failure_lessons.partners.urls")),
    path("v1/webhooks/", include("failure_lessons.webhooks.urls")),
    path("problems/<slug:kind>/", explain_problem, name="api-problem"),
    re_path(r"^(?P<rest>(?s:.*))\Z", api_not_found),
]
