"""What readers see for the terms of vocabularies that teams extend: editions tell it, and nobody asks the workbench."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from django.db import connection

from failure_lessons.publishing.registry import KINDS

PublishedLabels = Mapping[tuple[str, str], str]  # by vocabulary and code

# The newest revision, and unless it is the known one the labels that editions tell: for each term those of the newest
# edition that carries it, was not withdrawn and is of a kind that tells labels. That is a few dozen documents, whatever
# the library holds.
LABELS_UNLESS_KNOWN = """
    with head as (select sha256 from publishing_ledgerentry order by number desc limit 1)
    select head.sha256, case when head.sha256 <> %s then (
        select jsonb_agg(e.document::jsonb #> '{derived,labels}' order by e.revision)::text
        from publishing_edition e
        where e.id in (
            select distinct on (t.term) f.id
            from publishing_edition f cross join lateral unnest(f.terms) t (term)
            where f.withdrawn_at is null and f.kind = any(%s)
            order by t.term, f.revision desc
        )
    ) end
    from head
"""
KEPT: list[tuple[str, PublishedLabels]] = [("", {})]  # one item: the hash of a revision, and the labels as of it


def published_labels() -> PublishedLabels:
    """Every code that editions carry, with the label that the newest of them tells. One query."""
    known, labels = KEPT[0]
    kinds = [kind.code for kind in KINDS.values() if any(each.name == "labels" for each in kind.derived)]
    with connection.cursor() as cursor:
        cursor.execute(LABELS_UNLESS_KNOWN, [known, kinds])
        row = cursor.fetchone()
    if row is None:  # nothing was ever published
        return {}
    revision, told = row
    if revision != known:
        labels = {
            (vocabulary, code): label
            for document in orjson.loads(told or "[]")
            for vocabulary, named in (document or {}).items()
            for code, label in named.items()
        }
        KEPT[0] = (revision, labels)
    return labels
