"""Editions as a file to keep."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from failure_lessons.exports.formats import Format
from failure_lessons.publishing.addresses import site_address
from failure_lessons.publishing.rows import EditionRow


def stream_download(
    request: HttpRequest,
    chosen: Format,
    rows: Iterable[EditionRow],
    *,
    kind: str = "",
    name: str,
    attached: bool = True,
) -> HttpResponseBase:
    """The rows in this format, streamed, under a plain file name (`name` and the format's extension).

    `rows` is best a `.iterator()`: nothing is fetched before the first block is sent, and nothing at all for HEAD.
    """
    blocks = iter(()) if request.method == "HEAD" else chosen.write(rows, site_address(request), kind)
    answer = StreamingHttpResponse(blocks, content_type=chosen.content_type)
    if attached:
        file = f"{slugify(name)[:120] or 'failure-lessons'}.{chosen.extension}"
        answer["Content-Disposition"] = content_disposition_header(True, file)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
