"""What marks each page and file of a demonstration (`make demo`), in which rounds, people and tasks are invented."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase
from django.http.response import HttpResponse
from django.templatetags.static import static

BANNER = (
    '<aside class="demonstration" aria-label="Demonstration"><strong>Demonstration.</strong> What is called '
    "invented here is invented: rounds, people, answers, dossiers and tasks. "
    "The evidence is a copy of the library.</aside>"
)
BODY = re.compile(rb"<body[^>]*>")
FILE_NAME = re.compile(r'filename="')


class MarkDemonstration:
    """Puts a banner on every page, keeps search engines out, and names every file as invented."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.DEMONSTRATION:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        answer["X-Robots-Tag"] = "noindex, nofollow"
        if given := answer.get("Content-Disposition"):
            answer["Content-Disposition"] = FILE_NAME.sub('filename="invented-', given)
        if isinstance(answer, HttpResponse) and answer.get("Content-Type", "").startswith("text/html"):
            answer.content = mark_page(answer.content)
            if "Content-Length" in answer:
                answer["Content-Length"] = str(len(answer.content))
        return answer


def mark_page(page: bytes) -> bytes:
    """The page with a banner before everything else, and its style."""
    style = f'<link rel="stylesheet" href="{static("failure_lessons/demonstration.css")}">'
    return BODY.sub(
        lambda body: body[0] + BANNER.encode(), page.replace(b"</head>", style.encode() + b"</head>", 1), count=1
    )
