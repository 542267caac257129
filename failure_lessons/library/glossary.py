"""Glossary terms explained in place: where one first occurs in the prose of a page, it links to its entry.

Quotations, links, codes and headings are left as they are, and a term is linked once a page, so that text stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from markdown_it.token import Token

# What may stand before a one-word term in lower case, so that “to engage staff” is not taken for the stage “Engage”.
BEFORE_NOUNS = ("a", "an", "the", "of", "in", "for", "by", "with", "this", "that", "its", "their", "no", "any", "after")
QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’(?!\w)")


def pattern_of(term: str) -> str:
    """How a term occurs in text: one or many of it; an abbreviation as written; one word as a noun."""
    plural = r"(?:e?s)?"
    if any(char.isupper() for word in term.split() for char in word[1:]):
        return re.escape(term) + plural
    words = r"[\s-]".join(map(re.escape, re.split(r"[\s-]", term)))
    if " " in term or "-" in term:
        return f"(?i:{words}{plural})"
    nouns = "|".join(rf"(?<=\b(?i:{word}) )" for word in BEFORE_NOUNS)
    return f"(?:{words}|(?:{nouns}){words.lower()}){plural}"


@lru_cache(maxsize=32)
def compile_terms(terms: tuple[str, ...]) -> re.Pattern[str]:
    """Finds terms, the longest first; the group that matched says which."""
    longest = sorted(range(len(terms)), key=lambda place: -len(terms[place]))
    return re.compile("|".join(rf"(?P<t{place}>(?<![\w-]){pattern_of(terms[place])}(?![\w-]))" for place in longest))


class Glossary:
    """The glossary on one page. It remembers which terms the page has explained."""

    def __init__(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """`entries`: slug, term and definition of each."""
        self.entries = list(entries)
        self.explained: set[str] = set()

    def explain(self, tokens: Sequence[Token]) -> None:
        """Link first occurrences in a parsed Markdown text."""
        if not self.entries:
            return
        quoted = heading = False
        for token in tokens:
            quoted = token.type == "blockquote_open" or (quoted and token.type != "blockquote_close")
            heading = token.type == "heading_open" or (heading and token.type != "heading_close")
            if token.type == "inline" and token.children and not quoted and not heading:
                token.children = list(self.link_terms(token.children))

    def link_terms(self, children: Sequence[Token]) -> Iterator[Token]:
        """The pieces of a paragraph, with links where terms first occur."""
        whole = "".join(child.content if child.type == "text" else " " for child in children)
        quotations = [match.span() for match in QUOTED.finditer(whole)]
        start, within_link = 0, False
        for child in children:
            within_link = child.type == "link_open" or (within_link and child.type != "link_close")
            if child.type == "text" and not within_link:
                free = [(low - start, high - start) for low, high in quotations]
                yield from self.split(child.content, free)
            else:
                yield child
            start += len(child.content) if child.type == "text" else 1

    def split(self, text: str, quotations: Sequence[tuple[int, int]]) -> Iterator[Token]:
        """A text in pieces, the first occurrences of terms as links."""
        done = 0
        for match in compile_terms(tuple(term for _, term, _ in self.entries)).finditer(text):
            slug, _, definition = self.entries[int(str(match.lastgroup)[1:])]
            if slug in self.explained or any(low < match.end() and match.start() < high for low, high in quotations):
                continue
            self.explained.add(slug)
            yield Token("text", "", 0, content=text[done : match.start()])
            attributes: dict[str, str | int | float] = {
                "href": f"/glossary/{slug}/",
                "class": "term",
                "title": definition,
            }
            yield Token("link_open", "a", 1, attrs=attributes)
            yield Token("text", "", 0, content=match[0])
            yield Token("link_close", "a", -1)
            done = match.end()
        yield Token("text", "", 0, content=text[done:])
