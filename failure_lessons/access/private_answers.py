"""Answers at addresses that hold a secret, and forms without a cookie: who sent this, and who may keep it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


def is_foreign(request: HttpRequest) -> bool:
    """Whether the browser says that another site sent this."""
    return request.META.get("HTTP_SEC_FETCH_SITE", "same-origin") not in ("same-origin", "none")


def kept_private(view: View[Rest]) -> View[Rest]:
    """No store keeps the answer, no search engine lists it, no link tells where it was followed from."""

    @csrf_exempt
    @wraps(view)
    def answer_privately(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer["Referrer-Policy"] = "no-referrer"
        answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the path, and the secret in it
        return answer

    return answer_privately
