"""Where to start: the collections, the contract, the policy, and what is said at every other address."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularSwaggerSplitView
from markdown_it import MarkdownIt
from rest_framework.request import Request

from failure_lessons.api.views import LibraryReadView, json_response, mark_cacheable, site_origin
from failure_lessons.problems import problem_response
from failure_lessons.publishing.registry import KINDS

DESCRIPTION = settings.BASE_DIR / "docs" / "openapi.json"
GUIDE = settings.BASE_DIR / "docs" / "api.md"


class Root(LibraryReadView):
    """Where to go from here."""

    def get(self, request: Request) -> Any:
        base = site_origin(self.check_request(request))
        start = f"{base}/api/v1/"
        body = {
            **{kind.api_address: f"{start}{kind.api_address}/" for kind in KINDS.values()},
            "search": f"{start}search/",
            "changes": f"{start}changes/",
            "evidence-map": f"{start}evidence-map/",
            "downloads": f"{start}downloads/",
            "check": f"{start}check/",
            "openapi": f"{start}openapi.json",
            "documentation": f"{base}/api/",
            "policy": f"{base}/api/policy/",
        }
        answer = json_response(body)
        answer["Link"] = (
            f'<{start}openapi.json>; rel="service-desc"; type="application/json", '
            f'<{base}/api/>; rel="service-doc"; type="text/html"'
        )
        return mark_cacheable(answer)


class OpenApi(LibraryReadView):
    """The contract: the committed OpenAPI file."""

    def get(self, request: Request) -> Any:
        self.check_request(request)
        return mark_cacheable(HttpResponse(DESCRIPTION.read_bytes(), content_type="application/json"))


class Documentation(SpectacularSwaggerSplitView):
    """The contract as a page to read and try."""

    template_name = "failure_lessons/api.html"


def api_guide(request: HttpRequest) -> HttpResponse:
    """How to use the API, and what it promises, in words."""
    # our own file, so its HTML can be trusted
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(GUIDE.read_text(encoding="utf-8"))
    for tag in ("table", "pre"):  # what may be wider than a phone
        opening = f'<div class="scroll" tabindex="0"><{tag}>'
        html = html.replace(f"<{tag}>", opening).replace(f"</{tag}>", f"</{tag}></div>")
    return render(request, "failure_lessons/policy.html", {"guide": SafeString(html)})


@csrf_exempt
def api_not_found(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other address below /api/."""
    return problem_response(
        request, 404, f"There is nothing at this address. The API starts at {site_origin(request)}/api/v1/"
    )
