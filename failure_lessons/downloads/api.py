"""The list of downloads as data."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from failure_lessons.api.description import JSON_MEDIA_TYPE, describe_operation, problem_responses
from failure_lessons.api.schema_parts import schema_ref
from failure_lessons.api.views import LibraryReadView, json_response
from failure_lessons.downloads.views import serialize_downloads, servable_bundle
from failure_lessons.publishing.addresses import site_address


@describe_operation(
    operation_id="listDownloads",
    summary="The whole repository as files",
    tags=["across kinds"],
    description="",
    responses={
        (200, JSON_MEDIA_TYPE): OpenApiResponse(schema_ref("Downloads"), description="The newest files."),
        **problem_responses(),
    },
)
class Downloads(LibraryReadView):
    """The whole repository as files. It depends on what lies on the shelf too, so it has no tag of the library."""

    def get(self, request: Request) -> HttpResponse:
        return json_response(serialize_downloads(servable_bundle(), site_address(self.check_request(request))))
