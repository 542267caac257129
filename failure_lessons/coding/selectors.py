"""Finding words in a kept text, and describing a place so that it is found again (W3C Web Annotation selectors).

Words are compared *folded*, because a person who pastes them has seen a page and not our text:

- letters as Unicode compatibility has them (ﬁ is fi, ² is 2; accents apart from their letter), case kept;
- curly and straight quotation marks alike, all dashes alike, … as three dots;
- any run of white space as one space, characters without width left out;
- a hyphen (a soft one too) between letters left out, with white space after it: a word divided at the end of
  a line is the word. Beside a figure the hyphen stays, and the white space after it goes.

Nothing of this touches the kept text. What is kept as a quotation is the text itself between two places.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

SHORT = 32  # code points of context at first; doubled until the words occur once
MAX_OCCURRENCES = 50  # places looked at when words occur often
QUOTES = {**dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‘’‚‛‹›′`´", "'")}
DASHES = dict.fromkeys("\u00ad‐‑‒–—―−﹣－", "-")
ZERO_WIDTH = dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", "")
FOLDED_CHARACTERS = {**QUOTES, **DASHES, **ZERO_WIDTH}


@dataclass(frozen=True)
class TextPlace:
    """Part of a text: from `start` up to and without `end`, in code points; `gaps` within are no part of the words."""

    start: int
    end: int
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class FoldedText:
    """A folded text, and for each of its characters the place in the text from which it comes."""

    text: str
    places: list[TextPlace]


def fold_characters(text: str) -> Iterator[tuple[str, int]]:
    """Each folded character with the position it comes from; white space is one space each, not yet joined."""
    for position, letter in enumerate(text):
        if letter.isspace():
            yield " ", position
        else:
            for each in (
                FOLDED_CHARACTERS[letter] if letter in FOLDED_CHARACTERS else unicodedata.normalize("NFKD", letter)
            ):
                yield from ((one, position) for one in FOLDED_CHARACTERS.get(each, each if not each.isspace() else " "))


def is_word_letter(letter: str) -> bool:
    """Whether this is a letter, or an accent that stands apart from one."""
    return letter.isalpha() or unicodedata.combining(letter) > 0


def fold_text(text: str) -> FoldedText:
    """A text as it is compared."""
    letters: list[str] = []
    places: list[TextPlace] = []
    held: list[tuple[str, TextPlace]] = []  # hyphens after a letter, and the white space after them: perhaps nothing

    def put(letter: str, place: TextPlace) -> None:
        letters.append(letter)
        places.append(place)

    for letter, position in fold_characters(text):
        place = TextPlace(position, position + 1)
        if held:
            if letter == " " or (letter == "-" and held[-1][0] == "-"):
                if letter == "-" or held[-1][0] != " ":
                    held.append((letter, place))
                continue
            if not (letter.isalpha() and is_word_letter(letters[-1])):
                for each in held:
                    if each[0] == "-":  # a figure keeps its hyphen, not the line end after it
                        put(*each)
            held = []
        elif letter == "-" and letters and (is_word_letter(letters[-1]) or letters[-1].isdigit()):
            held.append((letter, place))
            continue
        if letter == " " and letters and letters[-1] == " ":
            continue
        put(letter, place)
    for each in held:
        put(*each)
    return FoldedText("".join(letters), places)


@lru_cache(maxsize=4)
def fold_whole_text(text: str) -> FoldedText:
    """A document as it is compared, kept for the next who asks."""
    return fold_text(text)


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same words, as they are compared here."""
    return fold_text(one.strip()).text.strip() == fold_text(other.strip()).text.strip()


def find_occurrences(text: str, words: str, most: int = MAX_OCCURRENCES) -> list[TextPlace]:
    """Where words stand in a text, as they are or folded: in order, overlapping ones too, at most so many."""
    words = words.strip()
    if not words:
        return []
    found = {TextPlace(start, start + len(words)) for start in iterate_positions(text, words, most)}
    wanted = fold_text(words).text.strip()
    if wanted:
        whole = fold_whole_text(text)
        found |= {
            TextPlace(whole.places[start].start, whole.places[start + len(wanted) - 1].end)
            for start in iterate_positions(whole.text, wanted, most)
        }
    return sorted(found, key=lambda place: (place.start, text[place.start : place.end] != words))[:most]


def iterate_positions(text: str, words: str, most: int) -> Iterator[int]:
    """Each position at which words begin, at most so many."""
    start = text.find(words)
    while start >= 0 and most > 0:
        yield start
        most -= 1
        start = text.find(words, start + 1)


def places_in_context(text: str, places: list[TextPlace], before: str, after: str) -> list[TextPlace]:
    """Of several places those that have these words just before and after."""
    before, after = fold_text(before).text.strip(), fold_text(after).text.strip()

    def fits(place: TextPlace) -> bool:
        left = fold_text(text[max(0, place.start - 3 * len(before) - 60) : place.start]).text.strip()
        right = fold_text(text[place.end : place.end + 3 * len(after) + 60]).text.strip()
        return left.endswith(before) and right.startswith(after)

    return [place for place in places if fits(place)] if before or after else places


def surrounding_text(text: str, place: TextPlace) -> tuple[str, str]:
    """What stands before and after a place: as much as is needed for the three together to occur once."""
    size = SHORT
    while True:
        prefix, suffix = text[max(0, place.start - size) : place.start], text[place.end : place.end + size]
        whole = prefix + text[place.start : place.end] + suffix
        if len(list(iterate_positions(text, whole, 2))) == 1:
            return prefix, suffix
        size *= 2


def resolve_selector(text: str, exact: str, prefix: str, suffix: str) -> list[TextPlace]:
    """Where a TextQuoteSelector leads: one place when it is sound, none when the words are not there."""
    return [
        TextPlace(start + len(prefix), start + len(prefix) + len(exact))
        for start in iterate_positions(text, prefix + exact + suffix, MAX_OCCURRENCES)
    ]
