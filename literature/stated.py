"""The statements of findings and of reviews, for the meter of traceability."""

from __future__ import annotations

from collections.abc import Iterator

from failure_lessons.bibliography.inline import inline_keys
from failure_lessons.publishing.statements import PublicStatement
from failure_lessons.types import Document

SORTS = {"case-study": "case-finding", "literature-review": "review-finding"}  # of a finding, by what it is part of


def finding_statements(record: Document) -> Iterator[PublicStatement]:
    """The finding itself."""
    sort = SORTS[record["derived"]["part_of"]["kind"]]
    yield PublicStatement(sort, record.get("sources") or [], bool(inline_keys(record.get("explanation") or "")))


def review_statements(record: Document) -> Iterator[PublicStatement]:
    """The synthesis of a review; its findings are records of their own."""
    if record.get("synthesis"):
        yield PublicStatement(
            "synthesis", record.get("synthesis_sources") or [], bool(inline_keys(record["synthesis"]))
        )
