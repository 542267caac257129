"""Whether the wall of a workshop has changed: asked every few seconds by each phone in the room, so answered early."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from recommendations.consultations.workshops import WorkshopSession

WALL_PATH = "/take-part/wall/"


def read_wall_tag(wall: str) -> str:
    """The tag of what a wall shows now; empty where there is none. One query."""
    try:
        key = uuid.UUID(wall)
    except ValueError:
        return ""
    version = WorkshopSession.objects.filter(wall=key).order_by().values_list("wall_version", flat=True).first()
    return "" if version is None else f'"{version}"'


class WatchWall:
    """Answers 304 to whoever holds what the wall shows, before anything else is asked for that a page would need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        held = request.headers.get("If-None-Match") if request.path_info.startswith(WALL_PATH) else None
        if held and held == read_wall_tag(request.path_info.removeprefix(WALL_PATH).rstrip("/")):
            return HttpResponse(status=304, headers={"ETag": held, "Cache-Control": "no-store"})
        return self.get_response(request)
