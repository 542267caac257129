"""The addresses of the workbench below `/api/v1/workbench/`."""

from __future__ import annotations

from typing import Any

from django.urls import path

from failure_lessons.access.models import Scope
from failure_lessons.partners.openapi import described
from failure_lessons.partners.writing import Finding, Findings, Packages, Record, Records, Submission


def of(view: Any, collection: str, scope: str) -> Any:
    """The view for one collection, described."""
    name = f"{view.__name__}Of{collection.title().replace('-', '')}"
    return described(type(name, (view,), {"collection": collection, "scope": scope}), collection).as_view()


urlpatterns = [
    path("packages/", described(Packages, "packages").as_view(), name="api-workbench-packages"),
    path("findings/", described(Findings, "findings").as_view(), name="api-workbench-findings"),
    path("findings/<str:key>/", described(Finding, "findings").as_view(), name="api-workbench-finding"),
    *(
        path(f"{collection}/{rest}", of(view, collection, scope), name=f"api-workbench-{collection}-{name}")
        for collection, scope in (("references", Scope.REFERENCES), ("case-studies", Scope.CASES))
        for rest, view, name in (
            ("", Records, "list"),
            ("<str:key>/", Record, "one"),
            ("<str:key>/submit/", Submission, "submit"),
        )
    ),
]
