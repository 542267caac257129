"""The kinds of record of this app: what pages, API, exports, packages and search have to know of them."""

from __future__ import annotations

from failure_lessons.publishing.registry import Kind, PackageMember, register_kind
from recommendations.filters import ConsultationTemplateFilter, LessonFilter, RecommendationFilter
from recommendations.loaders import load_lesson, load_recommendation, load_relations, load_template
from recommendations.models import ConsultationTemplate, Lesson, Recommendation
from recommendations.package_checks import check_relations, order_departures

register_kind(
    Kind(
        code="lesson",
        rank=90,
        address="lessons",
        label="Lesson",
        label_plural="Lessons",
        template="recommendations/lesson.html",
        introduction="What the cases and the literature teach when they are read together, "
        "with the evidence for and against.",
        filters=LessonFilter,
        orders=("confidence",),
        member=PackageMember(name="lessons", model=Lesson, load=load_lesson),
        pointers={"lessons": "code"},
        reader_rank=20,
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
        template="recommendations/recommendation.html",
        introduction="What the NHS should do about organisational failure, who should do it, and how sure we are.",
        filters=RecommendationFilter,
        orders=("strength", "confidence"),
        member=PackageMember(
            name="recommendations",
            model=Recommendation,
            load=load_recommendation,
            finish=load_relations,
            order_sets=order_departures,
            check=check_relations,
        ),
        pointers={"to": "code"},
        reader_rank=10,
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
        code="consultation-template",
        rank=110,
        address="consultations",
        label="Consultation template",
        label_plural="Consultation templates",
        template="recommendations/consultation.html",
        filters=ConsultationTemplateFilter,
        member=PackageMember(
            name="consultation-template", model=ConsultationTemplate, load=load_template, layout="single"
        ),
        has_pins=False,
        reader_rank=110,
    )
)
