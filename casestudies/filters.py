"""What case studies, organisations and comparisons can be filtered by."""

from __future__ import annotations

from failure_lessons.library.filters import EditionFilter, SlugTermFilter, TermFilter
from failure_lessons.vocabularies.choices import FailureType, InterventionKind, Sector


class CaseStudyFilter(EditionFilter):
    """Case studies."""

    sector = TermFilter(Sector, term="sector", label="Sector")
    failure_type = TermFilter(FailureType, term="failure-type", label="What failed")
    intervention = TermFilter(InterventionKind, term="intervention", label="What was done")
    theme = SlugTermFilter(term="theme", label="Theme", kind="theme")
    organisation = SlugTermFilter(term="organisation", label="Organisation", kind="organisation", most=12)


class OrganisationFilter(EditionFilter):
    """Organisations, by their words only."""


class ComparisonFilter(EditionFilter):
    """Comparisons, by their words only."""
