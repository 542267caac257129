"""The kinds of record by which recommendations are followed."""

from __future__ import annotations

from failure_lessons.charts.figures import register_figures
from failure_lessons.publishing.registry import Kind, PackageMember, register_kind
from recommendations.follow_up.fields import (
    FOLLOW_UP_COLUMNS,
    FOLLOW_UP_DERIVED,
    FOLLOW_UP_FIELDS,
)
from recommendations.follow_up.figures import list_figures_of_dossier
from recommendations.follow_up.filters import FollowUpFilter, SourceRecommendationFilter
from recommendations.follow_up.loaders import load_dossier, load_source_recommendation
from recommendations.follow_up.models import FollowUp, SourceRecommendation
from recommendations.follow_up.package_checks import check_dossiers, check_source_recommendations
from recommendations.follow_up.sentences import tell_dossier
from recommendations.follow_up.source_fields import (
    SOURCE_RECOMMENDATION_COLUMNS,
    SOURCE_RECOMMENDATION_DERIVED,
    SOURCE_RECOMMENDATION_FIELDS,
)

register_kind(
    Kind(
        code="source-recommendation",
        rank=85,
        address="source-recommendations",
        label="Source recommendation",
        label_plural="Source recommendations",
        description="What an inspector, auditor, committee or court recommended.",
        fields=SOURCE_RECOMMENDATION_FIELDS,
        derived=SOURCE_RECOMMENDATION_DERIVED,
        columns=SOURCE_RECOMMENDATION_COLUMNS,
        template="recommendations/follow_up/source_recommendation.html",
        introduction="What inspectors, auditors and committees recommended in the cases and reviews, as they put it. "
        "What became of each stands in its dossier.",
        filters=SourceRecommendationFilter,
        member=PackageMember(
            name="source-recommendations",
            model=SourceRecommendation,
            load=load_source_recommendation,
            check=check_source_recommendations,
        ),
        pointers={"source_recommendation": "code"},
        reader_rank=34,
    )
)
register_kind(
    Kind(
        code="follow-up",
        rank=105,
        address="follow-up",
        api_address="follow-ups",
        label="Follow-up dossier",
        label_plural="Follow-up dossiers",
        description="What became of one recommendation.",
        fields=FOLLOW_UP_FIELDS,
        derived=FOLLOW_UP_DERIVED,
        columns=FOLLOW_UP_COLUMNS,
        template="recommendations/follow_up/dossier.html",
        introduction="What was asked, what the body says, and what others and we judge: of recommendations that "
        "inspectors, auditors and committees made, and of ours.",
        filters=FollowUpFilter,
        orders=("longest-wait",),
        member=PackageMember(name="follow-ups", model=FollowUp, load=load_dossier, check=check_dossiers),
        reader_rank=15,
        is_news=True,
        map_grade="answer",
        asks_the_clock=True,
        tell=tell_dossier,
    )
)
register_figures("follow-up", list_figures_of_dossier)
