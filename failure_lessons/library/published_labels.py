"""What readers see for the terms of vocabularies that teams extend: editions tell it, and nobody asks the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import orjson
from django.db import connection
from pyroaring import BitMap64

from failure_lessons.library.term_bitmaps import EVER, TermBitmaps, read_term_bitmaps
from failure_lessons.vocabularies.choices import TeamVocabulary

PublishedLabels = Mapping[tuple[str, str], str]  # by vocabulary and code
KEPT_LABELS = "labels"  # under which they are kept
LABELS_TOLD = "select id, document::jsonb #>> '{derived,labels}' from publishing_edition where id = any(%s)"


class ToldLabels(NamedTuple):
    """The labels that each of some editions tells, by its key, and what follows: the newest tells what holds."""

    told: Mapping[int, PublishedLabels]
    holding: PublishedLabels


def published_labels(bitmaps: TermBitmaps | None = None) -> PublishedLabels:
    """Every code that editions carry, with the label that the newest of them tells, of those not withdrawn.

    No query of its own while nothing is published.
    """
    bitmaps = bitmaps or read_term_bitmaps()
    carried = [keys for name in TeamVocabulary.values for keys in bitmaps.terms_named(f"{EVER}{name}").values()]
    newest = BitMap64(keys.max() for keys in carried)  # keys grow with revisions
    held = bitmaps.made.get(KEPT_LABELS)
    before = cast("ToldLabels", held[1]).told if held else {}
    return bitmaps.keep_made(KEPT_LABELS, newest, lambda keys: bring_labels(before, keys)).holding


def bring_labels(before: Mapping[int, PublishedLabels], editions: BitMap64) -> ToldLabels:
    """The labels that these editions tell. One query, of those that were not read before: no edition ever changes.

    They are a few dozen, whatever the library holds.
    """
    told = {key: before[key] for key in editions if key in before}
    told |= read_labels([key for key in editions if key not in before])
    holding = {name: label for key in editions for name, label in told[key].items()}
    return ToldLabels(told, holding)


def read_labels(editions: list[int]) -> Mapping[int, PublishedLabels]:
    """The labels that each of these editions tells."""
    with connection.cursor() as cursor:
        cursor.execute(LABELS_TOLD, [editions])
        rows = [(key, orjson.loads(labels or "{}")) for key, labels in cursor.fetchall()]
    return {
        key: {(vocabulary, code): label for vocabulary, named in labels.items() for code, label in named.items()}
        for key, labels in rows
    }
