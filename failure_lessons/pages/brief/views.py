"""The brief as a page, a Word file and a PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, urldefrag, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from failure_lessons.files.qr import qr_svg
from failure_lessons.files.slides import SLIDES
from failure_lessons.pages.brief.carried import CarriedBrief
from failure_lessons.pages.brief.content import build_brief
from failure_lessons.pages.brief.parts import Brief
from failure_lessons.pages.brief.pdf import CannotMakePdf, make_pdf
from failure_lessons.pages.brief.selection import DEPTHS, LONGEST_NOTE, LONGEST_TITLE, MOST_PICKS
from failure_lessons.pages.brief.slides import make_slides
from failure_lessons.pages.brief.word import make_docx
from failure_lessons.pages.links import add_parameter, takes_brief

WORD_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def requested_brief(request: HttpRequest) -> Brief:
    """The brief of this request."""
    return build_brief(request.GET, site=f"{request.scheme}://{request.get_host()}", day=timezone.localdate())


def brief_page(request: HttpRequest) -> HttpResponse:
    """The brief to read, change and print. An address that asks for a change leads to the address of the result."""
    made = requested_brief(request)
    if back := page_to_return_to(request, made):
        return HttpResponseRedirect(back)
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    if not made.messages and given != made.selection.parameters:
        return HttpResponseRedirect(made.selection.address + made.place)
    return render_brief(request, made)


def page_to_return_to(request: HttpRequest, made: Brief) -> str:
    """Where the reader was when she added a record, with the brief and at that record; nothing where not asked for."""
    back, added = request.GET.get("back", ""), request.GET.get("add", "")
    if not back or not added or made.messages:
        return ""
    if not takes_brief(back) or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        made.messages.append("The page to return to is not one of ours. Your brief is below.")
        return ""
    return add_parameter(without_fragment(back), "brief", made.selection.token) + f"#add-{quote(added, safe='/')}"


def without_fragment(address: str) -> str:
    """The address without the place in the page."""
    return urldefrag(address).url


def render_brief(request: HttpRequest, made: Brief) -> HttpResponse:
    """The page of a brief, with 400 where its address was not understood whole."""
    request.brief = CarriedBrief.of(made.selection)  # type: ignore[attr-defined]  # so that its links carry it
    context = {
        "brief": made,
        "lengths": list_lengths(made),
        "mine": replace(made.selection, depth="").query,
        "slides": f"{reverse('brief-slides')}?{replace(made.selection, depth='').query}",
        "qr": mark_safe(qr_svg(made.short_address)),  # noqa: S308  # segno's own SVG, in which no text of ours stands
        "most": MOST_PICKS,
        "longest_note": LONGEST_NOTE,
        "longest_title": LONGEST_TITLE,
        "last": len(made.items),
    }
    return render(request, "pages/brief.html", context, status=400 if made.messages else 200)


def list_lengths(made: Brief) -> list[dict[str, str]]:
    """How much of a brief can be had, with the addresses of its page and its files."""
    found = []
    for depth, label in DEPTHS.items():
        query = replace(made.selection, depth=depth).query
        files = {"page": "brief", "pdf": "brief-pdf", "word": "brief-word"}
        found.append(
            {"depth": depth, "label": label, **{name: f"{reverse(route)}?{query}" for name, route in files.items()}}
        )
    return found


def brief_slides(request: HttpRequest) -> HttpResponse:
    """The brief as slides."""
    made = requested_brief(request)
    if made.messages or not made.items:
        return refuse_file(request, made)
    return file_response(make_slides(made), SLIDES, f"{brief_filename(made)}.pptx")


def brief_docx(request: HttpRequest) -> HttpResponse:
    """The brief as a Word file."""
    made = requested_brief(request)
    if made.messages or not made.items:
        return refuse_file(request, made)
    return file_response(make_docx(made), WORD_MEDIA_TYPE, f"{brief_filename(made)}.docx")


def brief_pdf(request: HttpRequest) -> HttpResponse:
    """The brief as a tagged PDF, or 503 for a moment while others are being made."""
    made = requested_brief(request)
    if made.messages or not made.items:
        return refuse_file(request, made)
    try:
        return file_response(make_pdf(made), "application/pdf", f"{brief_filename(made)}.pdf")
    except CannotMakePdf:
        made.messages.append("Other PDFs are being made just now. Please try again in a few seconds.")
        answer = render_brief(request, made)
        answer.status_code = 503
        answer["Retry-After"] = "5"
        return answer


def refuse_file(request: HttpRequest, made: Brief) -> HttpResponse:
    """No file, but the page that says why."""
    if not made.messages:
        made.messages.append("There is nothing in this brief yet, so there is no file of it.")
    return render_brief(request, made)


def file_response(content: bytes, media_type: str, name: str) -> HttpResponse:
    """A file to keep, not for search engines."""
    return HttpResponse(
        content,
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Robots-Tag": "noindex"},
    )


def brief_filename(made: Brief) -> str:
    """Such as `brief-2026-11-25-what-to-do`, in plain letters."""
    words = re.sub(r"[^a-z0-9]+", "-", made.title.lower())[:60].strip("-")
    return "-".join(filter(None, ["brief", made.day.isoformat(), words]))


def short_address(request: HttpRequest, picks: str) -> HttpResponse:
    """From the short address of a brief to the brief."""
    query = urlencode([("r", pick) for pick in picks.split(",") if pick], safe="/")
    return HttpResponseRedirect(f"{reverse('brief')}?{query}")


urlpatterns = [
    path("", require_safe(brief_page), name="brief"),
    path("brief.docx", require_safe(brief_docx), name="brief-word"),
    path("brief.pptx", require_safe(brief_slides), name="brief-slides"),
    path("brief.pdf", require_safe(brief_pdf), name="brief-pdf"),
]
