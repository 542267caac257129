"""The figures of a recommendation: the chain of its evidence."""

from __future__ import annotations

from collections.abc import Iterator

from failure_lessons.charts.figures import Figure
from failure_lessons.types import Document
from recommendations.evidence_chain import build_chain

CHAIN_KEY = "+ supports the lesson, ± qualifies it, − contradicts it."


def list_figures_of_recommendation(record: Document) -> Iterator[Figure]:
    """The chain of a resolved recommendation, where it rests on anything."""
    chain = build_chain(record)
    if not chain.links:
        return
    rows = [
        (
            link.lesson["code"],
            link.lesson["statement"] or link.lesson["title"],
            each.relation,
            each.code,
            each.record["statement"],
            "; ".join(dict.fromkeys(str(source["reference"]["short"]) for source in each.sources)),
        )
        for link in chain.links
        for each in link.bearings
    ]
    yield Figure(
        name="chain",
        title=f"From {chain.code} to its sources",
        form="chain",
        picture=chain.picture,
        columns=("Lesson", "What the lesson says", "Relation", "Finding", "What the finding says", "Sources"),
        rows=tuple(rows),
        key=CHAIN_KEY,
        legend=tuple(
            f"{link.lesson['code']}: {link.lesson['statement'] or link.lesson['title']}" for link in chain.links
        ),
    )
