"""Files to keep: the headers that every one carries."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def attach_file(data: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to keep."""
    answer = HttpResponse(data, content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
