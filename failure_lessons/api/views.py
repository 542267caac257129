"""What every address of the API shares: how it is asked, how it refuses, how its answers may be kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from failure_lessons.api.etags import asked_state
from failure_lessons.api.parameters import JSON_FORMAT, negotiate_format, refuse_unknown_parameters
from failure_lessons.exports.formats import Format
from failure_lessons.problems import handle_api_error

Answer = TypeVar("Answer", bound=HttpResponseBase)


class Undecided(BaseContentNegotiation):
    """Leaves the choice of a format to the view, which knows what it can give."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str | None]:
        first = next(iter(renderers))
        return first, first.media_type


class LibraryReadView(APIView):
    """An address that reads the library."""

    renderer_classes: ClassVar[list[type[JSONRenderer]]] = [JSONRenderer]  # type: ignore[misc]
    content_negotiation_class = Undecided
    known: ClassVar[tuple[str, ...]] = ()  # parameters of an address that answers in JSON alone
    needed: ClassVar[str] = ""  # a query string without which it answers nothing
    reads_state = True  # first, so that no answer is older than its tag; lists may read it with their rows instead

    allow: ClassVar[str]  # the methods that the address takes, as in the header

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.allow = ", ".join(name.upper() for name in cls.http_method_names if hasattr(cls, name))

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """The answer. A read needs no parser, login or throttle of DRF's: it goes to its method at once."""
        if request.method not in ("GET", "HEAD"):
            return super().dispatch(request, *args, **kwargs)
        self.args, self.kwargs = args, kwargs
        self.request = asked = Request(request)
        try:
            if self.reads_state:
                asked_state(request)
            answer: HttpResponseBase = self.get(asked, *args, **kwargs)  # type: ignore[attr-defined]
        except Exception as error:
            problem = handle_api_error(error, {"request": asked, "view": self})
            if problem is None:
                raise
            answer = self.refusal_or_way(request, problem) if problem.status_code == 404 else problem
        answer["Allow"] = self.allow
        return answer

    def refusal_or_way(self, request: HttpRequest, problem: HttpResponseBase) -> HttpResponseBase:
        """What is answered where nothing stands: for addresses that know another to lead to."""
        return problem

    def options(self, request: object, *args: object, **kwargs: object) -> Any:
        """Which methods there are."""
        answer = HttpResponse(status=204)
        answer["Allow"] = self.allow
        return answer

    def check_request(self, request: Request) -> HttpRequest:
        """The request as Django knows it, its parameters checked, and JSON agreed on."""
        asked = request._request
        refuse_unknown_parameters(asked, self.known, self.needed)
        self.choose_format(asked, [JSON_FORMAT])
        return asked

    @staticmethod
    def choose_format(request: HttpRequest, offered: list[Format]) -> Format:
        """The format that `Accept` prefers."""
        return negotiate_format(request, offered)


def json_response(body: object, *, status: int = 200) -> HttpResponse:
    """A JSON answer."""
    return HttpResponse(
        orjson.dumps(body, option=orjson.OPT_UTC_Z), status=status, content_type=JSON_FORMAT.content_type
    )


def mark_cacheable(answer: Answer, *, tag: tuple[object, ...] = (), cache: str = "") -> Answer:
    """Mark an answer as a function of the library and the request alone: it gets an entity tag and may be kept.

    Without `tag` it changes with every revision; with one, only when these values do. `cache` replaces the
    `Cache-Control` of answers that must be asked about each time.
    """
    answer.library_tag = tag  # type: ignore[attr-defined]  # read by `tags`
    answer["Cache-Control"] = cache or "public, no-cache"
    return answer
