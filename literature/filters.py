"""What references, findings, reviews and glossary terms can be filtered by."""

from __future__ import annotations

from failure_lessons.library.filters import EditionFilter, SlugTermFilter, TermFilter, YearFilter
from failure_lessons.vocabularies.choices import (
    ConfidenceLevel,
    CslType,
    FailureType,
    PartOf,
    Phase,
    ReviewType,
    Sector,
)


class ReferenceFilter(EditionFilter):
    """References, by kind of work and year of publication."""

    type = TermFilter(CslType, term="type", label="Kind of work")
    year_from = YearFilter(until=False, label="Published in or after")
    year_to = YearFilter(until=True, label="Published in or before")


class FindingFilter(EditionFilter):
    """Findings of cases and reviews."""

    phase = TermFilter(Phase, term="phase", label="Phase")
    theme = SlugTermFilter(term="theme", label="Theme", kind="theme")
    sector = TermFilter(Sector, term="sector", label="Sector")
    failure_type = TermFilter(FailureType, term="failure-type", label="What failed")
    confidence = TermFilter(ConfidenceLevel, term="confidence", label="Confidence")
    part_of = TermFilter(PartOf, term="part-of", label="Found by")
    case = SlugTermFilter(term="case", label="Case study", kind="case-study", most=40)


class LiteratureReviewFilter(EditionFilter):
    """Literature reviews."""

    sector = TermFilter(Sector, term="sector", label="Sector")
    review_type = TermFilter(ReviewType, term="review-type", label="Type of review")


class GlossaryFilter(EditionFilter):
    """Glossary terms, by their words only."""
