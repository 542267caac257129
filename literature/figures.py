"""The figures of a literature review."""

from __future__ import annotations

from collections.abc import Iterator

from failure_lessons.charts.figures import Figure, flow_figure
from failure_lessons.types import Document


def list_figures_of_review(review: Document) -> Iterator[Figure]:
    """The flow from searches to studies."""
    yield flow_figure(review["derived"]["prisma"])
