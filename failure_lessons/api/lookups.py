"""Looking things up across kinds: search, an edition by its hash, and whether the copies somebody holds are current."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import orjson
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from failure_lessons.api.parameters import (
    JSON_FORMAT,
    parse_bounded_integer,
    parse_choice,
    parse_response_options,
    raise_bad_request,
    refuse_unknown_parameters,
)
from failure_lessons.api.reading import RECORD_COLUMNS, edition_about, edition_response, withdrawn_problem
from failure_lessons.api.records import RECORD_MEMBERS
from failure_lessons.api.views import LibraryReadView, json_response, mark_cacheable
from failure_lessons.library.filters import LONGEST_QUESTION, clean_search_text
from failure_lessons.library.list_query import ParameterError
from failure_lessons.library.search import (
    RANKED,
    fetch_headlines,
    find_exact,
    find_results,
    order_results,
    understand,
)
from failure_lessons.library.search_scope import SearchScope
from failure_lessons.library.state import read_library_state
from failure_lessons.problems import ApiProblem
from failure_lessons.publishing.addresses import api_record_path, record_path, requested_address, site_address
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

SHA256_PATTERN = re.compile(r"[0-9a-f]{64}")
MOST_HASHES, MOST_HASHES_IN_ADDRESS = 1000, 50
LARGEST_BODY = 262_144  # bytes; a thousand hashes take 70,000
MAX_SEARCH_PAGE_SIZE = 100


class LibrarySearch(LibraryReadView):
    """Everything published, by its words, best first."""

    known = ("q", "kind", "limit", "page")
    needed = "q=staff"

    def get(self, request: Request) -> HttpResponse:
        asked = self.check_request(request)
        kind, faults = parse_choice(asked.GET, "kind", list(KINDS))
        limit, wrong = parse_bounded_integer(asked.GET, "limit", 20, MAX_SEARCH_PAGE_SIZE)
        page, wrong_page = parse_bounded_integer(asked.GET, "page", 1, RANKED)
        text = clean_search_text(asked.GET.get("q", ""))
        if not text:
            faults.append(ParameterError("q", "`q` holds the words to search for.", "q=staff"))
        if len(asked.GET.get("q", "")) > LONGEST_QUESTION:
            faults.append(ParameterError("q", f"`q` takes {LONGEST_QUESTION} characters."))
        raise_bad_request(asked, [*faults, *wrong, *wrong_page], needed=self.needed)
        start = (page - 1) * limit
        scope = SearchScope()
        understood = understand(text, scope)
        also, query = understood.also, understood.query
        found, kinds = find_results(scope, understood), scope.bitmaps.terms_named("kind")
        counted = scope.bitmaps.count_terms(found, kinds)
        by_kind = {term.partition(":")[2]: count for term, count in counted.items()}
        keys = order_results(scope, found & scope.keys_of_kinds([kind]) if kind else found, understood)
        rows = fetch_headlines(keys[start : start + limit], query)
        base = site_address(asked)
        named = find_exact(text, scope)
        body = {
            "results": [
                {**serialize_headline(row, base), **serialize_snippet(row.headline)}  # type: ignore[attr-defined]  # annotated with its query
                for row in rows
            ],
            "exact": serialize_headline(named, base) if named else None,
            "count": by_kind.get(kind, 0) if kind else sum(by_kind.values()),
            "kinds": {code: by_kind[code] for code in reversed(KINDS) if code in by_kind},
            "also": [{"written": each.written, "also": each.also} for each in also],
            "next": self.results_page_address(asked, page + 1) if len(keys) > start + limit else None,
            "previous": self.results_page_address(asked, page - 1) if page > 1 else None,
            "filters": {"q": text, **({"kind": kind} if kind else {})},
        }
        answer = json_response(body)
        links = [f'<{body[name]}>; rel="{rel}"' for name, rel in (("next", "next"), ("previous", "prev")) if body[name]]
        if links:
            answer["Link"] = ", ".join(links)
        return mark_cacheable(answer)

    def results_page_address(self, request: HttpRequest, page: int) -> str:
        """The address of a page of results."""
        query = request.GET.copy()
        query["page"] = str(page)
        return f"{requested_address(request)}?{query.urlencode()}"


def serialize_headline(row: Edition, base: str) -> dict[str, object]:
    """A record as search results name it."""
    return {
        "kind": row.kind,
        "slug": row.slug,
        "code": row.code,
        "title": row.title,
        "number": row.number,
        "url": base + api_record_path(row.kind, row.slug),
        "page": base + record_path(row.kind, row.slug),
    }


def serialize_snippet(marked: str) -> dict[str, object]:
    """Text around the matches, and where in it they stand: pairs of start and end, counted in characters."""
    text, matches, start = "", [], 0
    for piece in re.split("([\x02\x03])", marked):
        if piece == "\x02":
            start = len(text)
        elif piece == "\x03":
            matches.append([start, len(text)])
        else:
            text += piece
    return {"snippet": text, "matches": matches}


class ByHash(LibraryReadView):
    """The edition whose document has this SHA-256."""

    def get(self, request: Request, sha256: str) -> HttpResponse:
        asked = request._request
        refuse_unknown_parameters(asked, ("fields", "include", "format"))
        row = None
        if SHA256_PATTERN.fullmatch(sha256):
            row = pick_best_edition(Edition.objects.filter(sha256=sha256).only(*RECORD_COLUMNS))
        if row is None:
            raise ApiProblem(
                404, "No edition has this hash. A hash is the SHA-256 of a document: 64 hexadecimal digits."
            )
        if row.withdrawn_at:
            raise withdrawn_problem(row.withdrawn_at, row.withdrawal_reason)
        kind = KINDS[row.kind]
        wish, faults = parse_response_options(
            asked.GET, lambda offered: self.choose_format(asked, list(offered)), kind, RECORD_MEMBERS[kind.code]
        )
        raise_bad_request(asked, faults, kind)
        return edition_response(asked, wish, row)


def pick_best_edition(rows: Iterable[Edition]) -> Edition | None:
    """Of editions with the same words, the one to speak of: current before superseded before withdrawn, then newest."""
    return min(
        rows,
        default=None,
        key=lambda row: (row.withdrawn_at is not None, row.superseded_at is not None, -row.revision),
    )


class Check(LibraryReadView):
    """Which of the copies somebody holds are current."""

    known = ("sha256",)
    needed = f"sha256={'0' * 64}"

    def get(self, request: Request) -> HttpResponse:
        asked = self.check_request(request)
        hashes = str(asked.GET.get("sha256", "")).split(",")
        words = ""
        if not all(SHA256_PATTERN.fullmatch(each) for each in hashes):
            words = "`sha256` is a list of hashes, 64 hexadecimal digits each, with commas between them."
        elif len(hashes) > MOST_HASHES_IN_ADDRESS:
            words = f"`sha256` takes {MOST_HASHES_IN_ADDRESS} hashes in an address. POST takes {MOST_HASHES}."
        raise_bad_request(asked, [ParameterError("sha256", words)] if words else [], needed=self.needed)
        return mark_cacheable(json_response(check_hashes(hashes, site_address(asked))))

    def post(self, request: Request) -> HttpResponse:
        asked = request._request
        refuse_unknown_parameters(asked, ())
        self.choose_format(asked, [JSON_FORMAT])
        return json_response(check_hashes(read_hashes(asked), site_address(asked)))


def read_hashes(request: HttpRequest) -> list[str]:
    """The hashes that a body lists, or the problem with it."""
    if request.content_type != "application/json":
        raise ApiProblem(415, 'Send application/json, such as {"sha256": ["…"]}.')
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > LARGEST_BODY:
        raise ApiProblem(413, f"The body may have {LARGEST_BODY:,} bytes. Ask about {MOST_HASHES:,} hashes at a time.")
    try:
        body = orjson.loads(request.body)
    except ValueError:
        raise ApiProblem(400, "The body is not JSON.", parameter="body") from None
    wrong: list[dict[str, str]] = []
    hashes = body.get("sha256") if isinstance(body, dict) else None
    if not isinstance(body, dict):
        wrong.append({"pointer": "", "detail": 'The body is an object: {"sha256": ["…"]}.'})
    else:
        wrong += [
            {"pointer": f"/{name[:80]}", "detail": "There is no such member; the only one is `sha256`."}
            for name in body
            if name != "sha256"
        ]
        if not isinstance(hashes, list) or not 1 <= len(hashes) <= MOST_HASHES:
            wrong.append({"pointer": "/sha256", "detail": f"`sha256` is a list of 1 to {MOST_HASHES:,} hashes."})
        else:
            wrong += [
                {"pointer": f"/sha256/{place}", "detail": "A hash is 64 hexadecimal digits in lower case."}
                for place, each in enumerate(hashes)
                if not (isinstance(each, str) and SHA256_PATTERN.fullmatch(each))
            ]
    if wrong:
        raise ApiProblem(422, wrong[0]["detail"], errors=wrong[:100])
    return hashes or []


def check_hashes(hashes: Sequence[str], base: str) -> dict[str, object]:
    """What has become of each hash: three queries, however many there are."""
    number = read_library_state().number
    rows: dict[str, list[Edition]] = {}
    wanted = list(dict.fromkeys(hashes))
    for row in Edition.objects.filter(sha256__in=wanted).without_text():
        rows.setdefault(row.sha256, []).append(row)
    records = {row.record_id for found in rows.values() for row in found}
    current = {row.record_id: row for row in Edition.objects.current().filter(record_id__in=records).without_text()}
    answers: list[dict[str, object]] = []
    for sha256 in wanted:
        best = pick_best_edition(rows.get(sha256, []))
        if best is None:
            answers.append({"sha256": sha256, "status": "unknown"})
            continue
        now = current.get(best.record_id)
        about = edition_about(best, base)
        if best.withdrawn_at:
            about = {
                name: about[name] for name in ("kind", "slug", "status", "number", "sha256", "withdrawn_at", "url")
            }
            about["withdrawal_reason"] = best.withdrawal_reason
        if about["status"] != "current":
            about["superseded_by"] = edition_about(now, base) if now else None
        answers.append(about)
    return {"revision": number, "results": answers}
