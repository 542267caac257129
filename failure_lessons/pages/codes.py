"""Addresses that people say: `/R8`, `/ls4`, `/E1-F3`, among the pages and in the API."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls.converters import StringConverter
from django.views.decorators.http import require_safe

from failure_lessons.publishing.addresses import add_prefix, api_record_path
from failure_lessons.publishing.models import Edition


class CodeConverter(StringConverter):
    """The code of a record in any case, such as `R8` or `e1-f3`."""

    regex = r"[A-Za-z]{1,12}[0-9]{1,9}(?:-[Ff][0-9]{1,9})?"


@require_safe
def page_by_code(request: HttpRequest, code: str) -> HttpResponse:
    """To the page of the record that has this code. One query."""
    return with_query(request, find_coded(code).get_absolute_url())


@require_safe
def data_by_code(request: HttpRequest, code: str) -> HttpResponse:
    """To the record in the API. One query."""
    edition = find_coded(code)
    return with_query(request, add_prefix(api_record_path(edition.kind, edition.slug)))


def find_coded(code: str) -> Edition:
    """The newest edition of the record with this code; a withdrawn one's own page says why. 404 where there is none."""
    rows = Edition.objects.filter(code=code.upper()).without_text().order_by("superseded_at", "-revision")
    edition = rows.filter(superseded_at=None).first() or rows.first()
    if edition is None:
        raise Http404
    return edition


def with_query(request: HttpRequest, address: str) -> HttpResponseRedirect:
    """Lead there with whatever was asked beside the address."""
    asked = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{address}?{asked}" if asked else address)
