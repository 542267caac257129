"""Identity before address: a record is found by its code, by every slug it ever had, and in whatever capitals.

Records name each other by codes and slugs, people by what they remember. An address that names a record otherwise than
its present one leads there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS


def find_edition_named(kind: str, name: str, number: int | None = None) -> Edition | None:
    """The edition of the record with this code or (earlier) slug: edition `number`, or the one to read now."""
    if "\0" in name:
        return None
    named = Edition.objects.of_kind(kind).filter(Q(slug=name.lower()) | Q(code=name.upper()))
    record = named.order_by("withdrawn_at", "-revision").values_list("record_id", flat=True).first()
    if record is None:
        return None
    editions = Edition.objects.filter(record_id=record).without_text()
    if number is not None:
        return editions.filter(number=min(number, 2**31 - 1)).first()
    return editions.current().first() or editions.order_by("-number").first()


def find_present_address(request: HttpRequest, kind: str) -> str:
    """Where what a request asks for by another name stands, or an empty text: same page, same query, present slug."""
    match = request.resolver_match
    if match is None or request.method not in ("GET", "HEAD"):
        return ""
    edition = find_edition_named(kind, match.kwargs["slug"], match.kwargs.get("number"))
    if edition is None or edition.slug == match.kwargs["slug"]:
        return ""
    address = reverse(match.view_name, kwargs={**match.kwargs, "slug": edition.slug})
    asked = request.META.get("QUERY_STRING", "")
    return f"{address}?{asked}" if asked else address


def explain_name(name: str, found: Iterable[tuple[str, uuid.UUID]]) -> str:
    """What is wrong with a name by which these kinds and records were found; empty where it names one."""
    kinds = sorted(kind for kind, _ in found)
    shown = "".join(filter(str.isprintable, name[:60]))
    if not kinds:
        return f"There is no record “{shown}”. Give its code or its slug."
    if len(kinds) > 1:
        choices = ", ".join(f"{kind}:{shown}" for kind in kinds)
        return f"“{shown}” names several records. Give one of: {choices}."
    return ""


def find_records_named(names: Iterable[str], kind: str = "") -> dict[str, set[tuple[str, uuid.UUID]]]:
    """The kind and record of each of these names that is known: a code, a slug, or `kind:slug`. One query."""
    wanted = {name: name.strip().lower().rpartition(":")[::2] for name in names if name.isprintable()}
    slugs = {slug for _, slug in wanted.values()}
    kinds = Edition.objects.of_kind(*([kind] if kind else KINDS))  # all of them: so that the index of addresses serves
    rows = kinds.filter(Q(slug__in=slugs) | Q(code__in={slug.upper() for slug in slugs}))
    found: dict[str, set[tuple[str, uuid.UUID]]] = {}
    for its_kind, slug, code, record in rows.order_by().values_list("kind", "slug", "code", "record_id").distinct():
        for name, (prefix, word) in wanted.items():
            if word in (slug, code.lower()) and prefix in ("", its_kind):
                found.setdefault(name, set()).add((its_kind, record))
    return found
