"""The addresses of the workbench below `/api/v1/workbench/`."""

from __future__ import annotations

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import path

from failure_lessons.access.models import Scope
from failure_lessons.partners.openapi import describe_draft_view
from failure_lessons.partners.writing import (
    DraftDetail,
    DraftFindingDetail,
    DraftFindingList,
    DraftList,
    DraftPackages,
    DraftSubmission,
    WorkbenchView,
)


def collection_view(view: type[WorkbenchView], collection: str, scope: str) -> Callable[..., HttpResponseBase]:
    """The view for one collection, described."""
    name = f"{view.__name__}Of{collection.title().replace('-', '')}"
    made: type[WorkbenchView] = type(name, (view,), {"collection": collection, "scope": scope})
    return describe_draft_view(made, collection).as_view()


urlpatterns = [
    path("packages/", describe_draft_view(DraftPackages, "packages").as_view(), name="api-workbench-packages"),
    path("findings/", describe_draft_view(DraftFindingList, "findings").as_view(), name="api-workbench-findings"),
    path(
        "findings/<str:key>/",
        describe_draft_view(DraftFindingDetail, "findings").as_view(),
        name="api-workbench-finding",
    ),
    *(
        path(
            f"{collection}/{rest}", collection_view(view, collection, scope), name=f"api-workbench-{collection}-{name}"
        )
        for collection, scope in (("references", Scope.REFERENCES), ("case-studies", Scope.CASES))
        for rest, view, name in (
            ("", DraftList, "list"),
            ("<str:key>/", DraftDetail, "one"),
            ("<str:key>/submit/", DraftSubmission, "submit"),
        )
    ),
]
