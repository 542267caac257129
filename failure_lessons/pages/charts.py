"""The figures of a record, beside its page: as SVG, PNG and CSV, and as a page to embed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from failure_lessons.charts.figures import FIGURE_LISTS
from failure_lessons.charts.taking import LICENCE_LINE, TakenFigure, figure_file, framed_page, withdrawn_page
from failure_lessons.exports.formats.csl import csl_item
from failure_lessons.exports.formats.rows import EditionItem
from failure_lessons.exports.formats.styles import format_vancouver
from failure_lessons.library.resolve import Resolver
from failure_lessons.pages.files import edition_or_response
from failure_lessons.publishing.addresses import site_address
from failure_lessons.publishing.dependencies import list_evidence
from failure_lessons.publishing.models import Edition


def take_figure(edition: Edition, name: str, base: str) -> TakenFigure:
    """The figure of this name, with its citation. One query."""
    known = FIGURE_LISTS.get(edition.kind)
    if known is None:
        raise Http404
    resolver = Resolver(list_evidence(edition), {})
    document = resolver(edition.content) if known.resolved else edition.content
    figure = next((each for each in known.build(document) if each.name == name), None)
    if figure is None:
        raise Http404
    item = EditionItem(edition, base)
    told = "; ".join(resolver.references[key]["short"] for key in figure.sources if key in resolver.references)
    credit = (f"Source: {told}." if told else "", format_vancouver(csl_item(item)), LICENCE_LINE)
    kept = f"{edition.slug}-v{edition.number}-{name}"
    return TakenFigure(figure, item.name, item.page, tuple(filter(None, credit)), kept)


def chart_file(
    request: HttpRequest, address: str, slug: str, name: str, extension: str, number: int | None = None
) -> HttpResponse:
    """A figure as SVG, PNG or CSV. Two queries."""
    edition = edition_or_response(request, address, slug, number)
    if isinstance(edition, HttpResponse):
        return edition
    return figure_file(take_figure(edition, name, site_address(request)), extension)


def embed_page(request: HttpRequest, address: str, slug: str, name: str, number: int | None = None) -> HttpResponse:
    """A figure for a frame on another site; a withdrawn record says so there too. Two queries."""
    edition = edition_or_response(request, address, slug, number)
    if isinstance(edition, HttpResponse):
        return withdrawn_page() if edition.status_code == 410 else edition
    return framed_page(take_figure(edition, name, site_address(request)))
