"""What a page offers beside each of its figures."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html

from failure_lessons.charts.figures import Figure
from failure_lessons.exports.formats.csl import csl_item
from failure_lessons.exports.formats.rows import EditionItem
from failure_lessons.exports.formats.styles import format_vancouver
from failure_lessons.publishing.addresses import site_address, site_path
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

register = template.Library()
PICTURE_FILES = (("SVG", "svg"), ("PNG", "png"), ("CSV", "csv"))


@dataclass(frozen=True)
class Taken:
    """The files of a figure, its address, what to paste into another site, and how to cite it."""

    files: tuple[tuple[str, str], ...]
    embed: str
    link: str
    code: str
    citation: str


@register.simple_tag(takes_context=True)
def offer_figure(context: Context, edition: Edition, name: str, title: str) -> Taken | None:
    """The figure of this name, of this very edition; nothing where there is no published edition."""
    request: HttpRequest | None = getattr(context, "request", None)
    if request is None or not edition.pk:
        return None
    place = (KINDS[edition.kind].address, edition.slug, edition.number, name)
    files = tuple((label, reverse("chart-edition", args=[*place, extension])) for label, extension in PICTURE_FILES)
    embed = reverse("embed-edition", args=place)
    return describe_taken(
        request, files, embed, title, format_vancouver(csl_item(EditionItem(edition, site_address(request))))
    )


@register.simple_tag(takes_context=True)
def offer_comparison(context: Context, figure: Figure, query: str) -> Taken | None:
    """A figure of several cases: `query` is the question that has this very answer for ever."""
    request: HttpRequest | None = getattr(context, "request", None)
    if request is None:
        return None
    known = (*PICTURE_FILES, ("PowerPoint", "pptx")) if figure.name == "slide" else PICTURE_FILES
    files = tuple(
        (label, f"{reverse('comparison-chart', args=[figure.name, extension])}?{query}") for label, extension in known
    )
    embed = f"{reverse('comparison-embed', args=[figure.name])}?{query}"
    page = f"{site_address(request)}{site_path('compare-cases')}?{query}"
    return describe_taken(
        request, files, embed, figure.title, f"{settings.SITE.name} [Internet]. Available from: {page}"
    )


@register.simple_tag(takes_context=True)
def offer_map(context: Context, figure: Figure, query: str) -> Taken | None:
    """The evidence map, of the library as it stands when it is asked for."""
    request: HttpRequest | None = getattr(context, "request", None)
    if request is None:
        return None
    files = tuple(
        (label, f"{reverse('evidence-map-chart', args=[figure.name, extension])}?{query}")
        for label, extension in PICTURE_FILES
    )
    page = f"{site_address(request)}{site_path('evidence-map')}?{query}"
    embed = f"{reverse('evidence-map-embed')}?{query}"
    return describe_taken(
        request, files, embed, figure.title, f"{settings.SITE.name} [Internet]. Available from: {page}"
    )


def describe_taken(
    request: HttpRequest, files: tuple[tuple[str, str], ...], embed: str, title: str, citation: str
) -> Taken:
    """The same of any figure with files and a page to embed."""
    host = f"{request.scheme}://{request.get_host()}"
    code = format_html(
        '<iframe src="{}" title="{}" width="100%" height="600" loading="lazy"></iframe>', f"{host}{embed}", title
    )
    return Taken(files, embed, f"{host}{embed}", str(code), citation)
