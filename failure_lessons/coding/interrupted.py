"""Finding words that something interrupts in print: the number of a note, or the foot and head of two pages.

Asked only where the words do not stand in the text as they are. What interrupts them is told as a gap in the place that
was found, so that a citation has the words alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from failure_lessons.coding.selectors import (
    MAX_OCCURRENCES,
    FoldedText,
    TextPlace,
    find_occurrences,
    fold_text,
    fold_whole_text,
)

LONGEST = 3_000  # characters of words that are looked for in this way
MARGIN_LINES = 4  # lines at the foot and at the head of a page that may be no part of its text
LONGEST_MARGIN = 160  # characters of such a line; a longer one is text
# A number or sign of a note, set close to a word or its full stop: 12 or 3,4 or [5] or *. Never a figure on its own.
NOTE_MARK = r"(?:(?<=[^\W\d_])|(?<=[.,;:!?)\"'\]]))(?:\d{1,3}(?:[,-]\d{1,3}){0,3}(?![\d.,]*\d)|\[\d{1,3}\]|[*†‡§]{1,3})"
PIECE = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_| ")


def find_words(text: str, pages: list[int], words: str, most: int = MAX_OCCURRENCES) -> list[TextPlace]:
    """Where words stand in a document: as they are, else with marks of notes in them, else across two pages."""
    if found := find_occurrences(text, words, most):
        return found
    wanted = fold_text(words.strip()).text.strip()
    if not wanted or len(wanted) > LONGEST:
        return []
    pattern = note_pattern(wanted)
    if found := list(find_with_marks(fold_whole_text(text), pattern, most)):
        return found
    return list(find_across_pages(text, pages, wanted, pattern))[:most]


def note_pattern(wanted: str) -> re.Pattern[str]:
    """Folded words, with room for the mark of a note after each word and each sign."""
    pieces = PIECE.findall(wanted)
    room = f"({NOTE_MARK})?"
    written = [re.escape(piece) for piece in pieces]
    return re.compile("".join(one + ("" if one == r"\ " else room) for one in written[:-1]) + written[-1])


def find_with_marks(folded: FoldedText, pattern: re.Pattern[str], most: int) -> Iterator[TextPlace]:
    """Each place at which the words stand, the marks of notes within them being gaps."""
    for number, found in enumerate(pattern.finditer(folded.text)):
        if number >= most:
            return
        spans = [found.span(group) for group in range(1, pattern.groups + 1) if found[group]]
        gaps = [(folded.places[start].start, folded.places[end - 1].end) for start, end in spans]
        start, end = found.span()
        yield TextPlace(folded.places[start].start, folded.places[end - 1].end, tuple(gaps))


def find_across_pages(text: str, pages: list[int], wanted: str, pattern: re.Pattern[str]) -> Iterator[TextPlace]:
    """Each place at which words run over the end of a page: lines at its foot and at the head of the next are a gap."""
    reach = 2 * len(wanted) + (MARGIN_LINES + 1) * LONGEST_MARGIN
    parts = wanted.split(" ")
    if len(parts) == 1:
        return
    opening, closing = f"{parts[0]} {parts[1][:2]}", f"{parts[-2][-2:]} {parts[-1]}"  # a word may be divided
    for before, seam in pairwise(pages):
        begin, end = max(before, seam - reach), min(len(text), seam + reach)
        if page_after := pages[bisect_left(pages, seam) + 1 : bisect_left(pages, seam) + 2]:
            end = min(end, page_after[0])
        tail, head = fold_text(text[begin:seam]).text, fold_text(text[seam:end]).text
        if wanted[:2] in tail and wanted[-2:] in head and (opening in tail or closing in head):
            yield from find_at_seam(text, begin, seam, end, pattern)


def find_at_seam(text: str, begin: int, seam: int, end: int, pattern: re.Pattern[str]) -> Iterator[TextPlace]:
    """The place at which words run over this end of a page, with as few lines left out as it takes."""
    feet, heads = foot_cuts(text, begin, seam), head_cuts(text, seam, end)
    ways = sorted((lines_below + lines_above, foot, head) for lines_below, foot in feet for lines_above, head in heads)
    for _, foot, head in ways:
        tail, rest = text[begin:foot].rstrip(), text[head:end]
        folded = fold_text(f"{tail}\n{rest}")
        shift = head - len(tail) - 1  # from a place in `rest` to the same in the text
        for found in find_with_marks(folded, pattern, MAX_OCCURRENCES):
            if found.start < len(tail) < found.end - 1:
                moves = [(gap, begin if gap[1] <= len(tail) else shift) for gap in found.gaps]
                gaps = [(one + move, two + move) for (one, two), move in moves]
                margin = (begin + len(tail) + 1, head)  # the line end stays: it parts two words, or divides one
                all_gaps = sorted([*gaps, margin] if margin[0] < margin[1] else gaps)
                yield TextPlace(begin + found.start, found.end + shift, tuple(all_gaps))
                return


def foot_cuts(text: str, begin: int, seam: int) -> list[tuple[int, int]]:
    """How many lines are left out at the foot of a page, and where its text then ends."""
    cuts, place = [(0, seam)], len(text[begin:seam].rstrip()) + begin
    for number in range(1, MARGIN_LINES + 1):
        line = text.rfind("\n", begin, place)
        if line < 0 or place - line > LONGEST_MARGIN:
            break
        cuts.append((number, line + 1))
        place = len(text[begin:line].rstrip()) + begin
    return cuts


def head_cuts(text: str, seam: int, end: int) -> list[tuple[int, int]]:
    """How many lines are left out at the head of a page, and where its text then begins."""
    cuts, place = [(0, seam)], seam
    for number in range(1, MARGIN_LINES + 1):
        line = text.find("\n", place, end)
        if line < 0 or line - place > LONGEST_MARGIN:
            break
        place = line + 1
        cuts.append((number, place))
    return cuts
