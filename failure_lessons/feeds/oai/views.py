"""The door for harvesters."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from failure_lessons.feeds.oai.protocol import Site, respond


@csrf_exempt  # it only reads; harvesters may send their arguments by POST
@require_http_methods(["GET", "HEAD", "POST"])
def answer_harvester(request: HttpRequest) -> HttpResponse:
    """An OAI-PMH answer; errors too are answers of status 200, as the protocol wants."""
    arguments = [
        (name, value) for query in (request.GET, request.POST) for name, values in query.lists() for value in values
    ]
    base = request.build_absolute_uri("/")[:-1]
    site = Site(base, f"{base}{request.path}")
    answer = HttpResponse(respond(arguments, site), content_type="text/xml; charset=UTF-8")
    answer["Cache-Control"] = "no-cache"
    return answer
