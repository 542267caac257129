"""The statements of a document, and how far each can be traced to the words of a source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from failure_lessons.types import Document

REACHES = ("quoted", "placed", "linked", "none")  # from the very words to nothing


class PublicStatement(NamedTuple):
    """One statement that readers see: a code for what sort it is, and what it cites."""

    sort: str
    sources: Iterable[Document]
    cites_in_text: bool = False

    @property
    def reach(self) -> str:
        """How far a reader gets: to words, to a place, to a work, or nowhere."""
        sources = list(self.sources)
        if any(each.get("quotation") for each in sources):
            return "quoted"
        if any(each.get("locator") for each in sources):
            return "placed"
        return "linked" if sources or self.cites_in_text else "none"
