"""What is typed or pasted into the workbench, made fit for every format before any form reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from failure_lessons.validators.text import UNWANTED, normalise_text

WORKBENCH = "/admin/"
ANSWERS_ITSELF = "/admin/text/"  # asked by scripts: a note there would wait for the next page


class CleanPostedText:
    """Middleware. Takes characters that no text needs out of whatever is posted to the workbench, and says so.

    Here and not in each form: pages, lists, inlines, pasting and whatever is added tomorrow have it too. Nobody sees
    such a character and Word writes some, so that a refusal could not be followed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: Sequence[object], named: Mapping[str, object]
    ) -> None:
        if request.method != "POST" or not request.path_info.startswith(WORKBENCH):
            return
        unfit = {
            name: values for name, values in request.POST.lists() if any(UNWANTED.search(str(each)) for each in values)
        }
        if not unfit:
            return
        _, note = normalise_text("".join(str(each) for values in unfit.values() for each in values))
        cleaned = request.POST.copy()
        for name, values in unfit.items():
            cleaned.setlist(name, [normalise_text(str(each))[0] for each in values])
        cleaned._mutable = False
        request.POST = cleaned  # type: ignore[assignment]  # a plain attribute once it was read
        if not request.path_info.startswith(ANSWERS_ITSELF):
            messages.info(request, f"{note} Where: {', '.join(sorted(unfit))[:300]}.")
