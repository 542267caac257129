"""The brief as a page, a Word file and a PDF."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from failure_lessons.pages.brief.content import brief
from failure_lessons.pages.brief.link_propagation import Carried
from failure_lessons.pages.brief.parts import Brief
from failure_lessons.pages.brief.pdf import CannotMakePdf, pdf
from failure_lessons.pages.brief.selection import LONGEST_NOTE, LONGEST_TITLE, MOST
from failure_lessons.pages.brief.word import word

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def asked(request: HttpRequest) -> Brief:
    """The brief of this request."""
    return brief(request.GET, site=request.build_absolute_uri("/")[:-1], day=timezone.localdate())


def page(request: HttpRequest) -> HttpResponse:
    """The brief to read, change and print. An address that asks for a change leads to the address of the result."""
    made = asked(request)
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    if not made.messages and given != made.selection.parameters:
        return HttpResponseRedirect(made.selection.address + made.place)
    return shown(request, made)


def shown(request: HttpRequest, made: Brief) -> HttpResponse:
    """The page of a brief, with 400 where its address was not understood whole."""
    request.brief = Carried.of(made.selection)  # type: ignore[attr-defined]  # so that links to lists carry it
    context = {
        "brief": made,
        "query": made.selection.query,
        "most": MOST,
        "longest_note": LONGEST_NOTE,
        "longest_title": LONGEST_TITLE,
        "last": len(made.items),
    }
    return render(request, "brief/brief.html", context, status=400 if made.messages else 200)


def docx(request: HttpRequest) -> HttpResponse:
    """The brief as a Word file."""
    made = asked(request)
    if made.messages or not made.items:
        return refused(request, made)
    return file(word(made), WORD, f"{filename(made)}.docx")


def portable(request: HttpRequest) -> HttpResponse:
    """The brief as a tagged PDF, or 503 for a moment while others are being made."""
    made = asked(request)
    if made.messages or not made.items:
        return refused(request, made)
    try:
        return file(pdf(made), "application/pdf", f"{filename(made)}.pdf")
    except CannotMakePdf:
        made.messages.append("Other PDFs are being made just now. Please try again in a few seconds.")
        answer = shown(request, made)
        answer.status_code = 503
        answer["Retry-After"] = "5"
        return answer


def refused(request: HttpRequest, made: Brief) -> HttpResponse:
    """No file, but the page that says why."""
    if not made.messages:
        made.messages.append("There is nothing in this brief yet, so there is no file of it.")
    return shown(request, made)


def file(content: bytes, media_type: str, name: str) -> HttpResponse:
    """A file to keep, not for search engines."""
    return HttpResponse(
        content,
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Robots-Tag": "noindex"},
    )


def filename(made: Brief) -> str:
    """Such as `brief-2026-11-25-what-to-do`, in plain letters."""
    words = re.sub(r"[^a-z0-9]+", "-", made.title.lower())[:60].strip("-")
    return "-".join(filter(None, ["brief", made.day.isoformat(), words]))


urlpatterns = [
    path("", require_safe(page), name="brief"),
    path("brief.docx", require_safe(docx), name="brief-word"),
    path("brief.pdf", require_safe(portable), name="brief-pdf"),
]
