"""Which organisations may be one and the same, by their names and places.

Identifiers belong to one organisation (the database sees to it), so what is left are names: written out or as initials,
with or without “the” and legal forms. Two that carry different identifiers of one scheme are two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from casestudies.models import Organisation
from literature.duplicates import fold_title_words, initials_alike

LIKELY_SAME_ORGANISATION = 86  # from 0 to 100: worth a person's look
MAX_ORGANISATIONS_PER_KEY = 60  # a word that more names have tells too little
ORGANISATION_STOP_WORDS = frozenset(["a", "an", "and", "at", "for", "in", "its", "of", "on", "s", "the"])
LEGAL = frozenset(["ltd", "limited", "plc", "llp", "inc", "cic", "company", "co"])
WRITTEN_OUT = {
    "hmp": "prison",
    "yoi": "young offender institution",
    "dept": "department",
    "govt": "government",
    "nhse": "nhs england",
    "assoc": "association",
    "st": "saint",
    "univ": "university",
    "uni": "university",
    "sch": "school",
}
MAJESTY = ("her majestys prison", "his majestys prison", "hm prison")


@dataclass(frozen=True)
class ComparedOrganisation:
    """What is compared of an organisation."""

    record: Organisation

    @cached_property
    def name(self) -> str:
        """The name in small plain letters, written out, without legal forms and small words."""
        text = fold_title_words(self.record.name)
        for spelling in MAJESTY:
            text = text.replace(spelling, "prison")
        words = " ".join(WRITTEN_OUT.get(word, word) for word in text.split()).split()
        return " ".join(word for word in words if word not in LEGAL | ORGANISATION_STOP_WORDS) or text

    @cached_property
    def place(self) -> str:
        return fold_title_words(self.record.place)

    @cached_property
    def numbers(self) -> list[str]:
        """Numbers in the name: school 2 is not school 3."""
        return [word for word in self.name.split() if word.isdigit()]

    def blocking_keys(self) -> set[str]:
        """What two have to share to be compared."""
        words = self.name.split()
        return {word[:5] for word in words} | {"".join(word[0] for word in words), self.name.replace(" ", "")}


def organisation_similarity(one: ComparedOrganisation, other: ComparedOrganisation) -> tuple[int, str]:
    """From 0 (two organisations) to 100, and the reason in words."""
    for scheme in Organisation.IDENTIFIERS:
        ours, theirs = getattr(one.record, scheme), getattr(other.record, scheme)
        if ours and theirs and ours != theirs:
            return 0, ""
    if one.numbers != other.numbers:
        return 0, ""
    if one.name == other.name:
        score, reason = 98.0, "the same name"
    elif min(len(one.name), len(other.name)) > 2 and initials_alike(one.name, other.name):
        score, reason = 90.0, "one is the other shortened"
    else:
        score = max(fuzz.ratio(one.name, other.name), fuzz.token_sort_ratio(one.name, other.name) - 2)
        reason = "nearly the same name"
        if unmatched_words(one, other) and unmatched_words(other, one):
            return 0, ""  # Prisons and Probation: long names that differ in the word that matters
    if one.place and other.place:
        near = fuzz.token_set_ratio(one.place, other.place) >= 80
        score += 0 if near else -18
        reason += ", place" if near else ""
    return round(max(0, min(99, score))), reason


def unmatched_words(one: ComparedOrganisation, other: ComparedOrganisation) -> list[str]:
    """Words of one name that are nowhere in the other, not even mistyped."""
    return [word for word in one.name.split() if all(fuzz.ratio(word, each) < 80 for each in other.name.split())]


def likely_organisation_pairs(
    organisations: Iterable[Organisation],
) -> list[tuple[Organisation, Organisation, int, str]]:
    """Every likely pair, each once, the most alike first."""
    shelf: dict[str, list[ComparedOrganisation]] = {}
    pairs = []
    for record in organisations:
        named = ComparedOrganisation(record)
        for other in similar_organisations(named, shelf):
            score, reason = organisation_similarity(other, named)
            if score >= LIKELY_SAME_ORGANISATION:
                pairs.append((other.record, record, score, reason))
        for handle in named.blocking_keys():
            shelf.setdefault(handle, []).append(named)
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0].pk, pair[1].pk))


def similar_organisations(
    named: ComparedOrganisation, shelf: dict[str, list[ComparedOrganisation]]
) -> Iterator[ComparedOrganisation]:
    """Those that share something telling with it."""
    shared: Counter[int] = Counter()
    known: dict[int, ComparedOrganisation] = {}
    for handle in named.blocking_keys():
        found = shelf.get(handle, ())
        if len(found) <= MAX_ORGANISATIONS_PER_KEY:
            for other in found:
                known[id(other)] = other
                shared[id(other)] += 1
    return (known[each] for each, _ in shared.most_common(15))
