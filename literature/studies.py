"""The studies of a review: what it includes, with appraisal, and what it left out, with the reason."""

from __future__ import annotations

from typing import NamedTuple

from failure_lessons.types import Document, JSONObject
from failure_lessons.vocabularies.choices import ScreeningDecision, ScreeningStage
from literature.prisma import read_under_way

# The letters of SPICE and PICo, each in its order.
ELEMENTS = (
    "setting",
    "population",
    "perspective",
    "phenomenon_of_interest",
    "intervention",
    "context",
    "comparison",
    "evaluation",
)


def order_framework_elements(review: Document) -> list[tuple[str, str]]:
    """The elements of a review's question in the order of its framework; others after them."""
    given = review.get("framework_elements")
    elements = given if isinstance(given, dict) else {}  # an edition from before the check may hold anything
    return sorted(elements.items(), key=lambda pair: ELEMENTS.index(pair[0]) if pair[0] in ELEMENTS else len(ELEMENTS))


class Study(NamedTuple):
    """A screened record: the decision that counts (on the full text where there is one), all decisions, appraisals."""

    screening: Document
    decisions: tuple[Document, ...]
    appraisals: tuple[Document, ...]


def list_screened_out(review: Document) -> list[JSONObject]:
    """The CSL-JSON items of the records that a review screened and does not include."""
    return list((review.get("derived") or {}).get("screened_out", {}).values())


def list_screened_studies(review: Document) -> list[Study]:
    """Every screened record of a review document, once, in the order of screening."""
    decisions: dict[str, list[Document]] = {}
    for row in review.get("screening") or []:
        decisions.setdefault(row["ref"], []).append(row)
    appraisals: dict[str, list[Document]] = {}
    for row in review.get("appraisal") or []:
        appraisals.setdefault(row["ref"], []).append(row)
    for rows in decisions.values():
        rows.sort(key=lambda row: row["stage"] == ScreeningStage.FULL_TEXT)
    return [Study(rows[-1], tuple(rows), tuple(appraisals.get(ref, ()))) for ref, rows in decisions.items()]


def list_included_studies(review: Document) -> list[Study]:
    """The included studies: those kept that do not wait for a decision on their full text."""
    _, unassessed = read_under_way(review.get("screening_under_way"))
    return [study for study in list_kept_studies(review) if study.screening["ref"] not in unassessed]


def list_unassessed_studies(review: Document) -> list[Study]:
    """The records kept on title and abstract whose full text is not yet assessed."""
    _, unassessed = read_under_way(review.get("screening_under_way"))
    return [study for study in list_kept_studies(review) if study.screening["ref"] in unassessed]


def list_kept_studies(review: Document) -> list[Study]:
    """The records that the last decision on each keeps."""
    return [
        study for study in list_screened_studies(review) if study.screening["decision"] == ScreeningDecision.INCLUDE
    ]


def list_excluded_studies(review: Document) -> list[Study]:
    """The excluded records."""
    return [
        study for study in list_screened_studies(review) if study.screening["decision"] != ScreeningDecision.INCLUDE
    ]
