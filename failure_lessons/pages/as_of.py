"""Reading the library as it stood: `?as_of=2026-11-25` on a list, a record, its history and the search.

A page of the past carries its date along: every link on it that leads to another page of the library leads to that page
as it stood at the same moment. What was withdrawn since stays withdrawn, at every moment: readers find its tombstone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.http import urlencode

from failure_lessons.library.list_query import CannotAsk, parse_as_of, repeated_parameters
from failure_lessons.publishing.registry import KINDS

ADDRESSES = "|".join(["search", *(kind.address for kind in KINDS.values())])
# A link of ours to a list, a record, its history or the search. Numbered editions and files stay as they are.
LIBRARY_LINK = re.compile(
    rf'(<a (?![^>]*data-now)[^>]*?href=")(/(?:{ADDRESSES})/(?:[a-z0-9-]+/(?:history/)?)?)(\?[^"#]*)?(?=["#])'
)


@dataclass(frozen=True)
class Moment:
    """A moment that a reader asked for: as written in the address, and when that is."""

    text: str
    at: dt.datetime


def moment_asked(request: HttpRequest) -> Moment | None:
    """The moment that the address asks for, if any. Raises `CannotAsk`."""
    if faults := repeated_parameters(request.GET, ["as_of"]):
        raise CannotAsk(faults)
    text = request.GET.get("as_of", "").strip()
    return Moment(text, parse_as_of(text)) if text else None


def carry_moment(html: str, moment: Moment) -> str:
    """The page with the moment added to every link that leads on through the library."""
    added = escape(urlencode({"as_of": moment.text}))

    def link(match: re.Match[str]) -> str:
        query = match[3] or ""
        if "as_of=" in query:
            return match[0]
        return f"{match[1]}{match[2]}{query}{'&amp;' if query else '?'}{added}"

    return LIBRARY_LINK.sub(link, html)


def render_at_moment(
    request: HttpRequest, template: str, context: Mapping[str, Any], moment: Moment | None = None, status: int = 200
) -> HttpResponse:
    """The rendered page; with a moment, it says so on top, and its links lead on at that moment."""
    if moment is None:
        return render(request, template, dict(context), status=status)
    query = request.GET.copy()
    query.pop("as_of", None)
    now = f"{request.path}?{query.urlencode()}" if query else request.path
    answer = render(request, template, {**context, "as_of": moment, "now": now}, status=status)
    answer.content = carry_moment(answer.content.decode(), moment).encode()
    return answer


def refuse_query(request: HttpRequest, error: CannotAsk) -> HttpResponse:
    """400, with every reason in words for people."""
    return render(request, "400.html", {"faults": fault_messages(error)}, status=400)


def fault_messages(error: CannotAsk) -> list[str]:
    """The faults of a question, in words for people."""
    return [fault.text.replace("`", "") for fault in error.faults]
