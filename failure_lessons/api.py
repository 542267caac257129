"""The read API: every kind as list, detail and numbered edition.

Answers are the stored documents, spliced as they are: no serializer runs on a read, and nothing that is not an edition
can appear.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import difflib
from collections.abc import Callable
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from casestudies.filters import CaseStudyFilter, ComparisonFilter, OrganisationFilter
from failure_lessons.filters import EditionFilter, SlugTermFilter, TermFilter
from failure_lessons.problems import Problem, explained, problem
from failure_lessons.publishing.kinds import KINDS, Kind
from failure_lessons.publishing.models import Edition, EditionQuerySet
from literature.filters import FindingFilter, GlossaryFilter, LiteratureReviewFilter, ReferenceFilter
from recommendations.filters import ConsultationTemplateFilter, LessonFilter, RecommendationFilter

FILTERS: dict[str, type[EditionFilter]] = {
    "theme": EditionFilter,
    "organisation": OrganisationFilter,
    "reference": ReferenceFilter,
    "glossary-term": GlossaryFilter,
    "finding": FindingFilter,
    "literature-review": LiteratureReviewFilter,
    "case-study": CaseStudyFilter,
    "comparison": ComparisonFilter,
    "lesson": LessonFilter,
    "recommendation": RecommendationFilter,
    "consultation-template": ConsultationTemplateFilter,
}
ADDRESSES = {"literature-review": "literature-reviews"}  # where the API's plural is not the page's
PAGE_SIZE, LARGEST_PAGE = 25, 100
JSON = "application/json"
COLUMNS = (
    "pk", "kind", "slug", "number", "revision", "sha256", "document", "sort_key", "note",
    "published_at", "superseded_at", "withdrawn_at", "evidence_changed_at",
)  # fmt: skip


def api_address(kind: Kind) -> str:
    """The plural noun of a kind in API addresses."""
    return ADDRESSES.get(kind.code, kind.address)


class Row(Protocol):
    """The columns of an edition that an answer needs: a model instance or a named row."""

    pk: int
    kind: str
    slug: str
    number: int
    revision: int
    sha256: str
    document: str
    sort_key: str
    note: str
    published_at: dt.datetime
    superseded_at: dt.datetime | None
    evidence_changed_at: dt.datetime | None


def spliced(edition: Row, base: str) -> bytes:
    """The document as stored, with what the library knows about it as one more member, `edition`, at its end.

    `base` is the site's own address, without a slash at its end.
    """
    kind = KINDS[edition.kind]
    about = {
        "number": edition.number,
        "revision": edition.revision,
        "sha256": edition.sha256,
        "published_at": edition.published_at,
        "superseded_at": edition.superseded_at,
        "evidence_changed_at": edition.evidence_changed_at,
        "note": edition.note,
        "url": f"{base}/api/v1/{api_address(kind)}/{edition.slug}/editions/{edition.number}/",
        "page": f"{base}/{kind.address}/{edition.slug}/v{edition.number}/",
    }
    return edition.document[:-1].encode() + b',"edition":' + orjson.dumps(about, option=orjson.OPT_UTC_Z) + b"}"


def site(request: Request) -> str:
    """The site's own address."""
    return request._request.build_absolute_uri("/")[:-1]


def cursor_of(edition: Row | Edition) -> str:
    """Where a list goes on after this edition."""
    return base64.urlsafe_b64encode(orjson.dumps([edition.sort_key, edition.pk])).decode().rstrip("=")


def place(cursor: str) -> tuple[str, int]:
    """The sort key and primary key after which a list goes on."""
    try:
        sort_key, pk = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not (isinstance(sort_key, str) and isinstance(pk, int) and abs(pk) < 2**63 and "\0" not in sort_key):
            raise ValueError(cursor)
    except (ValueError, TypeError, binascii.Error):
        raise Problem(
            400, "`after` is not a cursor. Take it from `next` of the page before.", parameter="after"
        ) from None
    return sort_key, pk


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()


RECORD_SCHEMA = {
    "type": "object",
    "description": "An entry of the evidence package format, with `schema`, `kind`, `derived` and `edition` beside it.",
    "properties": {
        "schema": {"type": "integer"},
        "kind": {"type": "string", "enum": list(KINDS)},
        "slug": {"type": "string"},
        "derived": {"type": "object", "description": "What is computed from the record and its neighbours."},
        "edition": {"$ref": "#/components/schemas/Edition"},
    },
    "required": ["schema", "kind", "slug", "edition"],
}
PAGE_SCHEMA = {
    "type": "object",
    "properties": {
        "results": {"type": "array", "items": RECORD_SCHEMA},
        "next": {"type": ["string", "null"], "format": "uri", "description": "The next page, or null on the last."},
        "filters": {"type": "object", "description": "The filters that were applied, as understood."},
    },
    "required": ["results", "next", "filters"],
}
COLLECTIONS_SCHEMA = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}
PROBLEMS: dict[Any, Any] = {
    (status, "application/problem+json"): OpenApiResponse(ProblemSerializer, description=text)
    for status, text in (
        (400, "A parameter is unknown or wrong; `detail` says how to mend it."),
        (404, "Nothing stands at this address."),
        (406, "No format that `Accept` asks for."),
        (410, "The record was withdrawn; `detail` gives the reason."),
    )
}


