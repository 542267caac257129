"""The addresses of the API."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from failure_lessons.api.answers import JSON, api_address
from failure_lessons.api.description import PAGE_SCHEMA, PROBLEMS, RECORD_SCHEMA, described, parameters_of
from failure_lessons.api.reading import Documentation, EditionDetail, OpenApi, RecordDetail, RecordList, Root, nowhere
from failure_lessons.downloads.api import Downloads
from failure_lessons.problems import explained
from failure_lessons.publishing.kinds import KINDS, Kind
from failure_lessons.questions import FILTERS


def views_of(kind: Kind) -> list[Any]:
    """The addresses of one kind."""
    address = api_address(kind)
    name = "".join(word.capitalize() for word in kind.code.split("-"))
    shared: dict[str, Any] = {"tags": [address]}
    one = {(200, JSON): OpenApiResponse(RECORD_SCHEMA, description="The record."), **PROBLEMS}
    slug = OpenApiParameter(
        "slug", OpenApiTypes.STR, OpenApiParameter.PATH, description="The last part of its address."
    )
    listing = described(
        operation_id=f"list{name}s", summary=f"{kind.label_plural}, current editions", description="",
        parameters=parameters_of(kind, FILTERS[kind.code]),
        responses={(200, JSON): OpenApiResponse(PAGE_SCHEMA, description="A page."),
        **PROBLEMS}, **shared,
    )  # fmt: skip
    detail = described(
        operation_id=f"get{name}", summary=f"One {kind.label.lower()}", description="", parameters=[slug],
        responses=one, **shared,
    )  # fmt: skip
    numbered = described(
        operation_id=f"get{name}Edition", summary=f"One edition of a {kind.label.lower()}", description="",
        parameters=[slug], responses=one, **shared,
    )  # fmt: skip
    record_list: Any = type(f"{name}List", (RecordList,), {"kind": kind})
    record_detail: Any = type(f"{name}Detail", (RecordDetail,), {"kind": kind})
    edition_detail: Any = type(f"{name}Edition", (EditionDetail,), {"kind": kind})
    return [
        path(f"{address}/", listing(record_list).as_view(), name=f"api-{kind.code}-list"),
        path(f"{address}/<str:slug>/", detail(record_detail).as_view(), name=f"api-{kind.code}"),
        path(f"{address}/<str:slug>/editions/<int:number>/", numbered(edition_detail).as_view(),
             name=f"api-{kind.code}-edition"),
    ]  # fmt: skip


v1 = [
    path("", Root.as_view(), name="api-root"),
    path("downloads/", Downloads.as_view(), name="api-downloads"),
    *(each for kind in KINDS.values() for each in views_of(kind)),
]
urlpatterns = [
    path("", Documentation.as_view(url_name="api-openapi"), name="api-documentation"),
    path("v1/openapi.json", OpenApi.as_view(), name="api-openapi"),
    *(path(f"v1/{pattern.pattern}", pattern.callback, name=pattern.name) for pattern in v1),
    path("problems/<slug:kind>/", explained, name="api-problem"),
    re_path(r"^(?P<rest>.*)$", nowhere),
]
