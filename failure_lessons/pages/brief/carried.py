"""The brief survives while the reader browses, without a cookie: every link carries it along.

A page asked for with `?brief=<token>` is the page without it, so that no list, filter or search has to know about
briefs. The template tag that writes links (`failure_lessons.pages.links`) gives each one that stays on this site the
token too, and so does each form. So a brief can be filled from any page that there is or will be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from failure_lessons.pages.brief.selection import Pick, Selection, unpack_token
from failure_lessons.pages.links import NOT_CARRIED_TO, carry_brief


@dataclass(frozen=True)
class CarriedBrief:
    """The brief that a reader brings along. `damaged` where the token could not be read."""

    token: str
    records: int = 0
    title: str = ""
    address: str = ""
    query: str = ""
    names: frozenset[str] = frozenset()
    damaged: bool = False

    @classmethod
    def of(cls, selection: Selection) -> CarriedBrief:
        names = frozenset(pick.name for pick in selection.picks)
        address = replace(selection, depth="").address
        return cls(selection.token, len(selection.picks), selection.title, address, selection.query, names)

    def holds(self, pick: str) -> bool:
        """Whether the record that this pick means is in it, in whichever edition."""
        found = Pick.read(pick)
        return bool(found and found.name in self.names)


class TakeBrief:
    """Middleware. Sets `request.brief` to a `CarriedBrief` or None; the brief's own page sets it too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.brief = None  # type: ignore[attr-defined]
        if request.path_info.startswith(NOT_CARRIED_TO):
            return self.get_response(request)
        if "brief" in request.GET and not request.path_info.startswith("/brief/"):
            request.brief = take_brief(request)  # type: ignore[attr-defined]
        answer = self.get_response(request)
        if request.brief:  # type: ignore[attr-defined]
            answer["X-Robots-Tag"] = "noindex"
            if answer.has_header("Location"):
                answer["Location"] = carry_brief(answer["Location"], request)
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
