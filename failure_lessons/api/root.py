"""Where to start: the collections, the contract, the policy, and what is said at every other address."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from markdown_it import MarkdownIt
from rest_framework.request import Request

from failure_lessons.api.contract_reading import localise_contract
from failure_lessons.api.views import LibraryReadView, json_response, mark_cacheable
from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.problems import problem_response
from failure_lessons.publishing.addresses import add_prefix, api_list_path, site_address, site_path
from failure_lessons.publishing.registry import KINDS
from failure_lessons.types import JSONObject

FILES = Path(__file__).parent / "files"
GUIDE = FILES / "guide.md"
GUIDE_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


class Root(LibraryReadView):
    """Where to go from here."""

    def get(self, request: Request) -> HttpResponse:
        base = site_address(self.check_request(request))
        names = (
            "search",
            "changes",
            "evidence-map",
            "traceability",
            "bodies",
            "notes",
            "downloads",
            "check",
            "openapi",
            "documentation",
            "policy",
        )
        body = {kind.api_address: base + api_list_path(kind.code) for kind in KINDS.values()}
        body |= {name: base + site_path(f"api-{name}") for name in names}
        answer = json_response(body)
        answer["Link"] = (
            f'<{body["openapi"]}>; rel="service-desc"; type="application/json", '
            f'<{body["documentation"]}>; rel="service-doc"; type="text/html"'
        )
        return mark_cacheable(answer)


class OpenApi(LibraryReadView):
    """The contract: the committed OpenAPI file."""

    def get(self, request: Request) -> HttpResponse:
        self.check_request(request)
        described, sha256 = read_contract_file(add_prefix(""))
        answer = HttpResponse(described, content_type="application/json")
        return mark_cacheable(answer, tag=(sha256,), cache="public, max-age=3600")


@cache
def read_contract_file(prefix: str) -> tuple[bytes, str]:
    """The contract of a site whose addresses begin with this, and the hash by which it changes: at a release alone."""
    described = localise_contract()
    if prefix:  # its addresses begin at the root: say where that is
        described = orjson.dumps({**orjson.loads(described), "servers": [{"url": prefix}]})
    return described, hashlib.sha256(described).hexdigest()


def api_guide(request: HttpRequest) -> HttpResponse:
    """How to use the API, and what it promises, in words."""
    # our own file, so its HTML can be trusted
    html = GUIDE_MARKDOWN.render(GUIDE.read_text(encoding="utf-8"))
    html = html.replace('href="/', f'href="{add_prefix("/")}')
    for tag in ("table", "pre"):  # what may be wider than a phone
        opening = f'<div class="scroll" tabindex="0"><{tag}>'
        html = html.replace(f"<{tag}>", opening).replace(f"</{tag}>", f"</{tag}></div>")
    return render(request, "api/policy.html", {"guide": SafeString(html)})


@csrf_exempt
def api_not_found(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Every other address below /api/: the way where only the last slash is missing, else the nearest that there is."""
    if request.method in ("GET", "HEAD") and stands_at(f"{request.path_info}/"):
        asked = request.META.get("QUERY_STRING", "")
        address = f"{request.path}/"
        return HttpResponse(status=308, headers={"Location": f"{address}?{asked}" if asked else address})
    near = find_near_path(request.path_info)
    example: JSONObject = {"example": add_prefix(near)} if near else {}
    hint = format_hint(example.get("example", ""), quotes="")
    start = f"{site_address(request)}{site_path('api-root')}"
    words = f"There is nothing at this address.{hint} The API starts at {start}"
    return problem_response(request, 404, words, **example)


def stands_at(path: str) -> bool:
    """Whether one of our addresses is written so."""
    try:
        return resolve(path).func is not api_not_found
    except Resolver404:
        return False


def find_near_path(path: str) -> str:
    """The address that somebody may have meant: with its last slash, and the collection nearest to what was written."""
    start = site_path("api-root")
    word, _, rest = path.removeprefix(start).partition("/")
    names = [each.split("/")[0] for each in list_api_paths()]
    known = {plain: name for name in names for plain in (name, name.replace("-", "_"))}
    if not path.startswith(start) or not word:
        return ""
    near = known.get(nearest_name(word, known), "")
    tail = f"{rest.rstrip('/')}/" if rest.strip("/") else ""
    meant = f"{start}{near}/{tail}"
    return meant if near and meant != path and stands_at(meant) else ""


@cache
def list_api_paths() -> list[str]:
    """What stands below the start of the API, such as `recommendations/`."""
    start = site_path("api-root")
    names = ("search", "changes", "evidence-map", "traceability", "downloads", "check", "webhooks")
    paths = [*(api_list_path(code) for code in KINDS), *(site_path(f"api-{name}") for name in names)]
    return [path.removeprefix(start) for path in paths]
