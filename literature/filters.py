"""What references, findings, reviews and glossary terms can be filtered by."""

from __future__ import annotations

from failure_lessons.filters import EditionFilter, SlugTermFilter, TermFilter
from failure_lessons.vocabulary import ConfidenceLevel, CslType, FailureType, Phase, ReviewType, Sector


class ReferenceFilter(EditionFilter):
    """References, by kind of work."""

    type = TermFilter(CslType, term="type", label="Kind of work")


class FindingFilter(EditionFilter):
    """Findings of cases and reviews."""

    phase = TermFilter(Phase, term="phase", label="Phase")
    theme = SlugTermFilter(term="theme", label="Theme")
    sector = TermFilter(Sector, term="sector", label="Sector")
    failure_type = TermFilter(FailureType, term="failure-type", label="What failed")
    confidence = TermFilter(ConfidenceLevel, term="confidence", label="Confidence")


class LiteratureReviewFilter(EditionFilter):
    """Literature reviews."""

    sector = TermFilter(Sector, term="sector", label="Sector")
    review_type = TermFilter(ReviewType, term="review-type", label="Type of review")


class GlossaryFilter(EditionFilter):
    """Glossary terms, by their words only."""
