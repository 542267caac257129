"""What a request asks of the API beside its question: format, members, inclusions; and how it is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.http.request import MediaType

from failure_lessons.exports.formats import FORMATS, Format
from failure_lessons.library.list_query import Fault, example_of, filters_of, nearest, repeated, strangers
from failure_lessons.problems import Problem
from failure_lessons.publishing.registry import Kind

PAGE_SIZE, LARGEST_PAGE = 25, 100
LARGEST_INCLUDING_PAGE = 25
MOST_IDS = 100
NAME = re.compile(r"[A-Za-z0-9-]{1,120}")  # a code or a slug
JSON = FORMATS["json"]
EXAMPLES = {
    "limit": "limit=10",
    "fields": "fields=slug,edition",
    "include": "include=evidence",
    "count": "count=exact",
    "format": "format=json",
    "order": "order=newest",
    "as_of": "as_of=2026-11-25",
    "q": "q=staff",
    "kind": "kind=finding",
    "page": "page=1",
}


@dataclass(frozen=True)
class Wish:
    """How the answer should look."""

    format: Format = JSON
    fields: tuple[str, ...] = ()
    evidence: bool = False
    exact_count: bool = False
    limit: int | None = None


def refuse(request: HttpRequest, faults: Sequence[Fault], kind: Kind | None = None, needed: str = "") -> None:
    """400 when anything is wrong: the first fault in words, with an address that works, and all of them as a list.

    `needed` is a query string without which the address never works.
    """
    if not faults:
        return
    first = faults[0]
    members: dict[str, Any] = {"parameter": first.parameter, "example": example(request, first, kind, needed)}
    if len(faults) > 1:
        members["errors"] = [{"parameter": fault.parameter, "detail": fault.text} for fault in faults]
    raise Problem(400, first.text, **members)


def example(request: HttpRequest, fault: Fault, kind: Kind | None, needed: str) -> str:
    """An address that works, as near to what was asked as we can tell."""
    query = fault.example
    if not query:
        filters = filters_of(kind).base_filters if kind else {}
        near = nearest(fault.parameter, [*EXAMPLES, *filters]) if f"`{fault.parameter}`" in fault.text else ""
        stranger = near == fault.parameter and fault.text.startswith("There is no parameter")
        if near and f"`{near}`" in fault.text and not stranger:
            query = EXAMPLES.get(near) or example_of(filters_of(kind), near) if kind else EXAMPLES.get(near, "")
    if needed and not query.startswith(needed.partition("=")[0] + "="):
        query = f"{needed}&{query}" if query else needed
    return f"{request.path}?{query}" if query else request.path


def refuse_strangers(request: HttpRequest, known: Sequence[str], needed: str = "") -> None:
    """400 for parameters that the address does not know, or that were given more than once."""
    if request.META.get("QUERY_STRING"):
        refuse(request, [*strangers(request.GET, known), *repeated(request.GET, known)], needed=needed)


def number(query: QueryDict, name: str, otherwise: int, largest: int) -> tuple[int, list[Fault]]:
    """A whole number from 1 to `largest`, and what is wrong with it."""
    text = query.get(name, "")
    if name not in query:
        return otherwise, []
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= largest:
        return int(text), []
    return otherwise, [Fault(name, f"`{name}` is a number from 1 to {largest}.", f"{name}={min(10, largest)}")]


def one_of(query: QueryDict, name: str, values: Sequence[str]) -> tuple[str, list[Fault]]:
    """One of these codes, or an empty text when the parameter is not given; and what is wrong with it."""
    if name not in query or query[name] in values:
        return query.get(name, ""), []
    near = nearest(str(query[name]), values)
    hint = f" Did you mean “{near}”?" if near else ""
    words = f"`{name}` is one of: {', '.join(values)}.{hint}" if values else f"`{name}` has no meaning here."
    return "", [Fault(name, words, urlencode({name: near or values[0]}) if values else "")]


def fields_of(query: QueryDict, members: Sequence[str]) -> tuple[tuple[str, ...], list[Fault]]:
    """The members asked for in `fields`, and what is wrong with them."""
    if "fields" not in query:
        return (), []
    asked = tuple(dict.fromkeys(str(query["fields"]).split(",")))
    for name in asked:
        if name not in members:
            near = nearest(name, members)
            hint = f" Did you mean “{near}”?" if near else ""
            words = f"`fields`: records have no member “{name[:60]}”.{hint} They may have: {', '.join(members)}."
            return (), [Fault("fields", words, urlencode({"fields": near or members[-1]}))]
    return asked, []


def wish_of(
    query: QueryDict,
    accepted: Callable[[Sequence[Format]], Format],
    kind: Kind,
    members: Sequence[str],
    largest: int | None = None,
) -> tuple[Wish, list[Fault]]:
    """How an answer about records of this kind should look, and everything that is wrong with the wish.

    `accepted` chooses a format by the request's `Accept`; `largest` is the longest page, None for a single record.
    """
    offered = [each for each in FORMATS.values() if each.holds(kind.code)]
    name, faults = one_of(query, "format", [each.name for each in offered])
    chosen = FORMATS[name] if name else JSON if faults else accepted(offered)
    fields, wrong = fields_of(query, members)
    faults += wrong
    include, wrong = one_of(query, "include", ("evidence",) if kind.has_pins else ())
    faults += wrong
    if include and fields and not wrong:
        faults.append(Fault("include", "`include` brings whole records: leave out `fields`.", "include=evidence"))
    exact = ""
    limit = None
    if largest is not None:
        exact, wrong = one_of(query, "count", ("exact",))
        faults += wrong
        if "limit" in query:
            limit, wrong = number(query, "limit", PAGE_SIZE, LARGEST_INCLUDING_PAGE if include else largest)
            faults += wrong
    if chosen is not JSON:
        faults += [
            Fault(each, f"`{each}` shapes JSON; {chosen.label} has a shape of its own.", f"format={chosen.name}")
            for each in ("fields", "include", "count")
            if each in query
        ]
    return Wish(chosen, fields, bool(include), bool(exact), limit), faults


def ids_of(query: QueryDict) -> tuple[list[str], list[Fault]]:
    """The codes or slugs asked for in `ids`, and what is wrong with them."""
    if "ids" not in query:
        return [], []
    asked = list(dict.fromkeys(str(query["ids"]).split(",")))
    words = ""
    if str(query["ids"]).count(",") >= MOST_IDS:
        words = f"`ids` takes {MOST_IDS} codes or slugs at a time; these are more."
    elif not all(NAME.fullmatch(each) for each in asked):
        words = "`ids` is a list of codes or slugs with commas between them, such as R4,R7."
    faults = [Fault("ids", words)] if words else []
    faults += [
        Fault(each, f"`{each}` cannot be given together with `ids`, which brings everything named at once.")
        for each in ("limit", "after", "before")
        if each in query
    ]
    return asked, faults


def choose(request: HttpRequest, offered: Iterable[Format]) -> Format:
    """The format that `Accept` prefers, or a 406 problem that lists what there is."""
    available: dict[str, Format] = {}
    for each in offered:
        available.setdefault(each.media_type, each)  # SKOS is JSON-LD too: it is asked for by name
    wanted = request.headers.get("Accept", "")
    if not wanted or wanted == "*/*" or wanted == JSON.media_type:
        return JSON
    media = [MediaType(part) for part in wanted.split(",")]
    refused = {f"{part.main_type}/{part.sub_type}".lower() for part in media if part.quality == 0}
    preferred = request.get_preferred_type([each for each in available if each not in refused])
    if preferred is None:
        raise Problem(
            406,
            f"`Accept` asks for nothing that this address can give: {', '.join(available)}.",
            available=[
                {"format": each.name, "media_type": each.media_type, "label": each.label} for each in available.values()
            ],
        )
    return available[preferred]
