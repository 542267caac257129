"""What the records of a kind are called: themes, organisations, case studies, whatever filters and maps name."""

from __future__ import annotations

from collections.abc import Mapping

from pyroaring import BitMap64

from failure_lessons.library.term_bitmaps import TermBitmaps
from failure_lessons.publishing.models import Edition


def titles_of_kind(bitmaps: TermBitmaps, kind: str) -> Mapping[str, str]:
    """The titles of the current records of a kind, by slug, in their order. Read anew when one of them changes."""
    return bitmaps.keep_made(f"titles of {kind}", bitmaps.keys_of(f"kind:{kind}"), read_titles)


def read_titles(editions: BitMap64) -> Mapping[str, str]:
    """The titles of these editions, by slug, in their order. One query."""
    rows = Edition.objects.filter(pk__among=list(editions)).order_by("sort_key", "pk")
    return dict(rows.values_list("slug", "title"))
