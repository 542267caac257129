"""What can be wrong within a reference of a package."""

from __future__ import annotations

from collections.abc import Iterator

from failure_lessons.packages.validation import EntryFault
from failure_lessons.publishing.registry import Entry
from failure_lessons.validators.csl import variable_fault
from literature.fields import CSL_ATTRIBUTES


def check_references(entries: list[Entry]) -> Iterator[EntryFault]:
    """Variables without a column of their own that mean nothing: names, dates, identifiers, texts."""
    for number, entry in enumerate(entries):
        for name, value in entry.items():
            if name not in {"id", "type", "title", *CSL_ATTRIBUTES} and (words := variable_fault(name, value)):
                yield number, (name,), words, "unsound"
