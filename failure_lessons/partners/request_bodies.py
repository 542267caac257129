"""What a partner sends, as JSON that holds no surprises; and how a change is laid over a record."""

from __future__ import annotations

import json
import re
from email.message import Message
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from failure_lessons.packages.validation import no_constant, unique_members
from failure_lessons.problems import Problem

JSON, MERGE_PATCH = "application/json", "application/merge-patch+json"
DEEPEST, LONGEST = 24, 20_000


def media_type(request: HttpRequest, wanted: str) -> None:
    """Refuse a body in any format but this one, in UTF-8, not compressed."""
    header = Message()
    header["content-type"] = request.META.get("CONTENT_TYPE", "")
    sent, charset = header.get_content_type(), str(header.get_param("charset") or "utf-8")
    if not request.META.get("CONTENT_TYPE"):
        sent = "a body without Content-Type"
    if sent != wanted or charset.lower() not in ("utf-8", "utf8"):
        what = sent if sent != wanted else f"the charset {charset[:40]}"
        accept = {"Accept-Patch" if wanted == MERGE_PATCH else "Accept-Post": wanted}
        raise Problem(415, f"This address takes {wanted} in UTF-8, not {what[:80]}.", headers=accept)
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Problem(415, "Send the body as it is, without Content-Encoding.", headers={"Accept-Encoding": "identity"})


def raw(request: HttpRequest) -> bytes:
    """The body, unless it is too large."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > limit:
        raise Problem(413, f"The body has {length} bytes; at most {limit} are taken.", limit=limit)
    try:
        return request.body
    except RequestDataTooBig:
        raise Problem(413, f"The body has more than {limit} bytes.", limit=limit) from None


def read(request: HttpRequest, wanted: str = JSON) -> Any:
    """The JSON value that was sent. Raises `Problem` 400, 413 or 415."""
    media_type(request, wanted)
    body = raw(request)
    if not body.strip():
        raise Problem(400, "The body is empty. Send JSON, and its length in Content-Length.", kind="bad-request")
    try:
        orjson.loads(body)  # strict about UTF-8, lone surrogates, depth and numbers that are none
        value = json.loads(
            body, object_pairs_hook=unique_members, parse_constant=no_constant, parse_int=whole, parse_float=finite
        )
    except RecursionError:
        raise unreadable("it is nested too deeply") from None
    except ValueError as error:
        raise unreadable(str(error)[:300]) from None
    plain(value)
    return value


def unreadable(why: str) -> Problem:
    """400."""
    return Problem(400, f"The body is not JSON that we can read: {why}.", kind="bad-request")


def whole(text: str) -> int:
    """A whole number that fits into a column."""
    if len(text) > 16:
        raise ValueError(f"the number {text[:20]}… is too large")
    return int(text)


def finite(text: str) -> float:
    """A number that is not infinite."""
    value = float(text)
    if len(text) > 40 or abs(value) > 1e15:
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def plain(value: Any) -> None:
    """Refuse NUL characters, lists of endless length and depths that no record has."""
    layer, depth = [value], 0
    while layer:
        depth += 1
        if depth > DEEPEST:
            raise unreadable(f"it is nested more than {DEEPEST} deep")
        beneath: list[Any] = []
        for item in layer:
            if isinstance(item, str):
                if "\0" in item:
                    raise unreadable("it holds a NUL character, which no text needs")
            elif isinstance(item, list | dict):
                if len(item) > LONGEST:
                    raise unreadable(f"a list or object in it has {len(item)} members; at most {LONGEST} make sense")
                beneath += [*item, *item.values()] if isinstance(item, dict) else item
        layer = beneath


def merged(target: Any, patch: Any) -> Any:
    """`target` changed as the merge patch says (RFC 7396): null removes a member, objects merge, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


TAG = re.compile(r'\s*(W/)?("[^"]*")\s*(?:,|$)')


def tags_of(header: str) -> list[str]:
    """The strong tags in If-Match. Weak ones never match. Raises `Problem` when it is not written as tags."""
    found, at = list[str](), 0
    while at < len(header):
        match = TAG.match(header, at)
        if match is None:
            raise Problem(400, "If-Match holds tags in quotation marks, as they came in ETag.", kind="bad-request")
        if not match[1]:
            found.append(match[2])
        at = match.end()
    return found
