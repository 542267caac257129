"""Words that speak for or against a record, marked where they stand in its title and abstract."""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from literature.models import ScreeningPlan

MOST_MARKED = 200  # words of a list
LONGEST_MARKED = 60


def list_marked_words(text: str) -> list[str]:
    """The words of a list, one a line, each once. A word may end in `*`, which takes whatever letters follow."""
    lines = (" ".join(line.casefold().split())[:LONGEST_MARKED] for line in text.splitlines())
    return [each for each in dict.fromkeys(lines) if each.rstrip("*").split()][:MOST_MARKED]


def word_expression(word: str) -> str:
    """The expression that finds a word, or several with any blanks between."""
    stem = r"\s+".join(map(re.escape, word.rstrip("*").split()))
    return stem + (r"\w*" if word.endswith("*") else r"(?!\w)")


def mark_words(text: str, plan: ScreeningPlan) -> SafeString:
    """A text, safe for a page, with the words of a plan in `mark`: of the class `for` or `against`."""
    groups = {"against": list_marked_words(plan.words_against), "for": list_marked_words(plan.words_for)}
    parts = [
        f"(?P<{kind}>{'|'.join(map(word_expression, sorted(words, key=len, reverse=True)))})"
        for kind, words in groups.items()
        if words
    ]
    if not parts:
        return escape(text)
    out, end = [], 0
    marked = re.compile(r"(?<!\w)(?:" + "|".join(parts) + ")", re.IGNORECASE)  # every word in it was escaped
    for match in marked.finditer(text):
        out += [escape(text[end : match.start()]), f'<mark class="{match.lastgroup}">', escape(match[0]), "</mark>"]
        end = match.end()
    return mark_safe("".join([*out, escape(text[end:])]))  # noqa: S308  # every part of the text was escaped
