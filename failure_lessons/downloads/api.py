"""The list of downloads as data."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from failure_lessons.api.description import JSON, described, problems, ref
from failure_lessons.api.views import Reading, answered, site
from failure_lessons.downloads import storage
from failure_lessons.downloads.views import as_data


@described(
    operation_id="listDownloads",
    summary="The whole repository as files",
    tags=["across kinds"],
    description="",
    responses={(200, JSON): OpenApiResponse(ref("Downloads"), description="The newest files."), **problems()},
)
class Downloads(Reading):
    """The whole repository as files. It depends on what lies on the shelf too, so it has no tag of the library."""

    def get(self, request: Request) -> Any:
        return answered(as_data(storage.newest(), site(self.plain(request))))
