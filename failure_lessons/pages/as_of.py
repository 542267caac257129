"""Reading the library as it stood: `?as_of=2026-11-25` on a list, a record, its history and the search.

A page of the past carries its date along: every link on it that leads to another page of the library leads to that page
as it stood at the same moment (`failure_lessons.pages.links`).
What was withdrawn since stays withdrawn, at every moment: readers find its tombstone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from failure_lessons.hints import format_hint
from failure_lessons.library.list_query import CannotAsk, parse_as_of, repeated_parameters
from failure_lessons.pages.links import set_moment


@dataclass(frozen=True)
class Moment:
    """A moment that a reader asked for: as written in the address, and when that is."""

    text: str
    at: dt.datetime

    @property
    def is_future(self) -> bool:
        """Whether nobody can know how the library stood then."""
        return self.at > timezone.now() + dt.timedelta(days=1)  # the end of a day, wherever its reader is


def moment_asked(request: HttpRequest) -> Moment | None:
    """The moment that the address asks for, if any. Raises `CannotAsk`."""
    if faults := repeated_parameters(request.GET, ["as_of"]):
        raise CannotAsk(faults)
    text = request.GET.get("as_of", "").strip()
    return Moment(text, parse_as_of(text)) if text else None


def render_at_moment(
    request: HttpRequest, template: str, context: Mapping[str, object], moment: Moment | None = None, status: int = 200
) -> HttpResponse:
    """The rendered page; with a moment, it says so on top, and its links lead on at that moment."""
    if moment is None:
        return render(request, template, dict(context), status=status)
    query = request.GET.copy()
    query.pop("as_of", None)
    now = f"{request.path}?{query.urlencode()}" if query else request.path
    set_moment(request, moment)
    return render(request, template, {**context, "as_of": moment, "now": now}, status=status)


def refuse_query(request: HttpRequest, error: CannotAsk) -> HttpResponse:
    """400, with every reason in words for people."""
    return render(request, "400.html", {"faults": fault_messages(error)}, status=400)


def fault_messages(error: CannotAsk) -> list[str]:
    """The faults of a question, in words for people."""
    return [
        f"“{fault.parameter}” in the address means nothing here.{format_hint(fault.meant)}"
        if fault.is_unknown
        else fault.text.replace("`", "")
        for fault in error.faults
    ]
