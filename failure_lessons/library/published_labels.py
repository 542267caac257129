"""What readers see for the terms of vocabularies that teams extend: editions tell it, and nobody asks the workbench."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from django.db import connection
from pyroaring import BitMap64

from failure_lessons.library.term_bitmaps import EVER, TermBitmaps, read_term_bitmaps
from failure_lessons.vocabularies.choices import TeamVocabulary

PublishedLabels = Mapping[tuple[str, str], str]  # by vocabulary and code
# That is a few dozen documents, whatever the library holds.
LABELS_TOLD = """
    select document::jsonb #>> '{derived,labels}' from publishing_edition where id = any(%s) order by revision
"""


def published_labels(bitmaps: TermBitmaps | None = None) -> PublishedLabels:
    """Every code that editions carry, with the label that the newest of them tells, of those not withdrawn.

    No query of its own while nothing is published.
    """
    bitmaps = bitmaps or read_term_bitmaps()
    carried = [keys for name in TeamVocabulary.values for keys in bitmaps.terms_named(f"{EVER}{name}").values()]
    newest = BitMap64(keys.max() for keys in carried)  # keys grow with revisions
    return bitmaps.keep_made("labels", newest, read_labels)


def read_labels(editions: BitMap64) -> PublishedLabels:
    """The labels that these editions tell; where several tell one, the newest."""
    with connection.cursor() as cursor:
        cursor.execute(LABELS_TOLD, [list(editions)])
        told = [orjson.loads(labels or "{}") for (labels,) in cursor.fetchall()]
    return {
        (vocabulary, code): label
        for labels in told
        for vocabulary, named in labels.items()
        for code, label in named.items()
    }
