"""What source recommendations and dossiers can be filtered by."""

from __future__ import annotations

from failure_lessons.library.filters import DayFilter, EvidenceFilter, OverdueFilter, declare_filter
from recommendations.follow_up.fields import (
    FOLLOW_UP_DERIVED,
    FOLLOW_UP_FIELDS,
)
from recommendations.follow_up.source_fields import SOURCE_RECOMMENDATION_DERIVED, SOURCE_RECOMMENDATION_FIELDS

SourceRecommendationFilter = declare_filter(
    "SourceRecommendationFilter",
    (*SOURCE_RECOMMENDATION_FIELDS, *SOURCE_RECOMMENDATION_DERIVED),
    "case review made_by sector phase act words evidence",
    evidence=EvidenceFilter(),
)
FollowUpFilter = declare_filter(
    "FollowUpFilter",
    (*FOLLOW_UP_FIELDS, *FOLLOW_UP_DERIVED),
    "answer overdue body position made implementation provisional effect case sector phase due_before look_before "
    "evidence",
    overdue=OverdueFilter(),
    due_from=DayFilter(column="due_on", label="Answer due on or after"),
    due_before=DayFilter(column="due_on", label="Answer due before", before=True),
    look_from=DayFilter(column="look_again_on", label="To be looked at again on or after"),
    look_before=DayFilter(column="look_again_on", label="To be looked at again before", before=True),
    evidence=EvidenceFilter(),
)
