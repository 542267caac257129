"""What a request asks of the API beside its question: format, members, inclusions; and how it is refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from failure_lessons.api.records import INCLUDED_MEMBERS
from failure_lessons.exports.accept import prefer_media_type
from failure_lessons.exports.formats import FORMATS, SOURCE_FORMATS, Format
from failure_lessons.exports.formats.member_tables import HEADINGS, MEMBER_WRITERS
from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.library.list_query import (
    CannotAsk,
    ParameterError,
    empty_parameters,
    filters_of,
    parse_as_of,
    repeated_parameters,
    unknown_parameters,
    working_example,
)
from failure_lessons.problems import ApiProblem
from failure_lessons.publishing.registry import Kind

API_PAGE_SIZE, API_MAX_PAGE_SIZE = 25, 100
LARGEST_INCLUDING_PAGE = 25
MOST_IDS = 100
SLUG_OR_CODE_PATTERN = re.compile(r"[A-Za-z0-9-]{1,120}")  # a code or a slug
JSON_FORMAT = FORMATS["json"]
ANY_ACCEPT = ("", "*/*", JSON_FORMAT.media_type)  # what `Accept` says where JSON is as good as anything
EXAMPLES = {
    "limit": "limit=10",
    "fields": "fields=slug,edition",
    "include": "include=evidence",
    "count": "count=exact",
    "format": "format=json",
    "order": "order=newest",
    "as_of": "as_of=2026-11-25",
    "q": "q=staff",
    "included_fields": "include=evidence&included_fields=kind,slug",
    "kind": "kind=finding",
    "page": "page=1",
}


@dataclass(frozen=True)
class ResponseOptions:
    """How the answer should look."""

    format: Format = JSON_FORMAT
    fields: tuple[str, ...] = ()
    evidence: bool = False
    included_fields: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    exact_count: bool = False
    limit: int | None = None
    headings: str = ""


def raise_bad_request(
    request: HttpRequest, faults: Sequence[ParameterError], kind: Kind | None = None, needed: str = ""
) -> None:
    """400 when anything is wrong: the first fault in words, with an address that works, and all of them as a list.

    `needed` is a query string without which the address never works.
    """
    if not faults:
        return
    first = faults[0]
    example = build_example_address(request, first, kind, needed)
    problem = ApiProblem(400, first.text, parameter=first.parameter, example=example)
    if len(faults) > 1:
        problem.members["errors"] = [{"parameter": fault.parameter, "detail": fault.text} for fault in faults]
    raise problem


def build_example_address(request: HttpRequest, fault: ParameterError, kind: Kind | None, needed: str) -> str:
    """An address that works, as near to what was asked as we can tell."""
    query = fault.example
    if not query:
        stranger = fault.text.startswith("There is no parameter")
        meant = fault.meant if stranger else fault.parameter if f"`{fault.parameter}`" in fault.text else ""
        query = EXAMPLES.get(meant, "")
        if not query and kind and meant in filters_of(kind).base_filters:
            query = working_example(filters_of(kind), meant)
    if needed and not query.startswith(needed.partition("=")[0] + "="):
        query = f"{needed}&{query}" if query else needed
    return f"{request.path}?{query}" if query else request.path


def refuse_unknown_parameters(request: HttpRequest, known: Sequence[str], needed: str = "") -> None:
    """400 for parameters that the address does not know, or that were given more than once or without a value."""
    if request.META.get("QUERY_STRING"):
        faults = [*unknown_parameters(request.GET, known), *repeated_parameters(request.GET, known)]
        raise_bad_request(request, [*faults, *empty_parameters(request.GET, faults)], needed=needed)


def parse_bounded_integer(
    query: QueryDict, name: str, otherwise: int, largest: int
) -> tuple[int, list[ParameterError]]:
    """A whole number from 1 to `largest`, and what is wrong with it."""
    text = query.get(name, "")
    if name not in query:
        return otherwise, []
    if text.isascii() and text.isdigit() and len(text) <= len(str(largest)) and 1 <= int(text) <= largest:
        return int(text), []
    return otherwise, [ParameterError(name, f"`{name}` is a number from 1 to {largest}.", f"{name}={min(10, largest)}")]


def parse_as_of_parameter(query: QueryDict) -> tuple[dt.datetime | None, list[ParameterError]]:
    """The moment that `as_of` asks for, and what is wrong with it."""
    try:
        return (parse_as_of(str(query["as_of"])) if "as_of" in query else None), []
    except CannotAsk as error:
        return None, list(error.faults)


def parse_choice(query: QueryDict, name: str, values: Sequence[str]) -> tuple[str, list[ParameterError]]:
    """One of these codes, or an empty text when the parameter is not given; and what is wrong with it."""
    if name not in query or query[name] in values:
        return query.get(name, ""), []
    near = nearest_name(str(query[name]), values)
    hint = format_hint(near)
    words = f"`{name}` is one of: {', '.join(values)}.{hint}" if values else f"`{name}` has no meaning here."
    return "", [ParameterError(name, words, urlencode({name: near or values[0]}) if values else "")]


def parse_listed_names(
    query: QueryDict, parameter: str, known: Sequence[str], unknown: str, needs: str = ""
) -> tuple[tuple[str, ...], list[ParameterError]]:
    """The names that a parameter gives with commas between them, and what is wrong with them.

    `unknown` says what the first that is none of `known` is not; `needs` is a query string without which the parameter
    means nothing.
    """
    if parameter not in query:
        return (), []
    if not known:
        return (), [ParameterError(parameter, f"`{parameter}` has no meaning here.")]
    asked = str(query[parameter]).split(",")
    if len(asked) > len(known):
        words = f"`{parameter}` takes {len(known)} names at most, each once; these are {len(asked)}."
        example = urlencode({parameter: known[-1]})
        return (), [ParameterError(parameter, words, f"{needs}&{example}" if needs else example)]
    for name in asked:
        if name not in known:
            near = nearest_name(name, known)
            hint = format_hint(near)
            words = f"`{parameter}`: {unknown} “{name[:60]}”.{hint} There may be: {', '.join(known)}."
            example = urlencode({parameter: near or known[-1]})
            return (), [ParameterError(parameter, words, f"{needs}&{example}" if needs else example)]
    return tuple(dict.fromkeys(asked)), []


def parse_response_options(
    query: QueryDict,
    accepted: Callable[[Sequence[Format]], Format],
    kind: Kind,
    members: Sequence[str],
    largest: int | None = None,
) -> tuple[ResponseOptions, list[ParameterError]]:
    """How an answer about records of this kind should look, and everything that is wrong with the wish.

    `accepted` chooses a format by the request's `Accept`; `largest` is the longest page, None for a single record.
    """
    offered = [each for each in FORMATS.values() if each.holds(kind.code)]
    name, faults = parse_choice(query, "format", [each.name for each in offered])
    chosen = FORMATS[name] if name else JSON_FORMAT if faults else accepted(offered)
    fields, wrong = parse_listed_names(query, "fields", members, "records have no member")
    faults += wrong
    include, wrong = parse_choice(query, "include", ("evidence",) if kind.has_pins else ())
    faults += wrong
    words = "what is included has no member"
    within, wrong = parse_listed_names(query, "included_fields", INCLUDED_MEMBERS, words, "include=evidence")
    faults += wrong
    if within and not include:
        words = "`included_fields` chooses members of what `include=evidence` brings."
        faults.append(ParameterError("included_fields", words, f"include=evidence&included_fields={within[0]}"))
    facets: tuple[str, ...] = ()
    exact = headings = ""
    limit = None
    if largest is not None:
        exact, wrong = parse_choice(query, "count", ("exact",))
        faults += wrong
        facets, wrong = parse_listed_names(query, "facets", facet_names(kind), "this list has no facet")
        faults += wrong
        headings, wrong = parse_choice(query, "headings", HEADINGS)
        faults += wrong
        if headings and chosen.name not in MEMBER_WRITERS:
            words = f"`headings` goes with a table: {', '.join(MEMBER_WRITERS)}."
            faults.append(ParameterError("headings", words, f"format=csv&headings={headings}"))
        if "limit" in query:
            limit, wrong = parse_bounded_integer(
                query, "limit", API_PAGE_SIZE, LARGEST_INCLUDING_PAGE if include else largest
            )
            faults += wrong
    if chosen is not JSON_FORMAT:
        faults += [
            ParameterError(each, f"`{each}` shapes JSON: leave it out with `{chosen.name}`.", f"format={chosen.name}")
            for each in ("fields", "include", "included_fields", "count", "facets")
            if each in query and not (each == "include" and chosen.name in SOURCE_FORMATS)
        ]
    return ResponseOptions(chosen, fields, bool(include), within, facets, bool(exact), limit, headings), faults


def facet_names(kind: Kind) -> list[str]:
    """The filters of a kind whose choices can be counted."""
    return [*filters_of(kind).term_filters()]


def parse_ids(query: QueryDict) -> tuple[list[str], list[ParameterError]]:
    """The codes or slugs asked for in `ids`, and what is wrong with them."""
    if "ids" not in query:
        return [], []
    asked = list(dict.fromkeys(str(query["ids"]).split(",")))
    words = ""
    if str(query["ids"]).count(",") >= MOST_IDS:
        words = f"`ids` takes {MOST_IDS} codes or slugs at a time; these are more."
    elif not all(SLUG_OR_CODE_PATTERN.fullmatch(each) for each in asked):
        words = "`ids` is a list of codes or slugs with commas between them, such as R4,R7."
    faults = [ParameterError("ids", words)] if words else []
    faults += [
        ParameterError(each, f"`{each}` cannot be given together with `ids`, which brings everything named at once.")
        for each in ("limit", "after", "before", "facets")
        if each in query
    ]
    return asked, faults


def negotiate_format(request: HttpRequest, offered: Iterable[Format]) -> Format:
    """The format that `Accept` prefers, or a 406 problem that lists what there is."""
    available: dict[str, Format] = {}
    for each in offered:
        available.setdefault(each.media_type, each)  # SKOS is JSON-LD too: it is asked for by name
    wanted = request.headers.get("Accept", "")
    if wanted in ANY_ACCEPT:
        return JSON_FORMAT
    preferred = prefer_media_type(wanted, list(available))
    if not preferred:
        raise ApiProblem(
            406,
            f"`Accept` asks for nothing that this address can give: {', '.join(available)}.",
            available=[
                {"format": each.name, "media_type": each.media_type, "label": each.label} for each in available.values()
            ],
        )
    return available[preferred]
