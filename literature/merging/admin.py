"""Merging references: which may be one work, and their fields in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from failure_lessons.bibliography.names import people, year
from failure_lessons.publishing.merging import Merged
from failure_lessons.workbench.merging import MergingAdmin, Pair
from literature.duplicates import likely_pairs
from literature.importing.preview import works
from literature.merging.services import FIELDS, merge_references
from literature.models import NotDuplicate, Reference


class MergingReferences(MergingAdmin):
    """References, with a way to make one of two."""

    merge_fields = FIELDS
    apart = NotDuplicate

    def pairs(self) -> Iterator[Pair]:
        for work, match in likely_pairs(works()):
            yield Pair(match.work.key.pk, work.key.pk, match.likeness, match.reason)

    def told_by(self, record: Reference) -> str:
        names = "; ".join(people({"author": record.author})[:3]) or record.publisher
        return f"{names} {year({'issued': record.issued})}"

    def merge(self, **asked: Any) -> Merged:
        return merge_references(**asked)

    def worded(self, record: Reference, name: str) -> str:
        value = getattr(record, name)
        if name == "author":
            return "; ".join(people({"author": value}))
        if name == "issued":
            parts = ((value or {}).get("date-parts") or [[]])[0]
            if len(parts) > 1:
                return "-".join(f"{part:02}" for part in parts)
            return year({"issued": value}) if value else ""
        if name == "csl":
            return "; ".join(f"{each}: {value[each]}" for each in sorted(value))
        return record.get_type_display() if name == "type" else str(value or "")
