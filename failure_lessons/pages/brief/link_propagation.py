"""The brief survives while the reader browses, without a cookie: every link carries it along.

A page asked for with `?brief=<token>` is the page without it, so that no list, filter or search has to know about
briefs; afterwards each link and each form of the page that stays on this site gets the token too. So a brief can be
filled from any page that there is or will be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from failure_lessons.pages.brief.selection import Selection, unpack_token

CARRIED_LINK = re.compile(rb'(<a\b[^>]*?\shref=")((?:/(?!/)|\?)[^"]*)(")')
CARRIED_FORM = re.compile(rb'<form\b(?![^>]*\smethod="post)[^>]*>', re.IGNORECASE)
ACTION = re.compile(rb'\saction="([^"]*)"')
ELSEWHERE = ("/api/", "/admin/", "/static/", "/preview/")


@dataclass(frozen=True)
class CarriedBrief:
    """The brief that a reader brings along. `damaged` where the token could not be read."""

    token: str
    records: int = 0
    title: str = ""
    address: str = "/brief/"
    damaged: bool = False

    @classmethod
    def of(cls, selection: Selection) -> CarriedBrief:
        return cls(selection.token, len(selection.picks), selection.title, selection.address)


class CarryBrief:
    """Middleware. Sets `request.brief` to a `CarriedBrief` or None; the brief's own page sets it too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.brief = None  # type: ignore[attr-defined]
        if request.path.startswith(ELSEWHERE):
            return self.get_response(request)
        if "brief" in request.GET and not request.path.startswith("/brief/"):
            request.brief = take_brief(request)  # type: ignore[attr-defined]
        answer = self.get_response(request)
        carried: CarriedBrief | None = request.brief  # type: ignore[attr-defined]
        if carried and not carried.damaged:
            carry_brief(answer, carried.token)
        if carried:
            answer["X-Robots-Tag"] = "noindex"
        return answer


def take_brief(request: HttpRequest) -> CarriedBrief:
    """Take the brief out of the request: what comes after sees an address without it."""
    query = request.GET.copy()
    token = query.pop("brief")[-1]
    request.GET = query  # type: ignore[assignment]  # a plain attribute once it was read
    query._mutable = False
    request.META["QUERY_STRING"] = query.urlencode()
    selection = unpack_token(token)
    return CarriedBrief.of(selection) if selection else CarriedBrief("", damaged=True)


def carry_brief(answer: HttpResponseBase, token: str) -> None:
    """Give the token to every link and form of a page, and to a redirection."""
    if answer.has_header("Location") and is_carried_along(answer["Location"]):
        answer["Location"] = add_token(answer["Location"], token)
    if not isinstance(answer, HttpResponse) or answer.has_header("Content-Encoding"):
        return
    if not answer.get("Content-Type", "").startswith("text/html"):
        return
    hidden = f'<input type="hidden" name="brief" value="{token}">'.encode()

    def in_link(match: re.Match[bytes]) -> bytes:
        target = match[2].decode()
        return (
            match[1] + add_token(target, token, "&amp;").encode() + match[3] if is_carried_along(target) else match[0]
        )

    def in_form(match: re.Match[bytes]) -> bytes:
        action = ACTION.search(match[0])
        target = action[1].decode() if action else "?"
        return match[0] + hidden if target != "/brief/" and is_carried_along(target) else match[0]

    page = CARRIED_FORM.sub(in_form, CARRIED_LINK.sub(in_link, answer.content))
    answer.content = page
    if answer.has_header("Content-Length"):
        answer["Content-Length"] = str(len(page))


def is_carried_along(target: str) -> bool:
    """Whether a target is a page of this site that a brief goes along to. The brief's own addresses hold it already."""
    if target.startswith("/brief/"):
        return target == "/brief/" or "add=" in target
    return target.startswith(("/", "?")) and not target.startswith(("//", *ELSEWHERE)) and not target.endswith(".csv")


def add_token(target: str, token: str, joint: str = "&") -> str:
    """The target with the token in its query."""
    parts = urlsplit(target)
    query = f"{parts.query}{joint if parts.query else ''}brief={token}"
    return urlunsplit(parts._replace(query=query))
