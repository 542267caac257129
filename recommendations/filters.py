"""What lessons and recommendations can be filtered by."""

from __future__ import annotations

from failure_lessons.library.filters import EditionFilter, EvidenceFilter, SlugTermFilter, TermFilter
from failure_lessons.vocabularies.choices import (
    Audience,
    ConfidenceLevel,
    FailureType,
    Level,
    Phase,
    RecommendationKind,
    Sector,
    Strength,
    Wording,
)


class LessonFilter(EditionFilter):
    """Lessons."""

    phase = TermFilter(Phase, term="phase", label="Phase")
    theme = SlugTermFilter(term="theme", label="Theme", kind="theme")
    sector = TermFilter(Sector, term="sector", label="Sector of the evidence")
    confidence = TermFilter(ConfidenceLevel, term="confidence", label="Confidence")
    case = SlugTermFilter(term="case", label="Case study", kind="case-study", most=40)
    evidence = EvidenceFilter()


class RecommendationFilter(EditionFilter):
    """Recommendations."""

    audience = TermFilter(Audience, term="audience", label="Who it is for")
    phase = TermFilter(Phase, term="phase", label="Phase of failure")
    failure_type = TermFilter(FailureType, term="failure-type", label="What is failing")
    level = TermFilter(Level, term="level", label="Level")
    strength = TermFilter(Strength, term="strength", label="Strength")
    confidence = TermFilter(ConfidenceLevel, term="confidence", label="Confidence")
    action_kind = TermFilter(RecommendationKind, term="action-kind", label="Type of action")
    wording = TermFilter(Wording, term="wording", label="Wording")
    sector = TermFilter(Sector, term="sector", label="Sector of the evidence")
    theme = SlugTermFilter(term="theme", label="Theme", kind="theme")
    evidence = EvidenceFilter()


class ConsultationTemplateFilter(EditionFilter):
    """Consultation templates, by their words only."""
