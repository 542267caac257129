"""How lessons, recommendations and consultation templates become documents."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Prefetch, QuerySet

from failure_lessons.publishing.fields import entry_of, terms_of
from failure_lessons.publishing.registry import register_source
from failure_lessons.publishing.renditions import (
    MissingItem,
    RecordKey,
    Rendition,
    natural_sort_key,
)
from failure_lessons.vocabularies.choices import EvidenceRelation
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.terms import TermLabels
from recommendations.fields import LESSON_DERIVED, LESSON_FIELDS, RECOMMENDATION_DERIVED, RECOMMENDATION_FIELDS
from recommendations.models import (
    Lesson,
    LessonAssessment,
    LessonEvidence,
    Recommendation,
    Relation,
)
from recommendations.reading_age import reading_age

LESSON_EVIDENCE = LessonEvidence.objects.select_related("case_finding__case", "review_finding__review")


@register_source(Lesson, "lesson", companions=lambda rows: Theme.objects.filter(lessons__in=rows).distinct())
def render_lessons(rows: QuerySet[Lesson]) -> Iterator[Rendition]:
    """Lessons, with evidence for and against, transfer to the NHS and agreed confidence."""
    for lesson in rows.prefetch_related(
        "themes",
        Prefetch("evidence", LESSON_EVIDENCE),
        Prefetch("assessments", LessonAssessment.objects.filter(agreed=True)),
    ):
        themes = sorted(theme.slug for theme in lesson.themes.all())
        agreed = list(lesson.assessments.all())
        findings = [(item, item.case_finding or item.review_finding) for item in lesson.evidence.all()]
        evidence = [
            {"finding": finding.code, "relation": item.relation, "note": item.note}
            for item, finding in findings
            if finding
        ]
        cases = {item.case_finding.case for item, _ in findings if item.case_finding}
        reviews = {item.review_finding.review for item, _ in findings if item.review_finding}
        sectors = sorted({case.sector for case in cases} | {review.sector for review in reviews})
        own = {"themes": themes, "evidence": evidence, "cerqual": agreed[0].entry() if agreed else None}
        entry = entry_of(LESSON_FIELDS, lesson, own)
        derived = {"sectors": sectors, "cases": sorted(case.slug for case in cases)}
        yield Rendition(
            record=lesson,
            kind="lesson",
            slug=lesson.slug,
            code=lesson.code,
            title=lesson.title,
            summary=lesson.statement,
            body=lesson.explanation,
            entry=entry,
            derived=derived,
            sort_key=natural_sort_key(lesson.code),
            terms=frozenset(terms_of((*LESSON_FIELDS, *LESSON_DERIVED), {**entry, **derived})),
            rests_on=frozenset(RecordKey("finding", item["finding"].lower()) for item in evidence),
            missing=tuple(
                MissingItem(message, place)
                for lacks, message, place in (
                    (
                        not any(item["relation"] == EvidenceRelation.SUPPORTS for item in evidence),
                        "No finding supports it.",
                        "evidence",
                    ),
                    (not agreed, "It has no agreed confidence assessment.", "assessments"),
                    (not lesson.transfer_differs, "It does not say in what the NHS differs.", "transfer_differs"),
                )
                if lacks
            ),
        )


@register_source(Recommendation, "recommendation")
def render_recommendations(rows: QuerySet[Recommendation]) -> Iterator[Rendition]:
    """Recommendations, with the relations they state and, derived, those that others state about them."""
    labels = TermLabels()
    lessons = Lesson.objects.prefetch_related("themes", Prefetch("evidence", LESSON_EVIDENCE))
    for recommendation in rows.prefetch_related(
        "grounds",
        "departures",
        Prefetch("grounds__lesson", lessons),
        Prefetch("relations", Relation.objects.select_related("target")),
        Prefetch(
            "relations_from", Relation.objects.select_related("source").order_by("source__code", "position", "pk")
        ),
    ):
        grounds = [ground.lesson for ground in recommendation.grounds.all()]
        entry = entry_of(
            RECOMMENDATION_FIELDS,
            recommendation,
            {
                "lessons": [lesson.code for lesson in grounds],
                "relations": [
                    {"type": relation.type, "to": relation.target.code, "note": relation.note}
                    for relation in recommendation.relations.all()
                ],
            },
        )
        themes = {theme.slug for lesson in grounds for theme in lesson.themes.all()}
        sectors = {sector_of(item) for lesson in grounds for item in lesson.evidence.all()}
        related = [
            {"type": relation.type, "from": relation.source.code, "note": relation.note}
            for relation in sorted(recommendation.relations_from.all(), key=lambda r: natural_sort_key(r.source.code))
        ]
        derived = {
            "related_from": related,
            "themes": sorted(themes),
            "sectors": sorted(sectors),
            "plain_summary_reading_age": reading_age(recommendation.plain_summary),
            "labels": labels.of(RECOMMENDATION_FIELDS, entry),
        }
        yield Rendition(
            record=recommendation,
            kind="recommendation",
            slug=recommendation.slug,
            code=recommendation.code,
            title=recommendation.title,
            summary=recommendation.statement,
            body=" ".join([recommendation.rationale, *recommendation.actions, recommendation.owner]),
            entry=entry,
            derived=derived,
            sort_key=natural_sort_key(recommendation.code),
            terms=frozenset(
                terms_of((*RECOMMENDATION_FIELDS, *RECOMMENDATION_DERIVED), {**entry, **derived})
                | {f"lesson:{lesson.code.lower()}" for lesson in grounds}
            ),
            rests_on=frozenset(RecordKey("lesson", lesson.slug) for lesson in grounds),
            missing=tuple(
                MissingItem(message, place)
                for lacks, message, place in (
                    (not grounds, "It rests on no lesson.", "grounds"),
                    (not recommendation.audiences, "It names no audience.", "audiences"),
                    (not recommendation.rationale, "It gives no rationale.", "rationale"),
                    (not recommendation.measures, "It has no measure of success.", "measures"),
                    (
                        not recommendation.counter_evidence,
                        "It does not say what speaks against it.",
                        "counter_evidence",
                    ),
                    (not recommendation.risks, "It names no risk.", "risks"),
                )
                if lacks
            ),
        )


def sector_of(item: LessonEvidence) -> str:
    """Sector of the finding that bears on a lesson."""
    if item.case_finding:
        return item.case_finding.case.sector
    return item.review_finding.review.sector if item.review_finding else ""
