"""The words of a source: where in it they stand, the address that leads to them, and how quotation marks nest."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urldefrag

from failure_lessons.types import Document

WEB_TYPES = frozenset({"webpage", "post", "post-weblog", "article-newspaper", "article-magazine"})
PAGED = ("page", "volume", "issue")  # a work with one of these was printed
# words with nothing but a blank between them, none of them part of one such as “trust-wide”
PLAIN_RUN = re.compile(r"(?<![\w'’‐-])[^\W_]+(?: [^\W_]+)*(?![\w'’‐-])")
LEAST_LINKED, MOST_LINKED = 3, 8  # of a link to words: fewer may stand elsewhere too, more may break at a line's end
NO_PAGES, NO_PLACE = "web page: no pages", "no page given"


class WordsPlace(NamedTuple):
    """What a reader needs to check a citation.

    `place` in the source; `address` of the work, at the very words where that can be (`at_words`); `archived` address
    of a copy.
    """

    place: str
    address: str
    at_words: bool
    archived: str


def locate_words(citation: Document, csl: Document) -> WordsPlace:
    """Where the words of a citation stand, and how to get there."""
    address = str(csl.get("URL") or "")
    fragment = text_fragment(str(citation.get("quotation") or citation.get("text") or ""))
    at_words = bool(fragment) and citation.get("read_as") != "summary" and is_web_address(address)
    if at_words:
        address = urldefrag(address).url + fragment
    return WordsPlace(
        describe_place(str(citation.get("locator") or ""), csl),
        address,
        at_words,
        str(csl.get("archive_location") or ""),
    )


def describe_place(locator: str, csl: Document) -> str:
    """The place as it was recorded; without one, that a web page has none, or that none was given."""
    return locator or (NO_PAGES if is_web_page(csl) else NO_PLACE)


def is_web_page(csl: Document) -> bool:
    """Whether a work is read on the web and has no pages."""
    return (
        csl.get("type") in WEB_TYPES
        and is_web_address(str(csl.get("URL") or ""))
        and not any(csl.get(name) for name in PAGED)
    )


def is_web_address(address: str) -> bool:
    """Whether an address leads to a page in which a browser can find words."""
    return bool(address) and not urldefrag(address).url.lower().endswith((".pdf", ".doc", ".docx", ".xls", ".xlsx"))


def text_fragment(quotation: str) -> str:
    """The end of an address that makes a browser show these words (`#:~:text=`); nothing where there are too few.

    It names the longest run of words without a mark in it: marks may have been made plain when the words were copied.
    """
    runs = [run.split() for run in PLAIN_RUN.findall(" ".join(quotation.split()))]
    longest: list[str] = max(runs, key=len, default=[])[:MOST_LINKED]
    return f"#:~:text={quote(' '.join(longest), safe='')}" if len(longest) >= LEAST_LINKED else ""


def nest_quotation_marks(text: str, outer: str = "“") -> str:
    """A text to stand within `outer` quotation marks (“ or ‘): those inside are of the other kind, level by level."""
    opening, closing = ("‘", "’") if outer == "“" else ("“", "”")
    made: list[str] = []
    depth = 0
    for place, mark in enumerate(text):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        opens = mark in "“‘" or (mark in "\"'" and (not before or before.isspace() or before in "([—–“‘\"'"))
        closes = mark in '”"' or (mark in "’'" and not (before.isalnum() and after.isalnum()) and depth > 0)
        if mark in "“‘\"'”’" and opens and after and not after.isspace():
            made.append((opening, "“" if opening == "‘" else "‘")[depth % 2])
            depth += 1
        elif mark in "“‘\"'”’" and closes and depth:
            depth -= 1
            made.append((closing, "”" if closing == "’" else "’")[depth % 2])
        else:
            made.append({"”": closing, '"': closing}.get(mark, mark))
    return "".join(made)
