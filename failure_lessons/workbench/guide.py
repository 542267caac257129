"""The guide for researchers within the workbench: docs/researchers.md as a page, with its contents."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString
from django.utils.text import slugify
from markdown_it import MarkdownIt

GUIDE_FOLDER = Path(__file__).parent / "files"
GUIDE_FILE = GUIDE_FOLDER / "researchers.md"
EXAMPLE_FILE = GUIDE_FOLDER / "example-case.txt"
AS_HTML = MarkdownIt("commonmark", {"html": False}).enable("table")
TO_A_DOCUMENT = re.compile(r"\[([^\]]+)\]\((?!#|https?:)[^)]*\)")  # beside the guide in docs/, where no page stands


@dataclass(frozen=True)
class Guide:
    """The text, and its headings as (fragment, words)."""

    html: SafeString
    contents: tuple[tuple[str, str], ...]


@cache
def read_guide() -> Guide:
    """The guide as it came with this release; its headings have fragments, wide tables scroll."""
    tokens = AS_HTML.parse(TO_A_DOCUMENT.sub(r"\1", GUIDE_FILE.read_text(encoding="utf-8")))
    contents = []
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open" and opening.tag in ("h2", "h3"):
            fragment = slugify(inline.content)
            opening.attrSet("id", fragment)
            if opening.tag == "h2":
                contents.append((fragment, inline.content))
    html = AS_HTML.renderer.render(tokens, AS_HTML.options, {})
    html = re.sub(r"<h1>.*?</h1>", "", html, count=1)  # the page has its own
    html = html.replace("<table>", '<div class="scrolls" tabindex="0"><table>').replace("</table>", "</table></div>")
    return Guide(SafeString(html), tuple(contents))  # our own file, so its HTML can be trusted
