"""From what age a text can be read, by the Automated Readability Index (Senter and Smith, 1967).

4.71 × letters in a word + 0.5 × words in a sentence − 21.43 is the school grade in the United States at which the text
is understood; a child is five years older than the number of the grade. The index needs letters, words and sentences
alone, no guess at syllables, so that anybody can work it out again.
"""

from __future__ import annotations

import re

ONE_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")
YEARS_BEFORE_SCHOOL = 5


def reading_age(text: str) -> int | None:
    """Years of age, rounded; None where there is nothing to read."""
    words: list[str] = ONE_WORD.findall(text)
    if not words:
        return None
    letters = sum(letter.isalnum() for word in words for letter in word)
    sentences = max(len(SENTENCE_END.findall(text)), 1)
    grade = 4.71 * letters / len(words) + 0.5 * len(words) / sentences - 21.43
    return max(round(grade), 0) + YEARS_BEFORE_SCHOOL
