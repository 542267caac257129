"""What became of recommendations, over all dossiers: who owes an answer, and what is asked of each body."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from failure_lessons.library.bodies import BODY_COUNTS, count_by_body, list_passed_on
from failure_lessons.library.list_query import CannotAsk, readable_editions, unknown_parameters
from failure_lessons.pages.as_of import Moment, moment_asked, refuse_query, render_at_moment
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

MOST_LISTED = 100
DOSSIERS_SHOWN = 25


def parse_moment(request: HttpRequest) -> Moment | None:
    """The moment asked for, where nothing else is asked. Raises `CannotAsk`."""
    if faults := unknown_parameters(request.GET, ["as_of", "page"]):
        raise CannotAsk(faults)
    return moment_asked(request)


def overdue_page(request: HttpRequest) -> HttpResponse:
    """Answers that are overdue today, and looks of our own that are: longest first. Two queries."""
    try:
        moment = parse_moment(request)
    except CannotAsk as error:
        return refuse_query(request, error)
    at = moment.at if moment else None
    day = timezone.localdate(at)
    rows = readable_editions(Edition.objects.of_kind("follow-up"), at).without_text()
    context: Mapping[str, object] = {
        "kind": KINDS["follow-up"],
        "day": day,
        "owed": list(rows.filter(due_on__lt=day).order_by("due_on", "sort_key", "pk")[:MOST_LISTED]),
        "ours": list(rows.filter(look_again_on__lt=day).order_by("look_again_on", "sort_key", "pk")[:MOST_LISTED]),
        "most": MOST_LISTED,
    }
    return render_at_moment(request, "pages/overdue.html", context, moment)


def bodies_page(request: HttpRequest) -> HttpResponse:
    """Every body that was asked, with its counts. Two queries."""
    try:
        moment = parse_moment(request)
    except CannotAsk as error:
        return refuse_query(request, error)
    at = moment.at if moment else None
    lines = count_by_body(timezone.localdate(at), at, as_of=moment.text if moment else "")
    text = request.GET.get("page", "1")
    last = max(-(-len(lines) // MOST_LISTED), 1)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= last):
        raise Http404
    page = int(text)
    context: Mapping[str, object] = {
        "kind": KINDS["follow-up"],
        "headings": [label for label, _ in BODY_COUNTS.values()],
        "lines": lines[(page - 1) * MOST_LISTED : page * MOST_LISTED],
        "total": len(lines),
        "previous": f"?page={page - 1}" if page > 1 else "",
        "next": f"?page={page + 1}" if page < last else "",
    }
    return render_at_moment(request, "pages/bodies.html", context, moment)


def body_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What is asked of one body. Five queries."""
    try:
        moment = parse_moment(request)
    except CannotAsk as error:
        return refuse_query(request, error)
    at = moment.at if moment else None
    body = readable_editions(Edition.objects.of_kind("organisation"), at).filter(slug=slug).first()
    if body is None:
        raise Http404
    lines = count_by_body(timezone.localdate(at), at, body=slug, as_of=moment.text if moment else "")
    rows = readable_editions(Edition.objects.of_kind("follow-up"), at).matching([f"body:{slug}"])
    dossiers = list(rows.defer("body", "search").order_by("due_on", "sort_key", "pk")[:DOSSIERS_SHOWN])
    came, went = list_passed_on(body, at)
    context: Mapping[str, object] = {
        "kind": KINDS["follow-up"],
        "body": body,
        "record": body.content,
        "line": lines[0] if lines else None,
        "dossiers": dossiers,
        "came": came,
        "went": went,
        "day": timezone.localdate(at),
    }
    return render_at_moment(request, "pages/body.html", context, moment)
