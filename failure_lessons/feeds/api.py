"""`/api/v1/changes/`: every change of the library in order, for whoever keeps a copy."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request

from failure_lessons.api.description import JSON_MEDIA_TYPE, PROBLEM_JSON, describe_operation, problem_responses
from failure_lessons.api.parameters import API_MAX_PAGE_SIZE, API_PAGE_SIZE, raise_bad_request
from failure_lessons.api.schema_parts import HEAD_SCHEMA, OpenApiSchema, schema_ref
from failure_lessons.api.views import LibraryReadView, json_response, mark_cacheable
from failure_lessons.feeds.changes import GREATEST, parse_change_filter, parse_whole_number, wrap_revisions
from failure_lessons.feeds.filters import ChangeFilter, choices_of
from failure_lessons.library.filters import SlugTermFilter
from failure_lessons.library.list_query import CannotAsk, empty_parameters
from failure_lessons.problems import ApiProblem
from failure_lessons.publishing.addresses import requested_address, site_address
from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.ledger_head import signed_head
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.schemas import NAME_KEYWORD

CHANGE_LIST_PARAMETERS = ("since", "limit")
CHANGE_SCHEMA = {
    NAME_KEYWORD: "Change",
    "type": "object",
    "description": "One change of the library.",
    "properties": {
        "number": {"type": "integer", "minimum": 1, "description": "The revision: numbers have no gaps."},
        "action": {"type": "string", "enum": LedgerEntry.Action.values},
        "at": {"type": "string", "format": "date-time"},
        "kind": {"type": "string", "enum": list(KINDS)},
        "record": {"type": "string", "format": "uuid", "description": "The record, whatever its address."},
        "slug": {"type": "string"},
        "code": {"type": "string", "description": "Such as `R4`; empty where the kind has no codes."},
        "title": {"type": "string"},
        "edition": {"type": "integer", "minimum": 1, "description": "The edition published or withdrawn."},
        "sha256": {"type": "string", "description": "Hash of that edition's document."},
        "change": {
            "type": "string",
            "enum": ["", *ChangeKind.values],
            "description": "What kind of change a new edition is; empty for anything else.",
        },
        "note": {"type": "string", "description": "What changed and why; the reason, where it was withdrawn."},
        "url": {"type": "string", "format": "uri", "description": "That edition in the API; 410 once withdrawn."},
        "page": {"type": "string", "format": "uri", "description": "That edition as a page."},
    },
    "required": [
        "number",
        "action",
        "at",
        "kind",
        "record",
        "slug",
        "code",
        "title",
        "edition",
        "sha256",
        "change",
        "note",
        "url",
        "page",
    ],
}
CHANGES_SCHEMA = {
    NAME_KEYWORD: "ChangesPage",
    "type": "object",
    "properties": {
        "results": {"type": "array", "items": CHANGE_SCHEMA},
        "next": {"type": ["string", "null"], "format": "uri", "description": "More changes, or null when up to date."},
        "cursor": {"type": "integer", "minimum": 0, "description": "What to give as `since` next time."},
        "latest": {"type": "integer", "minimum": 0, "description": "The newest revision of the library."},
        "head": {"anyOf": [HEAD_SCHEMA, {"type": "null"}], "description": "Of `latest`; null in an empty library."},
        "filters": {"type": "object", "description": "The filters that were applied, as understood."},
    },
    "required": ["results", "next", "cursor", "latest", "head", "filters"],
}


def change_list_parameters() -> list[OpenApiParameter]:
    """OpenAPI parameters of the list of changes."""
    found = [
        OpenApiParameter(
            "since",
            {"type": "integer", "minimum": 0, "maximum": GREATEST, "default": 0},
            description="Changes after this revision: `cursor` of the page before, or 0 for everything.",
        ),
        OpenApiParameter(
            "limit", {"type": "integer", "minimum": 1, "maximum": API_MAX_PAGE_SIZE, "default": API_PAGE_SIZE}
        ),
    ]
    for name, chosen in ChangeFilter.base_filters.items():
        schema: OpenApiSchema = {"type": "string"}
        if isinstance(chosen, SlugTermFilter):
            schema["pattern"] = "^[a-z0-9]+(-[a-z0-9]+)*$"
        else:
            schema["enum"] = [code for code, _ in choices_of(chosen)]
        words = f"{chosen.label}: any of these."
        found.append(OpenApiParameter(name, {"type": "array", "items": schema}, description=words))
    return found


@describe_operation(
    operation_id="listChanges",
    summary="Every change since a revision",
    tags=["changes"],
    parameters=change_list_parameters(),
    description="Oldest first, withdrawals included. A reader who comes back with `cursor` misses nothing and gets "
    "nothing twice, also while others publish.",
    responses={
        (200, JSON_MEDIA_TYPE): OpenApiResponse(CHANGES_SCHEMA, description="A page of changes."),
        **problem_responses(),
        (409, PROBLEM_JSON): OpenApiResponse(
            schema_ref("Problem"),
            description="`since` is ahead of the library: it was restored from an earlier backup.",
        ),
    },
    extensions={"x-library": True},
)
class ChangeList(LibraryReadView):
    """Changes after a revision, oldest first. Two queries."""

    def get(self, request: Request) -> HttpResponse:
        asked = request._request
        query = asked.GET
        try:
            filters = parse_change_filter(query, LedgerEntry.objects.all(), also=CHANGE_LIST_PARAMETERS)
            since = parse_whole_number("since", query.get("since", "0"), 0, GREATEST, 0)
            limit = parse_whole_number("limit", query.get("limit", str(API_PAGE_SIZE)), 1, API_MAX_PAGE_SIZE, 100)
        except CannotAsk as error:
            raise_bad_request(asked, [*error.faults, *empty_parameters(query, error.faults)])
            raise
        raise_bad_request(asked, empty_parameters(query))
        # The newest number is read first and bounds the page: what is published in between comes with the next page,
        # and the cursor of an empty page cannot step over it.
        head = LedgerEntry.objects.head()
        latest = head.number if head else 0
        if since > latest:
            raise ApiProblem(
                409,
                f"The library stands at revision {latest}, and you are at {since}: it must have been restored from an "
                "earlier backup. Read everything again, from `since=0`.",
                latest=latest,
            )
        rows = filters.qs.after(since).up_to(latest).with_headlines().order_by("number")
        found = wrap_revisions(rows[: limit + 1])
        page, more = found[:limit], len(found) > limit
        cursor = page[-1].revision.number if more else latest
        base = site_address(asked)
        following = None
        if more:
            onwards = query.copy()
            onwards["since"] = str(cursor)
            following = f"{requested_address(asked)}?{onwards.urlencode()}"
        body = {
            "results": [change.serialize_change(base) for change in page],
            "next": following,
            "cursor": cursor,
            "latest": latest,
            "head": signed_head(head),
            "filters": {name: value for name, value in filters.form.cleaned_data.items() if value},
        }
        answer = json_response(body)
        if following:
            answer["Link"] = f'<{following}>; rel="next"'
        return mark_cacheable(answer)
