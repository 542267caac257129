"""What a partner sends, as JSON that holds no surprises; and how a change is laid over a record."""

from __future__ import annotations

import json
import re
from email.message import Message

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from failure_lessons.packages.validation import no_constant, unique_members
from failure_lessons.problems import ApiProblem
from failure_lessons.types import JSONArray, JSONValue

JSON_CONTENT_TYPE, MERGE_PATCH = "application/json", "application/merge-patch+json"
MAX_BODY_DEPTH, MAX_BODY_MEMBERS = 24, 20_000


def require_media_type(request: HttpRequest, wanted: str) -> None:
    """Refuse a body in any format but this one, in UTF-8, not compressed."""
    header = Message()
    header["content-type"] = request.META.get("CONTENT_TYPE", "")
    sent, charset = header.get_content_type(), str(header.get_param("charset") or "utf-8")
    if not request.META.get("CONTENT_TYPE"):
        sent = "a body without Content-Type"
    if sent != wanted or charset.lower() not in ("utf-8", "utf8"):
        what = sent if sent != wanted else f"the charset {charset[:40]}"
        accept = {"Accept-Patch" if wanted == MERGE_PATCH else "Accept-Post": wanted}
        raise ApiProblem(415, f"This address takes {wanted} in UTF-8, not {what[:80]}.", headers=accept)
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise ApiProblem(
            415, "Send the body as it is, without Content-Encoding.", headers={"Accept-Encoding": "identity"}
        )


def read_raw_body(request: HttpRequest) -> bytes:
    """The body, unless it is too large."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > limit:
        raise ApiProblem(413, f"The body has {length} bytes; at most {limit} are taken.", limit=limit)
    try:
        return request.body
    except RequestDataTooBig:
        raise ApiProblem(413, f"The body has more than {limit} bytes.", limit=limit) from None


def read_json_body(request: HttpRequest, wanted: str = JSON_CONTENT_TYPE) -> JSONValue:
    """The JSON value that was sent. Raises `ApiProblem` 400, 413 or 415."""
    require_media_type(request, wanted)
    body = read_raw_body(request)
    if not body.strip():
        raise ApiProblem(400, "The body is empty. Send JSON, and its length in Content-Length.", kind="bad-request")
    try:
        # strict about UTF-8, lone surrogates, depth and numbers that are none; and so quick that what is endless is
        # refused before the reader begins that calls us for each number, which took seconds
        check_body_limits(orjson.loads(body))
        value = json.loads(
            body,
            object_pairs_hook=unique_members,
            parse_constant=no_constant,
            parse_int=parse_json_integer,
            parse_float=parse_json_float,
        )
    except RecursionError:
        raise unreadable_body_problem("it is nested too deeply") from None
    except ValueError as error:
        raise unreadable_body_problem(str(error)[:300]) from None
    return value


def unreadable_body_problem(why: str) -> ApiProblem:
    """400."""
    return ApiProblem(400, f"The body is not JSON that we can read: {why}.", kind="bad-request")


def parse_json_integer(text: str) -> int:
    """A whole number that fits into a column."""
    if len(text) > 16:
        raise ValueError(f"the number {text[:20]}… is too large")
    return int(text)


def parse_json_float(text: str) -> float:
    """A number that is not infinite."""
    value = float(text)
    if len(text) > 40 or abs(value) > 1e15:
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def check_body_limits(value: JSONValue) -> None:
    """Refuse NUL characters, lists of endless length and depths that no record has."""
    layer, depth = [value], 0
    while layer:
        depth += 1
        if depth > MAX_BODY_DEPTH:
            raise unreadable_body_problem(f"it is nested more than {MAX_BODY_DEPTH} deep")
        beneath: JSONArray = []
        for item in layer:
            if isinstance(item, str):
                if "\0" in item:
                    raise unreadable_body_problem("it holds a NUL character, which no text needs")
            elif isinstance(item, list | dict):
                if len(item) > MAX_BODY_MEMBERS:
                    raise unreadable_body_problem(
                        f"a list or object in it has {len(item)} members; at most {MAX_BODY_MEMBERS} make sense"
                    )
                beneath += [*item, *item.values()] if isinstance(item, dict) else item
        layer = beneath


def apply_merge_patch(target: JSONValue, patch: JSONValue) -> JSONValue:
    """`target` changed as the merge patch says (RFC 7396): null removes a member, objects merge, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = apply_merge_patch(result.get(name), value)
    return result


TAG = re.compile(r'\s*(W/)?("[^"]*")\s*(?:,|$)')


def parse_if_match(header: str) -> list[str]:
    """The strong tags in If-Match. Weak ones never match. Raises `ApiProblem` when it is not written as tags."""
    found, at = list[str](), 0
    while at < len(header):
        match = TAG.match(header, at)
        if match is None:
            raise ApiProblem(400, "If-Match holds tags in quotation marks, as they came in ETag.", kind="bad-request")
        if not match[1]:
            found.append(match[2])
        at = match.end()
    return found
