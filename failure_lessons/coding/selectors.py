"""Finding words in a kept text, and describing a place so that it is found again (W3C Web Annotation selectors).

Words are compared *folded*, because a person who pastes them has seen a page and not our text:

- letters as Unicode compatibility has them (ﬁ is fi, ² is 2; accents apart from their letter), case kept;
- curly and straight quotation marks alike, all dashes alike, … as three dots;
- any run of white space as one space, characters without width left out;
- a hyphen (a soft one too) between letters left out, with white space after it: a word divided at the end of
  a line is the word.

Nothing of this touches the kept text. What is kept as a quotation is the text itself between two places.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

SHORT = 32  # code points of context at first; doubled until the words occur once
CANDIDATES = 50  # places looked at when words occur often
QUOTES = {**dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‘’‚‛‹›′`´", "'")}
DASHES = dict.fromkeys("\u00ad‐‑‒–—―−﹣－", "-")
NOTHING = dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", "")
ALIKE = {**QUOTES, **DASHES, **NOTHING}


@dataclass(frozen=True)
class Place:
    """Part of a text: from `start` up to and without `end`, in code points."""

    start: int
    end: int


@dataclass(frozen=True)
class Folded:
    """A folded text, and for each of its characters the place in the text from which it comes."""

    text: str
    places: list[Place]


def pieces(text: str) -> Iterator[tuple[str, int]]:
    """Each folded character with the position it comes from; white space is one space each, not yet joined."""
    for position, letter in enumerate(text):
        if letter.isspace():
            yield " ", position
        else:
            for each in ALIKE[letter] if letter in ALIKE else unicodedata.normalize("NFKD", letter):
                yield from ((one, position) for one in ALIKE.get(each, each if not each.isspace() else " "))


def of_word(letter: str) -> bool:
    """Whether this is a letter, or an accent that stands apart from one."""
    return letter.isalpha() or unicodedata.combining(letter) > 0


@lru_cache(maxsize=4)
def folded(text: str) -> Folded:
    """A text as it is compared."""
    letters: list[str] = []
    places: list[Place] = []
    held: list[tuple[str, Place]] = []  # hyphens after a letter, and the white space after them: perhaps nothing

    def put(letter: str, place: Place) -> None:
        letters.append(letter)
        places.append(place)

    for letter, position in pieces(text):
        place = Place(position, position + 1)
        if held:
            if letter == " " or (letter == "-" and held[-1][0] == "-"):
                if letter == "-" or held[-1][0] != " ":
                    held.append((letter, place))
                continue
            if not letter.isalpha():
                for each in held:
                    put(*each)
            held = []
        elif letter == "-" and letters and of_word(letters[-1]):
            held.append((letter, place))
            continue
        if letter == " " and letters and letters[-1] == " ":
            continue
        put(letter, place)
    for each in held:
        put(*each)
    return Folded("".join(letters), places)


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same words, as they are compared here."""
    return folded(one.strip()).text.strip() == folded(other.strip()).text.strip()


def occurrences(text: str, words: str, most: int = CANDIDATES) -> list[Place]:
    """Where words stand in a text, as they are or folded: in order, overlapping ones too, at most so many."""
    words = words.strip()
    if not words:
        return []
    found = {Place(start, start + len(words)) for start in every(text, words, most)}
    wanted = folded(words).text.strip()
    if wanted:
        whole = folded(text)
        found |= {
            Place(whole.places[start].start, whole.places[start + len(wanted) - 1].end)
            for start in every(whole.text, wanted, most)
        }
    return sorted(found, key=lambda place: (place.start, text[place.start : place.end] != words))[:most]


def every(text: str, words: str, most: int) -> Iterator[int]:
    """Each position at which words begin, at most so many."""
    start = text.find(words)
    while start >= 0 and most > 0:
        yield start
        most -= 1
        start = text.find(words, start + 1)


def chosen(text: str, places: list[Place], before: str, after: str) -> list[Place]:
    """Of several places those that have these words just before and after."""
    before, after = folded(before).text.strip(), folded(after).text.strip()

    def fits(place: Place) -> bool:
        left = folded(text[max(0, place.start - 3 * len(before) - 60) : place.start]).text.strip()
        right = folded(text[place.end : place.end + 3 * len(after) + 60]).text.strip()
        return left.endswith(before) and right.startswith(after)

    return [place for place in places if fits(place)] if before or after else places


def context(text: str, place: Place) -> tuple[str, str]:
    """What stands before and after a place: as much as is needed for the three together to occur once."""
    size = SHORT
    while True:
        prefix, suffix = text[max(0, place.start - size) : place.start], text[place.end : place.end + size]
        whole = prefix + text[place.start : place.end] + suffix
        if len(list(every(text, whole, 2))) == 1:
            return prefix, suffix
        size *= 2


def resolved(text: str, exact: str, prefix: str, suffix: str) -> list[Place]:
    """Where a TextQuoteSelector leads: one place when it is sound, none when the words are not there."""
    return [
        Place(start + len(prefix), start + len(prefix) + len(exact))
        for start in every(text, prefix + exact + suffix, CANDIDATES)
    ]
