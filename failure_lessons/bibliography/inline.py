"""Citations in running text: `[ref: key]`, or as Pandoc writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# [ref: key], or as Pandoc writes it, perhaps with a place: [@key, p. 4]
INLINE = re.compile(r"\[(?:ref: ?|@)([a-z0-9]+(?:-[a-z0-9]+)*)(?:, ?([^\[\]\n]{1,100}))?\]")


def inline_keys(value: object) -> set[str]:
    """Keys of the references cited as `[ref: key]` or `[@key, p. 4]` in any text at any depth of `value`."""
    if isinstance(value, str):
        return {match[1] for match in INLINE.finditer(value)}
    if isinstance(value, dict):
        value = value.values()
    return set().union(*map(inline_keys, value)) if isinstance(value, Iterable) else set()


def spell_citations(text: str, names: Mapping[str, str]) -> str:
    """A text with author and year, in brackets, where it cites a reference by key; a key without a name as it is."""

    def spell(match: re.Match[str]) -> str:
        key, place = match[1], match[2]
        return f"({names.get(key, key)}{f', {place}' if place else ''})"

    return INLINE.sub(spell, text)


def without_citations(text: str) -> str:
    """A text without the citations in it, for a line that has no links."""
    return re.sub(rf"\s*{INLINE.pattern}", "", text)
