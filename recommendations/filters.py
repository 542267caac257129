"""What lessons, recommendations and situations can be filtered by: the terms that their fields declare."""

from __future__ import annotations

from failure_lessons.library.filters import EvidenceFilter, declare_filter
from recommendations.fields import RECOMMENDATION_DERIVED, RECOMMENDATION_FIELDS
from recommendations.lesson_fields import LESSON_DERIVED, LESSON_FIELDS
from recommendations.situation_fields import SITUATION_DERIVED, SITUATION_FIELDS

LessonFilter = declare_filter(
    "LessonFilter",
    (*LESSON_FIELDS, *LESSON_DERIVED),
    "phase theme sector confidence case evidence",
    evidence=EvidenceFilter(),
)
RecommendationFilter = declare_filter(
    "RecommendationFilter",
    (*RECOMMENDATION_FIELDS, *RECOMMENDATION_DERIVED),
    "audience phase failure_type level strength confidence action_kind wording sector theme evidence",
    evidence=EvidenceFilter(),
)
SituationFilter = declare_filter(
    "SituationFilter",
    (*SITUATION_FIELDS, *SITUATION_DERIVED),
    "audience theme confidence evidence",
    evidence=EvidenceFilter(),
)
