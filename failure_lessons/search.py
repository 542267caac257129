"""Full text search over everything published."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchHeadline, SearchRank
from django.db.models import Count, F, Q, TextField, Value
from django.db.models.functions import Concat

from failure_lessons.filters import search_query, searchable
from failure_lessons.publishing.kinds import KINDS
from failure_lessons.publishing.models import Edition, EditionQuerySet

CODE = re.compile(r"[A-Za-z]{1,4}[0-9]{1,6}(-[Ff][0-9]{1,4})?")
RANKED = 200  # ranking reads every match, so no more than this many are ranked
PAGE = 20


def exact(text: str) -> Edition | None:
    """The record whose code or DOI this is."""
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", text.strip(), flags=re.IGNORECASE)
    if CODE.fullmatch(text.strip()):
        return Edition.objects.current().filter(code=text.strip().upper()).without_text().first()
    if doi.startswith("10.") and "/" in doi:
        found = Edition.objects.current().of_kind("reference").filter(search=search_query(f'"{doi}"'))
        return next((edition for edition in found[:20] if edition.content.get("DOI", "").lower() == doi.lower()), None)
    return None


def counts(text: str) -> dict[str, int]:
    """How many records of each kind match, in the order of kinds."""
    rows = dict(
        Edition.objects.current().filter(search=search_query(text)).order_by().values_list("kind").annotate(Count("pk"))
    )
    return {kind: rows[kind] for kind in reversed(KINDS) if kind in rows}


def results(text: str, kind: str = "") -> EditionQuerySet:
    """Matching records, best first, each with a `headline`: matches between control characters."""
    query = search_query(searchable(text))
    rows = Edition.objects.current().filter(search=query)
    if kind:
        rows = rows.filter(Q(kind=kind))
    return (
        rows.annotate(
            rank=SearchRank(F("search"), query, normalization=Value(1)),
            headline=SearchHeadline(
                Concat("summary", Value(" "), "body", output_field=TextField()), query, config="evidence",
                start_sel="\x02", stop_sel="\x03",
                max_words=45, min_words=20, max_fragments=2, fragment_delimiter=" … ",
            ),
        )
        .order_by("-rank", "sort_key", "pk")
        .without_text()
    )  # fmt: skip
