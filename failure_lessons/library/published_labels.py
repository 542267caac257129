"""What readers see for the terms of vocabularies that teams extend: editions tell it, and nobody asks the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import orjson
from django.db import connection

from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.registry import KINDS

PublishedLabels = Mapping[tuple[str, str], str]  # by vocabulary and code

# For each term the newest edition that carries it, was not withdrawn and is of a kind whose documents tell labels: a
# few dozen documents, whatever the library holds.
NEWEST = """
    select (e.document::jsonb #> '{derived,labels}')::text
    from publishing_edition e
    where e.id in (
        select distinct on (t.term) f.id
        from publishing_edition f cross join lateral unnest(f.terms) t (term)
        where f.withdrawn_at is null and f.kind = any(%s)
        order by t.term, f.revision desc
    )
    order by e.revision
"""


def published_labels() -> PublishedLabels:
    """Every code that editions carry, with the label that the newest of them tells. One query, and one more after
    each change of the library."""
    head = LedgerEntry.objects.head()
    return read_labels(head.sha256) if head else {}


@lru_cache(maxsize=4)
def read_labels(revision: str) -> PublishedLabels:
    """The labels as of the newest revision, which its hash names."""
    found: dict[tuple[str, str], str] = {}
    kinds = [kind.code for kind in KINDS.values() if any(each.name == "labels" for each in kind.derived)]
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [kinds])
        for (told,) in cursor.fetchall():
            for vocabulary, labels in orjson.loads(told or "{}").items():
                found |= {(vocabulary, code): label for code, label in labels.items()}
    return found
