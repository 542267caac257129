"""For search engines: the site map and what to leave alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from failure_lessons.exports.formats.rows import in_blocks
from failure_lessons.local.identity import write_own_styles
from failure_lessons.pages.records import kind_at
from failure_lessons.publishing.addresses import add_prefix, list_path, record_path, site_address, site_path
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

SITEMAP_PART_SIZE = 5_000  # addresses in one file; the protocol allows 50,000
ICONS = Path(__file__).parent / "static" / "failure_lessons"
XML = "application/xml; charset=utf-8"
OPENING = '<?xml version="1.0" encoding="UTF-8"?>\n<{} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
STANDING_PAGES = (
    *(
        "home",
        "about",
        "project",
        "traceability",
        "evidence-map",
        "compare-cases",
        "changes",
        "corrections",
        "ledger",
        "downloads",
    ),
    *("accessibility", "privacy", "use", "api-documentation", "developers"),
)
# the same records again in another order or selection, pages of people who work here, and endless combinations
LEFT_ALONE = ("admin/", "accounts/", "preview/", "search/", "what-if/", "*?", "*/compare/")


def site_icon(request: HttpRequest, name: str) -> HttpResponse:
    """An icon at the address at which browsers look for it unasked."""
    kind = "image/png" if name.endswith(".png") else "image/x-icon"
    own = Path(settings.SITE.files) / name
    return HttpResponse(
        (own if settings.SITE.files and own.is_file() else ICONS / name).read_bytes(),
        content_type=kind,
        headers={"Cache-Control": "public, max-age=86400"},
    )


def site_styles(request: HttpRequest) -> HttpResponse:
    """The colours and the name of whoever runs the site, for a browser; empty where they are ours. No query."""
    return HttpResponse(
        write_own_styles(settings.SITE),
        content_type="text/css; charset=utf-8",
        headers={"Cache-Control": "public, max-age=86400"},
    )


def robots_txt(request: HttpRequest) -> HttpResponse:
    """What crawlers should leave alone, and where the site map is."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {add_prefix('/')}{path}" for path in LEFT_ALONE),
        f"Allow: {add_prefix('/')}",
        "",
        f"Sitemap: {site_address(request)}{site_path('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The parts of the site map: standing pages, then each kind by thousands. One query."""
    base = site_address(request)
    kinds = (
        Edition.objects.current().order_by().values("kind").annotate(records=Count("pk"), latest=Max("published_at"))
    )
    by_kind = {row["kind"]: row for row in kinds}
    latest = max((row["latest"] for row in by_kind.values()), default=None)
    parts = [sitemap_entry("sitemap", base + site_path("sitemap-pages"), latest)]
    for kind in KINDS.values():
        if row := by_kind.get(kind.code):
            parts += [
                sitemap_entry("sitemap", base + site_path("sitemap-part", kind.address, number), row["latest"])
                for number in range(1, -(-row["records"] // SITEMAP_PART_SIZE) + 1)
            ]
    return HttpResponse(write_sitemap("sitemapindex", parts), content_type=XML)


def sitemap_pages(request: HttpRequest) -> HttpResponse:
    """Pages that belong to no record."""
    base = site_address(request)
    standing = [*map(site_path, STANDING_PAGES), *(list_path(kind) for kind in KINDS)]
    return HttpResponse(
        write_sitemap("urlset", (sitemap_entry("url", base + path) for path in standing)), content_type=XML
    )


def sitemap_part(request: HttpRequest, address: str, number: int) -> StreamingHttpResponse:
    """Current records of one kind at their canonical addresses. One query, streamed."""
    kind, base = kind_at(address), site_address(request)
    if not 1 <= number < 2**31 // SITEMAP_PART_SIZE:
        raise Http404
    rows = Edition.objects.current().of_kind(kind.code).order_by("sort_key", "pk").values_list("slug", "published_at")
    chosen = rows[(number - 1) * SITEMAP_PART_SIZE : number * SITEMAP_PART_SIZE]
    if not chosen.exists():
        raise Http404
    lines = (sitemap_entry("url", base + record_path(kind.code, slug), at) for slug, at in chosen.iterator())
    return StreamingHttpResponse(in_blocks(write_sitemap("urlset", lines)), content_type=XML)


def write_sitemap(name: str, entries: Iterable[str]) -> Iterator[bytes]:
    """A site map or an index of site maps."""
    yield OPENING.format(name).encode()
    for each in entries:
        yield each.encode()
    yield f"</{name}>\n".encode()


def sitemap_entry(name: str, address: str, at: dt.datetime | None = None) -> str:
    """One address, with the day of its latest change."""
    changed = f"<lastmod>{at.astimezone(dt.UTC):%Y-%m-%d}</lastmod>" if at else ""
    return f"<{name}><loc>{escape(address)}</loc>{changed}</{name}>\n"
