"""References as people write them: Harvard (by the citation library's own style, Cite Them Right) and Vancouver."""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from html import escape

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

from failure_lessons.bibliography.csl import date_parts, flatten_text, names_in_role
from failure_lessons.bibliography.quoting import nest_quotation_marks
from failure_lessons.exports.formats.vancouver import PERIODICALS, format_vancouver
from failure_lessons.types import JSONObject

__all__ = ["format_harvard", "format_vancouver"]

RENDERING = threading.Lock()  # a style keeps the state of the item it is at
DATE_NAMES, NAME_NAMES = frozenset(DATES), frozenset(NAMES)
TEXTS = frozenset(name.replace("_", "-") for name in VARIABLES) - {name.replace("_", "-") for name in (*DATES, *NAMES)}
# the library escapes some texts and not others: what could be markup stays masked until the end
MASKS = {ord("<"): "\ue000", ord(">"): "\ue001", ord("&"): "\ue002"}
CITEPROC_NAME_PARTS = ("family", "given", "literal", "suffix", "non-dropping-particle", "dropping-particle")


@cache
def harvard_style() -> CitationStylesStyle:
    """Cite Them Right's Harvard, as British universities ask for it."""
    return CitationStylesStyle("harvard-cite-them-right", locale="en-GB", validate=False)


def format_harvard(csl: JSONObject) -> str:
    """A CSL item as safe HTML, the title in `<i>` where the style has it so."""
    html = render_harvard(orjson.dumps(citeproc_item(csl), option=orjson.OPT_SORT_KEYS))
    if is_circa(csl):  # the library leaves that out
        html = html.replace(f"({date_parts(csl)[0][0]}", f"(c. {date_parts(csl)[0][0]}", 1)
    return html


def is_circa(csl: JSONObject) -> bool:
    """Whether the year is known only about."""
    return bool(date_parts(csl) and csl["issued"].get("circa"))


def citeproc_item(csl: JSONObject) -> JSONObject:
    """What the citation library takes without complaint: it stops at what it does not know."""
    found: JSONObject = {"id": "item", "type": str(csl.get("type") or "document")}
    for name, value in csl.items():
        python = name.replace("-", "_")
        if python in NAME_NAMES:
            names = [
                {part: each[part].translate(MASKS) for part in CITEPROC_NAME_PARTS if each.get(part)}
                for each in names_in_role(csl, name)
            ]
            found |= {name: names} if names else {}
        elif python in DATE_NAMES:
            parts = date_parts(csl, name)
            if name == "issued" and is_circa(csl):
                parts = [part[:1] for part in parts]
            found |= {name: {"date-parts": parts}} if parts else {}
        elif name in TEXTS and isinstance(value, str | int) and (words := flatten_text(value)):
            # titles of articles stand within single quotation marks, and marks within them are of the other kind
            found[name] = (nest_quotation_marks(words, "‘") if name == "title" else words).translate(MASKS)
    return put_name_first(found)


def put_name_first(csl: JSONObject) -> JSONObject:
    """The item with a name at its head. Where the style would put the title there, the library prints it twice."""
    if csl.get("author") or csl.get("editor") or (csl["type"] in PERIODICALS and csl.get("container-title")):
        return csl
    head = next((name for name in ("publisher", "container-title", "title") if csl.get(name)), "")
    rest = {name: value for name, value in csl.items() if name != head}
    return rest | {"author": [{"literal": csl[head]}]} if head else csl


@lru_cache(maxsize=4096)
def render_harvard(csl: bytes) -> str:
    """One item in Harvard, kept: a document never changes."""
    with RENDERING:
        sheet = CitationStylesBibliography(harvard_style(), CiteProcJSON([orjson.loads(csl)]), formatter.html)
        sheet.register(Citation([CitationItem("item")]))
        lines = sheet.bibliography()
        html = str(lines[0]) if lines else ""
    clean = nh3.clean(html, tags={"i", "b", "sup", "sub"}, attributes={})
    for character, mask in MASKS.items():
        clean = clean.replace(mask, escape(chr(character)))
    return clean
