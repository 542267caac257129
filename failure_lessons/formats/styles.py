"""References as people write them: Harvard (by the citation library's own style, Cite Them Right) and Vancouver."""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import Any

import nh3
import orjson
from citeproc import (  # type: ignore[import-untyped]
    DATES,
    NAMES,
    VARIABLES,
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON  # type: ignore[import-untyped]

from failure_lessons.formats.csl import date, one_line, people
from failure_lessons.formats.vancouver import vancouver

__all__ = ["harvard", "vancouver"]

RENDERING = threading.Lock()  # a style keeps the state of the item it is at
DATE_NAMES, NAME_NAMES = frozenset(DATES), frozenset(NAMES)
TEXTS = frozenset(name.replace("_", "-") for name in VARIABLES) - {name.replace("_", "-") for name in (*DATES, *NAMES)}
PARTS = ("family", "given", "literal", "suffix", "non-dropping-particle", "dropping-particle")


@cache
def style() -> Any:
    """Cite Them Right's Harvard, as British universities ask for it."""
    return CitationStylesStyle("harvard-cite-them-right", locale="en-GB", validate=False)


def harvard(csl: dict[str, Any]) -> str:
    """A CSL item as safe HTML, the title in `<i>` where the style has it so."""
    return rendered(orjson.dumps(understood(csl), option=orjson.OPT_SORT_KEYS))


def understood(csl: dict[str, Any]) -> dict[str, Any]:
    """What the citation library takes without complaint: it stops at what it does not know."""
    found: dict[str, Any] = {"id": "item", "type": str(csl.get("type") or "document")}
    for name, value in csl.items():
        python = name.replace("-", "_")
        if python in NAME_NAMES:
            names = [{part: each[part] for part in PARTS if each.get(part)} for each in people(csl, name)]
            found |= {name: names} if names else {}
        elif python in DATE_NAMES:
            parts = date(csl, name)
            found |= {name: {"date-parts": parts}} if parts else {}
        elif name in TEXTS and isinstance(value, str | int) and (words := one_line(value)):
            found[name] = words
    return found


@lru_cache(maxsize=4096)
def rendered(csl: bytes) -> str:
    """One item in Harvard, kept: a document never changes."""
    with RENDERING:
        sheet = CitationStylesBibliography(style(), CiteProcJSON([orjson.loads(csl)]), formatter.html)
        sheet.register(Citation([CitationItem("item")]))
        lines = sheet.bibliography()
        html = str(lines[0]) if lines else ""
    return nh3.clean(html, tags={"i", "b", "sup", "sub"}, attributes={})
