"""Which references may be one and the same work.

The same DOI makes certain. Otherwise the likeness of two records is that of their titles, held against authors, year,
place and numbers, as a figure from 0 to 100. `LIKELY_SAME_WORK` was set beforehand and checked on the labelled
pairs of `tests/literature/duplicates.json`: 82 to 88 judge them alike, 90 has one false alarm less and misses no more.
There is no second set that was held back.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rapidfuzz import fuzz

from failure_lessons.bibliography.csl import date_parts, names_in_role
from failure_lessons.types import Document
from failure_lessons.validators.identifiers import compare_doi, compare_isbn
from literature.importing.mending import strip_markup

CERTAIN = 100  # the same identifier
LIKELY_SAME_WORK = 84  # worth a person's look
MAX_WORKS_PER_KEY = 60  # a word that more records have tells too little to look them all up
MAX_COMPARED_WORKS = 15  # records compared in full with each one
PLAIN_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "&": " and "})
TITLE_STOP_WORDS = {
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "into",
    "is",
    "its",
    "of",
    "on",
    "or",
    "the",
    "to",
    "with",
}
ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6"}
NO_PAGE = {"n pag", "np", "no pagination", "no page"}  # how databases say that there is none
SERIAL = re.compile(r"\b(?:\d+|[ivx]+)\b")


def fold_title_words(text: object) -> str:
    """Words in small plain letters, one blank between."""
    letters = unicodedata.normalize("NFKD", str(text or "").casefold().translate(PLAIN_LETTERS))
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", kept.replace("’", "").replace("'", "")))


@dataclass(frozen=True)
class ComparedWork:
    """What is compared of a record. `key` is whatever the caller knows it by."""

    key: object
    csl: Document

    @cached_property
    def title(self) -> str:
        return fold_title_words(strip_markup(str(self.csl.get("title") or "")))

    @cached_property
    def heading(self) -> str:
        """The title before its first colon, dash or full stop."""
        title = strip_markup(str(self.csl.get("title") or ""))
        return fold_title_words(re.split(r":|\s[-–—]\s|\?|\.\s", title, maxsplit=1)[0])

    @cached_property
    def doi(self) -> str:
        return compare_doi(self.csl.get("DOI"))

    @cached_property
    def isbn(self) -> str:
        """The ISBN without what differs between its forms of ten and of thirteen digits."""
        return compare_isbn(self.csl.get("ISBN"))

    @cached_property
    def date(self) -> list[int]:
        return next(iter(date_parts(self.csl)), [])

    @cached_property
    def author(self) -> str:
        """The first author's family name, or the body's."""
        first: Mapping[str, str] = next(iter(names_in_role(self.csl)), {})
        return fold_title_words(first.get("family") or first.get("literal"))

    @cached_property
    def authors(self) -> set[str]:
        """The family names of all authors, and the bodies."""
        return {fold_title_words(name.get("family") or name.get("literal")) for name in names_in_role(self.csl)} - {""}

    @cached_property
    def place(self) -> str:
        """Where it appeared."""
        return fold_title_words(self.csl.get("container-title"))

    @cached_property
    def serials(self) -> tuple[list[str], list[str]]:
        """Numbers in the title (years, parts, volumes), and the edition."""
        edition = re.findall(r"\d+", str(self.csl.get("edition") or "")) or [
            ORDINALS[word] for word in fold_title_words(self.csl.get("edition")).split() if word in ORDINALS
        ]
        return sorted(SERIAL.findall(self.title)), [number for number in edition if number != "1"]

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Volume, issue, first page and report number, where they are known."""
        found = {name: fold_title_words(self.csl.get(name)) for name in ("volume", "issue", "page", "number")}
        if found["page"] in NO_PAGE:
            found["page"] = ""
        return {name: value.split()[0] if name == "page" else value for name, value in found.items() if value}

    def blocking_keys(self) -> Iterator[str]:
        """What records have to share to be compared at all."""
        yield from {word for word in self.title.split() if word not in TITLE_STOP_WORDS}
        yield f"title:{self.title}"
        yield f"head:{self.heading}"
        if self.author and self.date:
            yield f"by:{self.author}:{self.date[0]}"

    def identifiers(self) -> Iterator[str]:
        """What makes sure, or nearly."""
        if self.doi:
            yield f"doi:{self.doi}"
        if self.isbn:
            yield f"isbn:{self.isbn}"


class Match(NamedTuple):
    """A record that resembles another: how much, and why."""

    work: ComparedWork
    likeness: int
    reason: str

    @property
    def certain(self) -> bool:
        return self.likeness >= CERTAIN


