"""The read API: every kind as list, detail and numbered edition.

Answers are the stored documents, spliced as they are: no serializer runs on a read, and nothing that is not an edition
can appear.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from failure_lessons.api.answers import COLUMNS, JSON, api_address, site, spliced
from failure_lessons.api.description import COLLECTIONS_SCHEMA, LARGEST_PAGE, PAGE_SIZE, PROBLEMS
from failure_lessons.problems import Problem, problem
from failure_lessons.publishing.kinds import KINDS, Kind
from failure_lessons.publishing.models import Edition, EditionQuerySet
from failure_lessons.questions import (
    STANDARD,
    CannotAsk,
    Fault,
    Page,
    Question,
    ask,
    cursor_of,
    place_of,
    repeated,
    strangers,
)


class KindView(APIView):
    """What the views of one kind share."""

    renderer_classes: ClassVar[list[type[JSONRenderer]]] = [JSONRenderer]  # type: ignore[misc]
    kind: Kind = KINDS["recommendation"]

    def editions(self) -> EditionQuerySet:
        """Editions of this kind, with the columns an answer needs."""
        return Edition.objects.of_kind(self.kind.code).only(*COLUMNS)

    def found(self, edition: Edition | None) -> Edition:
        """The edition, or the problem that stands in its place."""
        if edition is None:
            raise Problem(404, f"There is no {self.kind.label.lower()} at this address.")
        if edition.withdrawn_at:
            raise Problem(
                410, f"Withdrawn on {edition.withdrawn_at:%Y-%m-%d}: {edition.withdrawal_reason}",
                withdrawn_at=edition.withdrawn_at.isoformat(),
            )  # fmt: skip
        return edition


class RecordList(KindView):
    """A page of records."""

    def get(self, request: Request) -> HttpResponse:
        question = self.asked(request)
        page = self.page(question, self.limit(request))
        following = self.beside(request, "after", page.after)
        preceding = self.beside(request, "before", page.before)
        base = site(request)
        body = (
            b'{"results":[' + b",".join([spliced(row, base) for row in page.editions])
            + b'],"next":' + orjson.dumps(following) + b',"previous":' + orjson.dumps(preceding)
            + b',"filters":' + orjson.dumps(question.applied if question else {}) + b"}"
        )  # fmt: skip
        answer = HttpResponse(body, content_type=JSON)
        links = [f'<{address}>; rel="{rel}"' for rel, address in (("next", following), ("prev", preceding)) if address]
        if links:
            answer["Link"] = ", ".join(links)
        return answer

    def asked(self, request: Request) -> Question | None:
        """What is asked for; None for all current records of the kind, which needs no filter set: a form of twelve
        fields costs more than the page itself."""
        query = request.query_params
        if not query.keys() - {"limit"}:
            refuse(self.kind, repeated(query, ("limit",)))
            return None
        try:
            return ask(self.kind, query, also=("limit",))
        except CannotAsk as error:
            refuse(self.kind, error.faults)
            raise

    def page(self, question: Question | None, limit: int) -> Page:
        """The page asked for: one query."""
        if question and not question.is_plain:
            return question.page(limit, COLUMNS)
        start = place_of(STANDARD, question.start[1]) if question and question.start else None
        rows = Edition.objects.headlong(self.kind.code, COLUMNS, start, limit + 1)
        page = rows[:limit]
        return Page(
            page,
            before=cursor_of(STANDARD, page[0]) if page and start else "",
            after=cursor_of(STANDARD, page[-1]) if len(rows) > limit else "",
        )

    def limit(self, request: Request) -> int:
        """Records a page."""
        text = request.query_params.get("limit", str(PAGE_SIZE))
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LARGEST_PAGE and len(text) < 6):
            refuse(self.kind, [Fault("limit", f"`limit` is a number from 1 to {LARGEST_PAGE}.", "limit=10")])
        return int(text)

    def beside(self, request: Request, name: str, cursor: str) -> str | None:
        """The address of the page at a cursor."""
        if not cursor:
            return None
        query = request.query_params.copy()
        for other in ("after", "before"):
            query.pop(other, None)
        query[name] = cursor
        return request._request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def refuse(kind: Kind, faults: Sequence[Fault]) -> None:
    """400 when anything is wrong: the first fault in words, with an address that works, and all of them as a list."""
    if not faults:
        return
    first = faults[0]
    members: dict[str, Any] = {"parameter": first.parameter}
    if first.example:
        members["example"] = f"/api/v1/{api_address(kind)}/?{first.example}"
    if len(faults) > 1:
        members["errors"] = [{"parameter": fault.parameter, "detail": fault.text} for fault in faults]
    raise Problem(400, first.text, **members)


class RecordDetail(KindView):
    """The current edition of one record."""

    def get(self, request: Request, slug: str) -> HttpResponse:
        refuse(self.kind, strangers(request.query_params, ()))
        edition = self.found(self.editions().at_address(self.kind.code, slug).first())
        if edition.superseded_at:
            raise Problem(404, "The record moved: it is published under another address now.")
        return HttpResponse(spliced(edition, site(request)), content_type=JSON)


class EditionDetail(KindView):
    """One numbered edition, current or not."""

    def get(self, request: Request, slug: str, number: int) -> HttpResponse:
        refuse(self.kind, strangers(request.query_params, ()))
        if number >= 2**31:
            raise Problem(404, "No record has so many editions.")
        edition = self.found(self.editions().at_address(self.kind.code, slug).filter(number=number).first())
        return HttpResponse(spliced(edition, site(request)), content_type=JSON)


class OpenApi(SpectacularAPIView):
    """This description."""


class Documentation(SpectacularSwaggerSplitView):
    """The description as a page to read and try."""


@csrf_exempt
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other address below /api/."""
    start = request.build_absolute_uri("/api/v1/")
    return problem(request, 404, f"There is nothing at this address. The API starts at {start}")


class Root(APIView):
    """Where to go from here."""

    renderer_classes: ClassVar[list[type[JSONRenderer]]] = [JSONRenderer]  # type: ignore[misc]

    @extend_schema(
        operation_id="root", summary="The collections", tags=["start"],
        responses={(200, JSON): COLLECTIONS_SCHEMA, **PROBLEMS},
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        base = request._request.build_absolute_uri("/api/v1/")
        collections = {api_address(kind): f"{base}{api_address(kind)}/" for kind in KINDS.values()}
        body = {
            **collections,
            "openapi": f"{base}openapi.json",
            "documentation": request._request.build_absolute_uri("/api/"),
        }
        return HttpResponse(orjson.dumps(body), content_type=JSON)
