"""Merging references: which may be one work, and their fields in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from failure_lessons.bibliography.names import format_csl_authors, format_csl_year
from failure_lessons.publishing.merging import MergeResult
from failure_lessons.workbench.merging import MergePages, Pair
from literature.duplicates import likely_work_pairs
from literature.importing.preview import KnownReference, load_compared_works
from literature.merging.services import REFERENCE_MERGE_FIELDS, merge_references
from literature.models import NotDuplicate, Reference


class ReferenceMergePages(MergePages):
    """A way to make one of two references."""

    merge_fields = REFERENCE_MERGE_FIELDS
    apart = NotDuplicate

    def likely_pairs(self) -> Iterator[Pair]:
        for work, match in likely_work_pairs(load_compared_works()):
            one, other = match.work.key, work.key
            if isinstance(one, KnownReference) and isinstance(other, KnownReference):
                yield Pair(one.pk, other.pk, match.likeness, match.reason)

    def told_by(self, record: Reference) -> str:
        names = "; ".join(format_csl_authors({"author": record.author})[:3]) or record.publisher
        return f"{names} {format_csl_year({'issued': record.issued})}"

    def merge(self, **asked: Any) -> MergeResult:
        return merge_references(**asked)

    def field_in_words(self, record: Reference, name: str) -> str:
        value = getattr(record, name)
        if name == "author":
            return "; ".join(format_csl_authors({"author": value}))
        if name == "issued":
            parts = ((value or {}).get("date-parts") or [[]])[0]
            if len(parts) > 1:
                return "-".join(f"{part:02}" for part in parts)
            return format_csl_year({"issued": value}) if value else ""
        if name == "csl":
            return "; ".join(f"{each}: {value[each]}" for each in sorted(value))
        return record.get_type_display() if name == "type" else str(value or "")
