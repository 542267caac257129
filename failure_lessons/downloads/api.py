"""The list of downloads as data."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from failure_lessons.api.answers import JSON, site
from failure_lessons.api.description import PROBLEMS
from failure_lessons.downloads import shelf
from failure_lessons.downloads.views import as_data
from failure_lessons.problems import Problem
from failure_lessons.questions import strangers

FILE_SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "label": {"type": "string"},
        "media_type": {"type": "string"},
        "bytes": {"type": "integer", "minimum": 0},
        "sha256": {"type": "string"},
        "url": {"type": "string", "format": "uri", "description": "Answers range requests."},
    },
    "required": ["name", "label", "media_type", "bytes", "sha256", "url"],
}
DOWNLOADS_SCHEMA = {
    "type": "object",
    "properties": {
        "library_revision": {"type": "integer", "description": "The newest change to the library."},
        "revision": {"type": ["integer", "null"], "description": "The revision that the files hold; null: none built."},
        "built_at": {"type": "string", "format": "date-time"},
        "files": {"type": "array", "items": FILE_SCHEMA},
    },
    "required": ["library_revision", "revision", "files"],
}


class Downloads(APIView):
    """The whole repository as files."""

    renderer_classes: ClassVar[list[type[JSONRenderer]]] = [JSONRenderer]  # type: ignore[misc]

    @extend_schema(
        operation_id="listDownloads", summary="The whole repository as files", tags=["downloads"],
        responses={(200, JSON): OpenApiResponse(DOWNLOADS_SCHEMA, description="The newest files."), **PROBLEMS},
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        for fault in strangers(request.query_params, ()):
            raise Problem(400, fault.text, parameter=fault.parameter)
        return HttpResponse(as_data(shelf.newest(), site(request)), content_type=JSON)
