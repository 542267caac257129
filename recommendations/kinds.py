"""The kinds of record of this app: what pages, API, exports, packages and search have to know of them."""

from __future__ import annotations

from django.conf import settings

from failure_lessons.charts.figures import list_profile, register_figures
from failure_lessons.publishing.registry import Kind, PackageMember, Review, register_kind
from failure_lessons.publishing.renditions import register_plain_source
from recommendations.evidence_chain import policy_statements
from recommendations.fields import (
    CONSULTATION_FIELDS,
    RECOMMENDATION_COLUMNS,
    RECOMMENDATION_DERIVED,
    RECOMMENDATION_FIELDS,
)
from recommendations.figures import list_figures_of_recommendation
from recommendations.filters import LessonFilter, RecommendationFilter, SituationFilter
from recommendations.lesson_fields import LESSON_COLUMNS, LESSON_DERIVED, LESSON_FIELDS
from recommendations.loaders import load_lesson, load_recommendation, load_relations, load_situation
from recommendations.models import ConsultationTemplate, Lesson, Recommendation, Situation
from recommendations.package_checks import check_relations, order_departures
from recommendations.situation_fields import SITUATION_COLUMNS, SITUATION_DERIVED, SITUATION_FIELDS

register_kind(
    Kind(
        code="lesson",
        rank=90,
        address="lessons",
        label="Lesson",
        label_plural="Lessons",
        description=f"What {settings.SITE.service} can learn.",
        fields=LESSON_FIELDS,
        derived=LESSON_DERIVED,
        columns=LESSON_COLUMNS,
        template="recommendations/lesson.html",
        introduction="What the cases and the literature teach when they are read together, "
        "with the evidence for and against.",
        filters=LessonFilter,
        orders=("confidence",),
        member=PackageMember(name="lessons", model=Lesson, load=load_lesson),
        pointers={"lessons": "code"},
        reader_rank=20,
        answers=True,
        search_weight=1.4,
        is_news=True,
        in_chain=True,
        in_brief=True,
        map_grade="confidence",
        under_themes=2,
        start_here=4,
    )
)
register_kind(
    Kind(
        code="recommendation",
        rank=100,
        address="recommendations",
        label="Recommendation",
        label_plural="Recommendations",
        description=f"One action for {settings.SITE.service}.",
        fields=RECOMMENDATION_FIELDS,
        derived=RECOMMENDATION_DERIVED,
        columns=RECOMMENDATION_COLUMNS,
        template="recommendations/recommendation.html",
        statements=policy_statements,
        review=Review("policy_context__review_due", "policy_context__review_by", "Look at the policy context again"),
        introduction=f"What {settings.SITE.service} should do about organisational failure, who should do it, "
        "and how sure we are.",
        filters=RecommendationFilter,
        orders=("strength", "confidence"),
        member=PackageMember(
            name="recommendations",
            model=Recommendation,
            load=load_recommendation,
            finish=load_relations,
            order_sets=order_departures,
            check=check_relations,
            apart={"policy_context": "policy-context"},
        ),
        pointers={"to": "code", "recommendations": "code"},
        reader_rank=10,
        answers=True,
        search_weight=1.5,
        is_news=True,
        in_chain=True,
        in_brief=True,
        map_grade="strength",
        under_themes=1,
        start_here=5,
    )
)
register_kind(
    Kind(
        code="situation",
        rank=108,
        address="situations",
        label="Situation",
        label_plural="Situations",
        description="A situation readers are in, and the answer to it.",
        fields=SITUATION_FIELDS,
        derived=SITUATION_DERIVED,
        columns=SITUATION_COLUMNS,
        template="recommendations/situation.html",
        introduction="What to do in the situation you are in: a short answer, how sure it is, what speaks against it, "
        "and what to do on Monday.",
        filters=SituationFilter,
        orders=("confidence",),
        member=PackageMember(name="situations", model=Situation, load=load_situation),
        reader_rank=5,
        answers=True,
        search_weight=1.6,
        is_news=True,
        in_brief=True,
        start_here=6,
    )
)
register_kind(
    Kind(
        code="consultation-template",
        rank=110,
        address="consultations",
        label="Consultation template",
        label_plural="Consultation templates",
        description="How a future consultation will be run.",
        fields=CONSULTATION_FIELDS,
        template="recommendations/consultation.html",
        member=PackageMember(name="consultation-template", model=ConsultationTemplate, layout="single"),
        has_pins=False,
        reader_rank=110,
    )
)
register_plain_source(ConsultationTemplate, "consultation-template")
register_figures("lesson", list_profile)
register_figures("recommendation", list_figures_of_recommendation, resolved=True)
