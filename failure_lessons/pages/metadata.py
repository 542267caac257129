"""What a page says of itself to machines and to people who cite it: made from one edition and its pins, no query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import orjson
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from failure_lessons.exports.accept import prefer_media_type
from failure_lessons.exports.formats import CITING, FORMATS, SOURCE_FORMATS, EditionItem
from failure_lessons.exports.formats.cited_versions import pins_among
from failure_lessons.exports.formats.csl import csl_item
from failure_lessons.exports.formats.highwire import citation_tags
from failure_lessons.exports.formats.jsonld import jsonld_document, repository_dataset
from failure_lessons.exports.formats.signposts import citing_address, format_link_header, page_links
from failure_lessons.exports.formats.styles import format_harvard, format_vancouver
from failure_lessons.publishing.addresses import (
    add_prefix,
    api_list_path,
    api_record_path,
    requested_address,
    site_address,
    site_path,
)
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import Kind, PartTable
from failure_lessons.types import JSONObject

# so that no text can end the script element, or be taken for a comment or an entity
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}

IN_HEAD = ("cite-as", "describedby")  # of the typed links: for programs that see the page and not its headers


def record_metadata(
    request: HttpRequest, edition: Edition, closure: Iterable[Edition], *, numbered: bool
) -> dict[str, object]:
    """The context of a record's page: `cite` for `_components/cite.html`, `about` for `_components/about.html`."""
    base = site_address(request)
    item = EditionItem(edition, base)
    pinned, kind = list(closure), item.kind
    links = page_links(edition, base, numbered=numbered)
    return {
        "cite": citation_context(item),
        "sources": source_files(item) if any(each.kind == "reference" for each in pinned) else [],
        "tables": [
            (table.label, table_files(kind, table, "edition", edition.slug, edition.number))
            for table in kind.part_tables
            if next(iter(table.rows(edition.content)), None) is not None
        ],
        "about": {
            # search engines are led to the record's one plain address; old editions stay citable but are not found
            "canonical": item.page if edition.superseded_at is None else item.permanent,
            "hidden": edition.superseded_at is not None,
            "type": "article",
            "title": item.name,
            "description": item.description or item.title,
            "json": item.data if numbered else base + api_record_path(edition.kind, edition.slug),
            "structured": data_block(jsonld_document(item, pins_among(pinned))),
            "citation": citation_tags(csl_item(item)),
            "links": [link for link in links if link.rel in IN_HEAD],
        },
    }


def citation_context(item: EditionItem) -> dict[str, object]:
    """This very edition as people cite it; a reference is the source itself."""
    csl = csl_item(item)
    return {
        "source": item.row.kind == "reference",
        "harvard": mark_safe(format_harvard(csl)),  # noqa: S308  # cleaned by nh3
        "vancouver": format_vancouver(csl),
        "files": [
            (FORMATS[name].label, add_prefix(citing_address(item, name).removeprefix(item.base))) for name in CITING
        ],
    }


def source_files(item: EditionItem) -> list[tuple[str, str]]:
    """What this edition rests on as files for a reference manager: label and address."""
    place = (item.kind.address, item.row.slug, item.row.number)
    return [
        (FORMATS[name].label, add_prefix(site_path("sources-edition", *place, FORMATS[name].extension)))
        for name in SOURCE_FORMATS
    ]


def table_files(kind: Kind, table: PartTable, of: str, *place: object) -> list[tuple[str, str]]:
    """A table of parts as files: label and address."""
    return [
        (label, add_prefix(site_path(table.route(kind.code, of), *place, extension)))
        for extension, label in (("csv", "CSV"), ("xlsx", "Excel"))
    ]


def record_link_header(request: HttpRequest, edition: Edition, *, numbered: bool) -> str:
    """The `Link` header of a record's page."""
    return format_link_header(page_links(edition, site_address(request), numbered=numbered))


def negotiate_address(request: HttpRequest, edition: Edition) -> str:
    """Where an edition stands in the form that `Accept` prefers to its page, or an empty text for the page."""
    item = EditionItem(edition, site_address(request))
    forms = {"application/json": item.data}
    forms |= {FORMATS[name].media_type: citing_address(item, name) for name in CITING}
    wanted = prefer_media_type(request.headers.get("Accept", ""), ["text/html", "application/xhtml+xml", *forms])
    return forms.get(wanted, "")


def home_metadata(request: HttpRequest, modified: dt.datetime | None) -> dict[str, object]:
    """The same for the start page, which stands for the whole repository."""
    base = site_address(request)
    whole = repository_dataset(base, modified.astimezone(dt.UTC).date().isoformat() if modified else "")
    return {
        "canonical": base + site_path("home"),
        "hidden": False,
        "type": "website",
        "title": whole["name"],
        "description": whole["description"],
        "json": base + site_path("api-root"),
        "structured": data_block(whole),
    }


def list_metadata(request: HttpRequest, kind: Kind, introduction: str) -> dict[str, object]:
    """The same for a list: however it is filtered, sorted or paged, its one address is that of the whole list."""
    base = site_address(request)
    return {
        "canonical": requested_address(request),
        "hidden": False,
        "type": "website",
        "title": kind.label_plural,
        "description": introduction or kind.label_plural,
        "json": base + api_list_path(kind.code),
        "structured": "",
    }


def canonical_address(request: HttpRequest) -> dict[str, str]:
    """Context processor: the plain address of any other page, and the picture that social media show for it."""
    try:
        card = request.build_absolute_uri(static("failure_lessons/social-card.png")) if has_card() else ""
        return {"canonical": requested_address(request), "social_card": card}
    except (DisallowedHost, ValueError):  # the page that says so is rendered too; static files not collected yet
        return {"canonical": "", "social_card": ""}


def has_card() -> bool:
    """Whether there is a picture for social media that carries the name of this repository: ours carries ours."""
    own = bool(settings.SITE.files) and (Path(settings.SITE.files) / "social-card.png").is_file()
    return own or settings.SITE.is_shipped_name


def data_block(content: JSONObject) -> SafeString:
    """JSON-LD for the head of a page. Browsers do not run a data block, so the policy need not allow it."""
    text = orjson.dumps(content).decode().translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  # escaped above
