"""Editions as a file to keep: the headers that every download carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify


def site_address(request: HttpRequest) -> str:
    """The site's own address, without a slash at its end."""
    return request.build_absolute_uri("/")[:-1]


class Writer(Protocol):
    """A format of exports."""

    @property
    def extension(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def write(self) -> Callable[[Iterable[Any], str, str], Iterator[bytes]]: ...


def stream_download(
    request: HttpRequest, chosen: Writer, rows: Iterable[Any], *, kind: str = "", name: str, attached: bool = True
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


def attach_file(data: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to keep."""
    answer = HttpResponse(data, content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
