"""Readable keys for new references: `smith-2019`, and `smith-2019-b` where that is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from literature.duplicates import TITLE_STOP_WORDS, ComparedWork
from literature.importing.items import Csl

MAX_KEY_STEM = 50  # leaves room for what tells equal keys apart
MAX_KEY_WORDS = 4  # of a body's name or a title


def make_key_stem(csl: Csl) -> str:
    """Author (else publisher, else title) and year."""
    work = ComparedWork(None, csl)
    for words in (work.author, ComparedWork(None, {"title": csl.get("publisher")}).title, work.title):
        telling = [word for word in words.split() if word.isascii() and word not in TITLE_STOP_WORDS][:MAX_KEY_WORDS]
        if telling:
            break
    else:
        telling = ["reference"]
    year = str(work.date[0]) if work.date else "undated"
    return f"{'-'.join(telling)[: MAX_KEY_STEM - len(year) - 1].rstrip('-')}-{year}"


def key_suffixes() -> Iterator[str]:
    """b, c … z, then 27, 28 …"""
    yield from "bcdefghijklmnopqrstuvwxyz"
    yield from map(str, count(27))


class KeyAllocator:
    """Gives out keys that nothing else has."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.suffixes: dict[str, Iterator[str]] = {}

    def allocate_key(self, csl: Csl) -> str:
        """A key for this item, taken from now on."""
        wanted = key = make_key_stem(csl)
        more = self.suffixes.setdefault(wanted, key_suffixes())
        while key in self.taken:
            key = f"{wanted}-{next(more)}"
        self.taken.add(key)
        return key