class KindView(APIView):
    """What the views of one kind share."""

    renderer_classes: ClassVar[list[type[JSONRenderer]]] = [JSONRenderer]  # type: ignore[misc]
    kind: Kind = KINDS["recommendation"]
    parameters: frozenset[str] = frozenset()

    def editions(self) -> EditionQuerySet:
        """Editions of this kind, with the columns an answer needs."""
        return Edition.objects.of_kind(self.kind.code).only(*COLUMNS)

    def refuse_unknown(self, request: Request, known: list[str]) -> None:
        """400 for a parameter nobody knows, or a single-valued one given twice."""
        for name in request.query_params:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f" Did you mean `{near[0]}`?" if near else ""
                some = f" Known here: {', '.join(known)}." if known else " This address takes no parameters."
                raise Problem(400, f"There is no parameter `{name[:80]}`.{hint}{some}", parameter=name[:80])

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
    """A page of current records."""

    filterset: type[EditionFilter] = EditionFilter
    single = frozenset({"after", "limit", "q"})

    def get(self, request: Request) -> HttpResponse:
        rows, applied = self.asked(request)
        limit = self.limit(request)
        cursor = request.query_params.get("after")
        start = place(cursor) if cursor is not None else None
        if rows is None:
            page: list[Any] = Edition.objects.headlong(self.kind.code, COLUMNS, start, limit + 1)
        else:
            rows = rows.beginning_after(start) if start else rows
            page = list(rows.order_by("sort_key", "pk").values_list(*COLUMNS, named=True)[: limit + 1])
        following = self.next_address(request, page[limit - 1]) if len(page) > limit else None
        base = site(request)
        body = (
            b'{"results":[' + b",".join([spliced(row, base) for row in page[:limit]])
            + b'],"next":' + orjson.dumps(following) + b',"filters":' + orjson.dumps(applied) + b"}"
        )  # fmt: skip
        answer = HttpResponse(body, content_type=JSON)
        if following:
            answer["Link"] = f'<{following}>; rel="next"'
        return answer

    def asked(self, request: Request) -> tuple[EditionQuerySet | None, dict[str, Any]]:
        """The records asked for (None: all of the kind) and the filters as understood; 400 for nonsense."""
        if not request.query_params.keys() - {"after", "limit"}:
            self.refuse_repeated(request)
            return None, {}  # a form of twelve fields costs more than the page itself
        filters = self.filterset(request.query_params, queryset=Edition.objects.of_kind(self.kind.code).current())
        self.refuse_unknown(request, [*filters.filters, "after", "limit"])
        self.refuse_repeated(request)
        if not filters.is_valid():
            name, messages = next(iter(filters.errors.items()))
            raise Problem(400, f"`{name}`: {messages[0]}", parameter=name, example=self.example(name))
        return filters.qs, {name: value for name, value in filters.form.cleaned_data.items() if value}

    def refuse_repeated(self, request: Request) -> None:
        """400 for a single-valued parameter given twice."""
        for name in self.single:
            if len(request.query_params.getlist(name)) > 1:
                raise Problem(400, f"`{name}` was given more than once.", parameter=name)

    def limit(self, request: Request) -> int:
        """Records a page."""
        text = request.query_params.get("limit", str(PAGE_SIZE))
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LARGEST_PAGE and len(text) < 6):
            raise Problem(400, f"`limit` is a number from 1 to {LARGEST_PAGE}.", parameter="limit")
        return int(text)

    def next_address(self, request: Request, last: Row) -> str:
        """The address of the page after this one."""
        query = request.query_params.copy()
        query["after"] = cursor_of(last)
        return request._request.build_absolute_uri(f"{request.path}?{query.urlencode()}")

    def example(self, name: str) -> str:
        """An address that works, for a parameter that did not."""
        chosen = self.filterset.base_filters.get(name)
        value = next(iter(chosen.vocabulary.values)) if isinstance(chosen, TermFilter) else "workforce"
        return f"/api/v1/{api_address(self.kind)}/?{urlencode({name: value})}"


