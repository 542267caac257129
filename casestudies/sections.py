"""The parts of a case study's narrative."""

from django.db import models

from failure_lessons.vocabularies.choices import Phase


class CaseSection(models.TextChoices):
    """A part of a case study's narrative."""

    SUMMARY = "summary", "Summary"
    CONTEXT = "context", "Context"
    WARNING_SIGNS = "warning_signs", Phase.PREVENTION.label
    IDENTIFICATION = "identification", Phase.IDENTIFICATION.label
    MANAGEMENT = "management", Phase.MANAGEMENT.label
    RESOLUTION = "resolution", Phase.RESOLUTION.label
    OUTCOME = "outcome", "Outcome"
    SELECTION_RATIONALE = "selection_rationale", "Why this case was chosen"


PHASE_SECTIONS = (
    CaseSection.WARNING_SIGNS,
    CaseSection.IDENTIFICATION,
    CaseSection.MANAGEMENT,
    CaseSection.RESOLUTION,
    CaseSection.OUTCOME,
)
