"""For who reads by program: the page for developers, and what programs look for at addresses of their own."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from failure_lessons.publishing.addresses import api_list_path, list_path, site_address, site_path
from failure_lessons.publishing.registry import KINDS

RECIPES = Path(__file__).parent / "recipes"
PLAIN_TEXT = "text/plain; charset=utf-8"
SECURITY_TEXT_DAYS = 180  # that it holds; the standard asks for less than a year


class ApiChange(NamedTuple):
    """What users of the API notice, and since when."""

    day: str
    words: str


API_CHANGES = (
    ApiChange(
        "29 November 2026",
        "Lists take spans of days, count further choices (facets) and choose members of what is included. A cursor is "
        "good for its own kind alone. A question has at most 300 characters. Tokens for trying out: nothing is kept, "
        "and each answer says so (Dry-Run). What the contract has forbidden from the start is refused now: an empty "
        "parameter, days in other spellings, editions as 01. Addresses and headers that are too long are refused with "
        "problems; the type of a problem may be without a host, as RFC 9457 allows.",
    ),
    ApiChange(
        "28 November 2026",
        "With a token the same ETag and 304 as without. Reading from other sites also of refusals, feeds, OAI-PMH and "
        "files. Accept may carry parameters. rests_on asks what rests on a record. Codes, earlier slugs and a missing "
        "last slash lead to the record, editions by number too. Pages of records give data by Accept. A filter with a "
        "code that nobody has is refused. Quotas also count feeds, OAI-PMH and files. Webhooks can be changed, "
        "deleted, tried with a test, told again of one revision, narrowed to actions, and their log read; "
        "both secrets sign for a day after a change; messages name the record; replay needs since.",
    ),
    ApiChange("25 November 2026", "Version 1."),
)


@cache
def read_recipes() -> dict[str, str]:
    """The programs of the page, by the names that its template gives them."""
    return {path.name.replace(".", "_"): path.read_text(encoding="utf-8") for path in sorted(RECIPES.iterdir())}


def contact_address() -> str:
    """Where to write to, as a link: `mailto:` before an e-mail address; empty when nobody is named."""
    contact: str = settings.CONTACT
    return contact if "://" in contact or not contact else f"mailto:{contact}"


def quota_of(text: str) -> dict[str, str]:
    """A quota such as `600/60`, for its sentence."""
    requests, _, seconds = text.partition("/")
    return {"requests": requests, "seconds": seconds}


def developers_page(request: HttpRequest) -> HttpResponse:
    """How to read, follow, harvest and write by program, with programs that run as they stand. No query."""
    base = site_address(request)
    context = {
        "recipes": {name: text.replace("BASE", base).rstrip() for name, text in read_recipes().items()},
        "changes": API_CHANGES,
        "anonymous": quota_of(settings.QUOTA_ANONYMOUS),
        "partner": quota_of(settings.QUOTA_PARTNER),
    }
    return render(request, "pages/developers.html", context)


def llms_txt(request: HttpRequest) -> HttpResponse:
    """For programs that read for people (llmstxt.org): what this is, how it is read, how it is cited. No query."""
    base = site_address(request)
    lines = [
        f"# {settings.SITE.name}",
        "",
        "> A repository of evidence on failure in public services and of recommendations that follow from it. Each "
        "recommendation rests on lessons, each lesson on findings for and against it, each finding on sources.",
        "",
        "Never give a claim without its code, its edition, how sure we are of it (`confidence`) and what speaks "
        "against it. Cite the numbered edition: its words never change. Texts may be reused under CC BY 4.0; quoted "
        "words belong to their sources.",
        "",
        "## Read",
        "",
        f"- [API]({base}{site_path('api-root')}): JSON, no account needed. A recommendation with all that it rests on: "
        f"{base}{api_list_path('recommendation')}?ids=R1&include=evidence",
        f"- [Search]({base}{site_path('api-search')}?q=staff): everything, by its words",
        f"- [Contract]({base}{site_path('api-openapi')}): OpenAPI 3.1",
        f"- [For developers]({base}{site_path('developers')}): recipes, following, webhooks, OAI-PMH, downloads",
        f"- [Changes]({base}{site_path('api-changes')}): what is new, corrected or withdrawn",
        f"- [About and method]({base}{site_path('about')}): how it was made, and what it is not",
        "",
        "## Lists",
        "",
        *(f"- [{kind.label_plural}]({base}{list_path(kind.code)})" for kind in KINDS.values()),
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type=PLAIN_TEXT)


def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116). No query."""
    base = site_address(request)
    until = timezone.now().date().replace(day=1) + dt.timedelta(days=SECURITY_TEXT_DAYS)
    lines = [
        f"Contact: {contact_address() or f'mailto:{settings.CONTACT_EMAIL}'}",
        f"Expires: {until:%Y-%m-%d}T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {base}{site_path('security-txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type=PLAIN_TEXT)