def work_similarity(one: ComparedWork, other: ComparedWork) -> tuple[int, str]:
    """From 0 (different works) to 100 (the same DOI), and the reason in words."""
    if one.doi and other.doi:
        return (CERTAIN, "the same DOI") if one.doi == other.doi else (0, "")
    titles = fuzz.ratio(one.title, other.title)
    whole = one.title == other.title
    shorter, longer = sorted((one, other), key=lambda work: len(work.title))
    if not whole and longer.heading == shorter.title and len(shorter.title.split()) > 2:
        titles, reason = 96.0, "the same title without its subtitle"
    else:
        titles = max(titles, fuzz.token_sort_ratio(one.title, other.title) - 2)
        reason = "the same title" if whole else "nearly the same title"
    if one.isbn and one.isbn == other.isbn and titles >= 70 and one.serials[1] == other.serials[1]:
        return 99, "the same ISBN"
    if titles < 80 or one.serials[1] != other.serials[1]:
        return 0, ""
    if one.serials[0] != other.serials[0] and reason != "the same title without its subtitle":
        return 0, ""
    return weigh_differences(one, other, titles, reason)


def weigh_differences(one: ComparedWork, other: ComparedWork, score: float, reason: str) -> tuple[int, str]:
    """The likeness of titles, less what speaks against: other authors, year, place, numbers."""
    reasons = [reason]
    if one.author and other.author:
        alike = max(
            fuzz.ratio(one.author, other.author), 100 if one.author.split()[-1] == other.author.split()[-1] else 0
        )
        if alike < 80 and one.author in other.authors and other.author in one.authors:
            alike = 100  # the same people in another order
        score -= 0 if alike >= 80 else 25
        reasons += ["author"] if alike >= 80 else []
    elif one.author or other.author:
        score -= 3
    if one.date and other.date:
        apart = abs(one.date[0] - other.date[0])
        score -= (0, 4)[apart] if apart < 2 else 30
        reasons += ["year"] if not apart else []
        days = len(one.date) == len(other.date) == 3
        same_volume = one.numbers.get("volume", "") == other.numbers.get("volume") and one.place and other.place
        if days and one.date != other.date and not same_volume:
            score -= 20  # dated to the day: a newspaper, a page, an inspection. Another day is another one
    else:
        score -= 4
    if one.place and other.place:
        near = max(fuzz.token_set_ratio(one.place, other.place), initials_alike(one.place, other.place))
        score -= 0 if near >= 75 else 14
    shared = one.numbers.keys() & other.numbers.keys()
    against = sum(one.numbers[name] != other.numbers[name] for name in shared)
    score -= 10 * against if against > 1 or shared == {"number"} else 4 * against
    return max(0, min(99, round(score))), ", ".join(reasons)


def initials_alike(one: str, other: str) -> int:
    """100 where one is the other by its initials or shortened words, as journals are: “BMJ Qual Saf”."""
    short, long = sorted((one, other), key=len)
    words = [word for word in long.split() if word not in TITLE_STOP_WORDS]
    parts = [word for word in short.split() if word not in TITLE_STOP_WORDS]
    if short.replace(" ", "") == "".join(word[0] for word in words):
        return 100
    return 100 if len(parts) == len(words) and all(map(str.startswith, words, parts)) else 0


class CandidateIndex:
    """Works by what they can be found by, so that each is compared with a bounded number of others."""

    def __init__(self, works: Iterable[ComparedWork] = ()) -> None:
        self.by_handle: dict[str, list[ComparedWork]] = {}
        self.by_identifier: dict[str, list[ComparedWork]] = {}
        for work in works:
            self.add(work)

    def add(self, work: ComparedWork) -> None:
        for handle in work.blocking_keys():
            self.by_handle.setdefault(handle, []).append(work)
        for handle in work.identifiers():
            self.by_identifier.setdefault(handle, []).append(work)

    def find_candidates(self, work: ComparedWork) -> list[ComparedWork]:
        """The works that share most with this one, the rarer the more telling."""
        shared: Counter[int] = Counter()
        known: dict[int, ComparedWork] = {}
        for handle in work.blocking_keys():
            found = self.by_handle.get(handle, ())
            if len(found) <= MAX_WORKS_PER_KEY or handle.startswith("title:"):
                for other in found[:MAX_WORKS_PER_KEY]:
                    known[id(other)] = other
                    shared[id(other)] += 1 + 60 // (len(found) + 1)
        closest = [known[each] for each, _ in shared.most_common(MAX_COMPARED_WORKS)]
        sure = [
            other for handle in work.identifiers() for other in self.by_identifier.get(handle, ())[:MAX_COMPARED_WORKS]
        ]
        return list({id(other): other for other in [*sure, *closest]}.values())

    def best_match(self, work: ComparedWork) -> Match | None:
        """The record most like this one; None when nothing is likely."""
        return max(self.likely_matches(work), key=lambda match: match.likeness, default=None)

    def likely_matches(self, work: ComparedWork) -> Iterator[Match]:
        """Every record that is likely the same."""
        for other in self.find_candidates(work):
            score, reason = work_similarity(work, other)
            if score >= LIKELY_SAME_WORK and other is not work:
                yield Match(other, score, reason)


def likely_work_pairs(works: Iterable[ComparedWork]) -> list[tuple[ComparedWork, Match]]:
    """Every likely pair among these, each once, the most alike first."""
    shelf, pairs = CandidateIndex(), list[tuple[ComparedWork, Match]]()
    for work in works:
        pairs += [(work, match) for match in shelf.likely_matches(work)]
        shelf.add(work)
    return sorted(pairs, key=lambda pair: (-pair[1].likeness, str(pair[0].key)))
