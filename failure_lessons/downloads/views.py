"""The page of downloads, the same as data, and the files themselves, whole or in ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from failure_lessons.api.etags import not_modified
from failure_lessons.downloads import storage
from failure_lessons.downloads.storage import Bundle, File
from failure_lessons.publishing.addresses import site_path
from failure_lessons.publishing.models import LedgerEntry

RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
DOWNLOAD_BLOCK_BYTES = 262_144
REBUILT_WITHIN = "60"  # seconds, usually, until the worker has built anew


def library_revision() -> int:
    """The newest revision of the library."""
    return LedgerEntry.objects.order_by("-number").values_list("number", flat=True).first() or 0


def is_outdated(revision: int, removal: LedgerEntry | None) -> bool:
    """Whether files of this revision may hold what was taken away from readers since."""
    return removal is not None and revision < removal.number


def servable_bundle() -> Bundle | None:
    """The newest bundle, unless something was taken away from readers since it was built."""
    bundle = storage.newest_bundle()
    return bundle if bundle and not is_outdated(bundle.revision, LedgerEntry.objects.last_removal()) else None


@require_safe
def downloads_page(request: HttpRequest) -> HttpResponse:
    """What can be taken away. Two queries."""
    return render_downloads(request)


def render_downloads(request: HttpRequest, status: int = 200, asked: int | None = None) -> HttpResponse:
    """The page of downloads; with `asked`, instead of files of that revision, which are no longer handed out."""
    newest, removal = storage.newest_bundle(), LedgerEntry.objects.last_removal()
    waiting = newest is not None and is_outdated(newest.revision, removal)
    bundle = None if waiting else newest
    context = {
        "bundle": bundle,
        "is_newest": bundle and bundle.revision == library_revision(),
        "waiting": waiting,
        "removal": removal,
        "asked": asked,
    }
    answer = render(request, "downloads/downloads.html", context, status=status)
    if status == 503:
        answer["Retry-After"] = REBUILT_WITHIN
    return answer


@require_safe
def newest_download(request: HttpRequest, name: str) -> HttpResponse:
    """An address that stays: leads to this file of the newest bundle; 503 while that holds what was withdrawn."""
    bundle = storage.newest_bundle()
    if bundle is None or bundle.find_file(name) is None:
        raise Http404
    if is_outdated(bundle.revision, LedgerEntry.objects.last_removal()):
        return render_downloads(request, status=503)
    answer = HttpResponseRedirect(reverse("download", args=[bundle.revision, name]))
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def download_file(request: HttpRequest, revision: int, name: str) -> HttpResponseBase:
    """A file of a bundle. Understands one range of bytes, so that a broken download can go on.

    410 when something was taken away from readers since: whoever holds the address learns why.
    """
    if name in storage.FILE_NAMES and is_outdated(revision, LedgerEntry.objects.last_removal()):
        return render_downloads(request, status=410, asked=revision)
    bundle = storage.bundle_at(revision) if revision < 10**18 else None
    about = bundle.find_file(name) if bundle else None
    if bundle is None or about is None:
        raise Http404
    tag = f'"{about.sha256}"'
    if not_modified(request, tag, http_date(bundle.built_at.timestamp())):
        return add_file_headers(HttpResponse(status=304), bundle, about)
    start, end, partial = 0, about.bytes, False
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if asked and any(asked.groups()) and request.headers.get("If-Range", tag) == tag:
        first, last = asked.groups()
        start = int(first) if first else max(0, about.bytes - int(last))
        end = min(about.bytes, int(last) + 1) if first and last else about.bytes
        partial = True
        if start >= end:
            refusal = HttpResponse(status=416)
            refusal["Content-Range"] = f"bytes */{about.bytes}"
            return refusal
    blocks = () if request.method == "HEAD" else read_blocks(bundle.folder / about.name, start, end)
    answer = StreamingHttpResponse(blocks, status=206 if partial else 200, content_type=about.media_type)
    answer["Content-Length"] = str(end - start)
    if partial:
        answer["Content-Range"] = f"bytes {start}-{end - 1}/{about.bytes}"
    return add_file_headers(answer, bundle, about)


def add_file_headers(answer: HttpResponseBase, bundle: Bundle, about: File) -> HttpResponseBase:
    """The headers that every answer about a file has."""
    answer["ETag"] = f'"{about.sha256}"'
    answer["Last-Modified"] = http_date(bundle.built_at.timestamp())
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "public, no-cache"  # asked about each time: what is withdrawn has to go
    answer["Content-Disposition"] = f'attachment; filename="{about.name}"'
    return answer


def read_blocks(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` up to `end`, a block at a time."""
    with path.open("rb") as opened:
        opened.seek(start)
        while start < end and (block := opened.read(min(DOWNLOAD_BLOCK_BYTES, end - start))):
            start += len(block)
            yield block


def serialize_bundle(bundle: Bundle | None, base: str) -> dict[str, object]:
    """The bundle as data."""
    if bundle is None:
        return {"revision": None, "files": []}
    return {
        "revision": bundle.revision,
        "built_at": bundle.built_at.isoformat(),
        "files": [
            {
                "name": file.name,
                "label": file.label,
                "media_type": file.media_type,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "url": base + site_path("download", bundle.revision, file.name),
            }
            for file in bundle.files
        ],
    }


def serialize_downloads(bundle: Bundle | None, base: str) -> dict[str, object]:
    """The bundle as data, with the library's own revision beside it."""
    return {"library_revision": library_revision(), **serialize_bundle(bundle, base)}
