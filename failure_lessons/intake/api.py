"""What others sent in about records and two people let stand beside them: uses, and bodies' own words."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request

from failure_lessons.api.description import AS_OF, JSON_MEDIA_TYPE, describe_operation, problem_responses
from failure_lessons.api.parameters import (
    API_MAX_PAGE_SIZE,
    API_PAGE_SIZE,
    parse_as_of_parameter,
    parse_bounded_integer,
    parse_choice,
    raise_bad_request,
)
from failure_lessons.api.schema_parts import KIND, SLUG_SCHEMA, TEXT_SCHEMA, URI, URI_OR_NULL, object_schema
from failure_lessons.api.views import LibraryReadView, json_response, mark_cacheable
from failure_lessons.intake.models import PublicMessage, PublicNote
from failure_lessons.library.list_query import ParameterError, readable_editions
from failure_lessons.publishing.addresses import api_record_path, site_address, site_path
from failure_lessons.publishing.identity import explain_name, find_records_named
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.schemas import named_schema

MOST_NOTE_PAGES = 99_999


NOTE_PAGE = object_schema(
    "A page of notes, those published last first.",
    results={
        "type": "array",
        "items": named_schema(
            "Note",
            object_schema(
                "What somebody else says about a record: that they used it, or the words of a body named in it.",
                sort={"type": "string", "enum": PublicNote.Sort.values},
                who={**TEXT_SCHEMA, "description": "Whose words it is, as they signed."},
                use={"type": ["string", "null"], "enum": [*PublicMessage.Use.values, None]},
                text=TEXT_SCHEMA,
                link=URI_OR_NULL,
                day={"type": "string", "format": "date", "description": "When it was sent in."},
                published_at={"type": "string", "format": "date-time"},
                about=named_schema(
                    "NoteAbout",
                    object_schema(
                        "The record.",
                        kind=KIND,
                        slug=SLUG_SCHEMA,
                        code={"type": ["string", "null"]},
                        title=TEXT_SCHEMA,
                        record={"type": "string", "format": "uuid"},
                        url=URI,
                        page=URI,
                    ),
                ),
            ),
        ),
    },
    next=URI_OR_NULL,
)


@describe_operation(
    operation_id="listNotes",
    summary="What others say about records",
    tags=["across kinds"],
    parameters=[
        OpenApiParameter("about", TEXT_SCHEMA, description="A record: its code, its slug or `kind:slug`."),
        OpenApiParameter("sort", {"type": "string", "enum": PublicNote.Sort.values}),
        AS_OF,
        OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}),
        OpenApiParameter("page", {"type": "integer", "minimum": 1, "maximum": MOST_NOTE_PAGES, "default": 1}),
    ],
    responses={
        (200, JSON_MEDIA_TYPE): OpenApiResponse(named_schema("Notes", NOTE_PAGE), description="A page of notes."),
        **problem_responses(),
    },
    description="",
    extensions={"x-library": True},
)
class NoteList(LibraryReadView):
    """Notes about records that can be read, those published last first. At most three queries.

    A note whose sender was erased is gone, also from the past.
    """

    known = ("about", "sort", "as_of", "limit", "page")

    def get(self, request: Request) -> HttpResponse:
        asked = self.check_request(request)
        sort, faults = parse_choice(asked.GET, "sort", PublicNote.Sort.values)
        limit, wrong = parse_bounded_integer(asked.GET, "limit", API_PAGE_SIZE, API_MAX_PAGE_SIZE)
        page, wrong_page = parse_bounded_integer(asked.GET, "page", 1, MOST_NOTE_PAGES)
        record, wrong_record = find_record_asked(asked)
        moment, wrong_moment = parse_as_of_parameter(asked.GET)
        raise_bad_request(asked, [*faults, *wrong, *wrong_page, *wrong_record, *wrong_moment])
        editions = readable_editions(Edition.objects.all(), moment)
        rows = PublicNote.objects.filter(record_id__in=editions.order_by().values("record_id"))
        rows = rows.filter(record_id=record) if record else rows
        rows = rows.filter(sort=sort) if sort else rows
        rows = rows.filter(published_at__lte=moment) if moment else rows
        start = (page - 1) * limit
        found = list(rows.order_by("-published_at", "-sent_id")[start : start + limit + 1])
        about = {
            each.record_id: each
            for each in editions.filter(record_id__in=[each.record_id for each in found]).without_text()
        }
        base = site_address(asked)
        following = None
        if len(found) > limit:
            onwards = asked.GET.copy()
            onwards["page"] = str(page + 1)
            following = f"{base}{site_path('api-notes')}?{onwards.urlencode()}"
        told = [serialize_note(each, about[each.record_id], base) for each in found[:limit] if each.record_id in about]
        answer = json_response({"results": told, "next": following})
        if following:
            answer["Link"] = f'<{following}>; rel="next"'
        return mark_cacheable(answer)


def find_record_asked(request: HttpRequest) -> tuple[UUID | None, list[ParameterError]]:
    """The record that notes are asked about, by its code, its slug or `kind:slug`; and what is wrong with its name."""
    name = str(request.GET.get("about", ""))
    if "about" not in request.GET:
        return None, []
    found = find_records_named([name]).get(name, set())
    if fault := explain_name(name, found):
        return None, [ParameterError("about", f"`about`: {fault}", "" if found else "about=R1")]
    [(_, record)] = found
    return record, []


def serialize_note(note: PublicNote, about: Edition, base: str) -> dict[str, object]:
    """A note with the record that it is about."""
    return {
        "sort": note.sort,
        "who": note.who,
        "use": note.use or None,
        "text": note.text,
        "link": note.link or None,
        "day": note.day.isoformat(),
        "published_at": note.published_at.isoformat(),
        "about": {
            "kind": about.kind,
            "slug": about.slug,
            "code": about.code or None,
            "title": about.title,
            "record": str(about.record_id),
            "url": base + api_record_path(about.kind, about.slug),
            "page": base + about.get_absolute_url(),
        },
    }
