"""How an edition is written into an answer: the document as stored, with what the library knows about it at its end."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import orjson
from rest_framework.request import Request

from failure_lessons.publishing.kinds import KINDS, Kind

ADDRESSES = {"literature-review": "literature-reviews"}  # where the API's plural is not the page's
JSON = "application/json"
COLUMNS = (
    "pk", "kind", "slug", "number", "revision", "sha256", "document", "sort_key", "note",
    "published_at", "superseded_at", "withdrawn_at", "evidence_changed_at",
)  # fmt: skip


def api_address(kind: Kind) -> str:
    """The plural noun of a kind in API addresses."""
    return ADDRESSES.get(kind.code, kind.address)


class Row(Protocol):
    """The columns of an edition that an answer needs: a model instance or a named row."""

    pk: int
    kind: str
    slug: str
    number: int
    revision: int
    sha256: str
    document: str
    sort_key: str
    note: str
    published_at: dt.datetime
    superseded_at: dt.datetime | None
    evidence_changed_at: dt.datetime | None


def spliced(edition: Row, base: str) -> bytes:
    """The document as stored, with what the library knows about it as one more member, `edition`, at its end.

    `base` is the site's own address, without a slash at its end.
    """
    kind = KINDS[edition.kind]
    about = {
        "number": edition.number,
        "revision": edition.revision,
        "sha256": edition.sha256,
        "published_at": edition.published_at,
        "superseded_at": edition.superseded_at,
        "evidence_changed_at": edition.evidence_changed_at,
        "note": edition.note,
        "url": f"{base}/api/v1/{api_address(kind)}/{edition.slug}/editions/{edition.number}/",
        "page": f"{base}/{kind.address}/{edition.slug}/v{edition.number}/",
    }
    return edition.document[:-1].encode() + b',"edition":' + orjson.dumps(about, option=orjson.OPT_UTC_Z) + b"}"


def site(request: Request) -> str:
    """The site's own address."""
    return request._request.build_absolute_uri("/")[:-1]
