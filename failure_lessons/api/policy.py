"""What is on its way out, and how answers say so: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link to read.

To retire something, add a line to `RETIRING`. Its answers then carry the headers, and the OpenAPI file marks it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import http_date

from failure_lessons.publishing.schemas import Schema

NOTICE = dt.timedelta(days=365)  # the least time between saying so and the end


@dataclass(frozen=True)
class Retiring:
    """An address, or one parameter of it, that will go.

    `path` is an address as in the OpenAPI file (`/api/v1/lessons/{slug}/`). `since` is when it was announced, `sunset`
    the day after which it may be gone, both UTC; `instead` says in words what to use.
    """

    path: str
    since: dt.date
    sunset: dt.date
    instead: str
    parameter: str = ""

    def __post_init__(self) -> None:
        if self.sunset - self.since < NOTICE:
            raise ValueError(f"{self.path}: the policy promises {NOTICE.days} days of notice.")

    def concerns(self, request: HttpRequest) -> bool:
        """Whether a request uses it."""
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path))
        return bool(re.fullmatch(pattern, request.path_info)) and (not self.parameter or self.parameter in request.GET)


RETIRING: tuple[Retiring, ...] = ()


def day_start_timestamp(day: dt.date) -> int:
    """The start of a day, UTC, in seconds since 1970."""
    return int(dt.datetime.combine(day, dt.time.min, dt.UTC).timestamp())


def add_deprecation_headers(request: HttpRequest, answer: HttpResponseBase) -> None:
    """Let the answer say that what was asked for will go."""
    for each in RETIRING:
        if each.concerns(request):
            answer["Deprecation"] = f"@{day_start_timestamp(each.since)}"
            answer["Sunset"] = http_date(day_start_timestamp(each.sunset))
            link = f'<{request.build_absolute_uri(reverse("api-policy"))}>; rel="deprecation"; type="text/html"'
            answer["Link"] = f"{answer['Link']}, {link}" if "Link" in answer else link
            return


def mark_deprecated_operations(result: Schema) -> None:
    """Mark what will go in an OpenAPI description."""
    for each in RETIRING:
        for operation in result["paths"].get(each.path, {}).values():
            targets = (
                [operation]
                if not each.parameter
                else [named for named in operation.get("parameters", []) if named["name"] == each.parameter]
            )
            for target in targets:
                target["deprecated"] = True
                words = f"Will go after {each.sunset:%Y-%m-%d}: {each.instead}"
                target["description"] = f"{target.get('description', '')} {words}".strip()