class RecordDetail(KindView):
    """The current edition of one record."""

    def get(self, request: Request, slug: str) -> HttpResponse:
        self.refuse_unknown(request, [])
        edition = self.found(self.editions().at_address(self.kind.code, slug).first())
        if edition.superseded_at:
            raise Problem(404, "The record moved: it is published under another address now.")
        return HttpResponse(spliced(edition, site(request)), content_type=JSON)


class EditionDetail(KindView):
    """One numbered edition, current or not."""

    def get(self, request: Request, slug: str, number: int) -> HttpResponse:
        self.refuse_unknown(request, [])
        if number >= 2**31:
            raise Problem(404, "No record has so many editions.")
        edition = self.found(self.editions().at_address(self.kind.code, slug).filter(number=number).first())
        return HttpResponse(spliced(edition, site(request)), content_type=JSON)


class OpenApi(SpectacularAPIView):
    """This description."""


class Documentation(SpectacularSwaggerSplitView):
    """The description as a page to read and try."""


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


def parameters_of(filterset: type[EditionFilter]) -> list[OpenApiParameter]:
    """OpenAPI parameters of a list."""
    described = [
        OpenApiParameter("q", str, description='Words to search for, as on the web: `"two words"`, `or`, `-not`.'),
        OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}),
        OpenApiParameter("after", str, description="Cursor from `next` of the page before."),
    ]
    for name, chosen in filterset.term_filters().items():
        values = [str(code) for code in chosen.vocabulary.values] if isinstance(chosen, TermFilter) else None
        schema: dict[str, Any] = {"type": "string", "enum": values} if values else {"type": "string"}
        if isinstance(chosen, SlugTermFilter):
            schema["pattern"] = "^[a-z0-9]+(-[a-z0-9]+)*$"
        described.append(
            OpenApiParameter(name, {"type": "array", "items": schema}, description=f"{chosen.label}: any of these.")
        )
    return described


def described(**about: Any) -> Callable[[Any], Any]:
    """Describe the `get` of a view class."""
    return extend_schema_view(get=extend_schema(**about))


def views_of(kind: Kind) -> list[Any]:
    """The addresses of one kind."""
    address = api_address(kind)
    filterset = FILTERS[kind.code]
    name = "".join(word.capitalize() for word in kind.code.split("-"))
    shared: dict[str, Any] = {"tags": [address]}
    one = {(200, JSON): OpenApiResponse(RECORD_SCHEMA, description="The record."), **PROBLEMS}
    slug = OpenApiParameter(
        "slug", OpenApiTypes.STR, OpenApiParameter.PATH, description="The last part of its address."
    )
    listing = described(
        operation_id=f"list{name}s", summary=f"{kind.label_plural}, current editions", description="",
        parameters=parameters_of(filterset),
        responses={(200, JSON): OpenApiResponse(PAGE_SCHEMA, description="A page."),
        **PROBLEMS}, **shared,
    )  # fmt: skip
    detail = described(
        operation_id=f"get{name}", summary=f"One {kind.label.lower()}", description="", parameters=[slug],
        responses=one, **shared,
    )  # fmt: skip
    numbered = described(
        operation_id=f"get{name}Edition", summary=f"One edition of a {kind.label.lower()}", description="",
        parameters=[slug], responses=one, **shared,
    )  # fmt: skip
    record_list: Any = type(f"{name}List", (RecordList,), {"kind": kind, "filterset": filterset})
    record_detail: Any = type(f"{name}Detail", (RecordDetail,), {"kind": kind})
    edition_detail: Any = type(f"{name}Edition", (EditionDetail,), {"kind": kind})
    return [
        path(f"{address}/", listing(record_list).as_view(), name=f"api-{kind.code}-list"),
        path(f"{address}/<str:slug>/", detail(record_detail).as_view(), name=f"api-{kind.code}"),
        path(f"{address}/<str:slug>/editions/<int:number>/", numbered(edition_detail).as_view(),
             name=f"api-{kind.code}-edition"),
    ]  # fmt: skip


v1 = [path("", Root.as_view(), name="api-root"), *(each for kind in KINDS.values() for each in views_of(kind))]
urlpatterns = [
    path("", Documentation.as_view(url_name="api-openapi"), name="api-documentation"),
    path("v1/openapi.json", OpenApi.as_view(), name="api-openapi"),
    *(path(f"v1/{pattern.pattern}", pattern.callback, name=pattern.name) for pattern in v1),
    path("problems/<slug:kind>/", explained, name="api-problem"),
    re_path(r"^(?P<rest>.*)$", nowhere),
]
