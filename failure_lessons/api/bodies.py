"""What is asked of each body, as data: the same counts as the pages, each with the list that it counts."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from failure_lessons.api.parameters import (
    API_MAX_PAGE_SIZE,
    API_PAGE_SIZE,
    parse_as_of_parameter,
    parse_bounded_integer,
    raise_bad_request,
)
from failure_lessons.api.views import LibraryReadView, json_response, mark_cacheable
from failure_lessons.hints import format_choices, nearest_codes
from failure_lessons.library.bodies import BodyLine, PassedOn, count_by_body, list_passed_on
from failure_lessons.library.list_query import readable_editions
from failure_lessons.problems import ApiProblem
from failure_lessons.publishing.addresses import api_list_path, api_record_path, site_address, site_path
from failure_lessons.publishing.models import Edition

MOST_BODY_PAGES = 99_999


class BodyList(LibraryReadView):
    """Every body that was asked, or is to be; those asked most often first. Two queries."""

    known = ("as_of", "limit", "page")

    def get(self, request: Request) -> HttpResponse:
        asked = self.check_request(request)
        moment, faults = parse_as_of_parameter(asked.GET)
        limit, wrong = parse_bounded_integer(asked.GET, "limit", API_PAGE_SIZE, API_MAX_PAGE_SIZE)
        page, wrong_page = parse_bounded_integer(asked.GET, "page", 1, MOST_BODY_PAGES)
        raise_bad_request(asked, [*faults, *wrong, *wrong_page])
        as_of = asked.GET.get("as_of", "")
        lines = count_by_body(timezone.localdate(moment), moment, as_of=as_of)
        base = site_address(asked)
        following = None
        if page * limit < len(lines):
            onwards = asked.GET.copy()
            onwards["page"] = str(page + 1)
            following = f"{base}{site_path('api-bodies')}?{onwards.urlencode()}"
        body = {
            "results": [serialize_line(line, base) for line in lines[(page - 1) * limit : page * limit]],
            "total": len(lines),
            "next": following,
        }
        answer = json_response(body)
        if following:
            answer["Link"] = f'<{following}>; rel="next"'
        return mark_cacheable(answer)


class BodyDetail(LibraryReadView):
    """One body: what is asked of it, from whom its duties came, to whom they went. Four queries."""

    known = ("as_of",)

    def get(self, request: Request, slug: str) -> HttpResponse:
        asked = self.check_request(request)
        moment, faults = parse_as_of_parameter(asked.GET)
        raise_bad_request(asked, faults)
        rows = readable_editions(Edition.objects.of_kind("organisation"), moment)
        found = None if "\0" in slug else rows.filter(slug=slug).defer("body", "search").first()
        if found is None:
            near = format_choices(nearest_codes(slug, rows.values_list("slug", flat=True)))
            raise ApiProblem(404, f"There is no body “{slug[:60]}” here.{near}") if near else Http404
        as_of = asked.GET.get("as_of", "")
        [*lines] = count_by_body(timezone.localdate(moment), moment, body=slug, as_of=as_of)
        line = lines[0] if lines else BodyLine(slug, found.title, ())
        base = site_address(asked)
        came, went = list_passed_on(found, moment)
        body = {
            **serialize_line(line, base),
            "is_class": bool(found.content.get("is_class")),
            "succession": {"from": serialize_passed_on(came, base), "to": serialize_passed_on(went, base)},
        }
        return mark_cacheable(json_response(body))


def serialize_line(line: BodyLine, base: str) -> dict[str, object]:
    """A body with its counts; each says which list it counts."""
    lists = base + api_list_path("follow-up")
    return {
        "body": line.slug,
        "name": line.name,
        "counts": {each.code: {"count": each.number, "url": f"{lists}?{each.query}"} for each in line.counts},
        "url": base + site_path("api-body", line.slug),
        "page": base + site_path("body", line.slug),
        "organisation": base + api_record_path("organisation", line.slug),
    }


def serialize_passed_on(links: list[PassedOn], base: str) -> list[dict[str, str]]:
    """Other bodies in a succession."""
    return [
        {
            "body": each.slug,
            "name": each.name,
            "date": each.date,
            "note": each.note,
            "url": base + site_path("api-body", each.slug),
        }
        for each in links
    ]
