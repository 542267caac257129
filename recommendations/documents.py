"""How lessons, recommendations and consultation templates become documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from failure_lessons.publishing.registry import register_source
from failure_lessons.publishing.renditions import MissingItem, RecordKey, Rendition, natural_sort_key
from failure_lessons.vocabularies.choices import EvidenceRelation
from failure_lessons.vocabularies.models import Theme
from recommendations.models import (
    ConsultationTemplate,
    Lesson,
    LessonAssessment,
    LessonEvidence,
    Recommendation,
    Relation,
)

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
        entry: dict[str, Any] = {
            "code": lesson.code,
            "slug": lesson.slug,
            "title": lesson.title,
            "statement": lesson.statement,
            "explanation": lesson.explanation,
            "phase": lesson.phase,
            "themes": themes,
            "evidence": evidence,
            "transfer": {
                "alike": lesson.transfer_alike,
                "differs": lesson.transfer_differs,
                "would_change_our_view": lesson.transfer_would_change_our_view,
            },
            "cerqual": agreed[0].entry() if agreed else None,
        }
        yield Rendition(
            record=lesson,
            kind="lesson",
            slug=lesson.slug,
            code=lesson.code,
            title=lesson.title,
            summary=lesson.statement,
            body=lesson.explanation,
            entry=entry,
            derived={"sectors": sectors, "cases": sorted(case.slug for case in cases)},
            sort_key=natural_sort_key(lesson.code),
            terms=frozenset(
                {
                    f"phase:{lesson.phase}",
                    *(f"theme:{theme}" for theme in themes),
                    *(f"sector:{sector}" for sector in sectors),
                    *(f"case:{case.slug}" for case in cases),
                    *(f"confidence:{assessment.overall}" for assessment in agreed),
                }
            ),
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
        entry = recommendation_entry(recommendation)
        themes = {theme.slug for lesson in grounds for theme in lesson.themes.all()}
        sectors = {sector_of(item) for lesson in grounds for item in lesson.evidence.all()}
        related = [
            {"type": relation.type, "from": relation.source.code, "note": relation.note}
            for relation in sorted(recommendation.relations_from.all(), key=lambda r: natural_sort_key(r.source.code))
        ]
        yield Rendition(
            record=recommendation,
            kind="recommendation",
            slug=recommendation.slug,
            code=recommendation.code,
            title=recommendation.title,
            summary=recommendation.statement,
            body=" ".join([recommendation.rationale, *recommendation.actions, recommendation.owner]),
            entry=entry,
            derived={
                "related_from": related,
                "themes": sorted(themes),
                "sectors": sorted(sectors),
            },
            sort_key=natural_sort_key(recommendation.code),
            terms=frozenset(
                {
                    f"phase:{recommendation.phase}",
                    f"level:{recommendation.level}",
                    f"strength:{recommendation.strength}",
                    f"confidence:{recommendation.confidence}",
                    f"wording:{recommendation.wording}",
                    f"action-kind:{recommendation.kind}",
                    *(f"audience:{code}" for code in recommendation.audiences),
                    *(f"failure-type:{code}" for code in recommendation.failure_types),
                    *(f"theme:{theme}" for theme in themes),
                    *(f"sector:{sector}" for sector in sectors),
                    *(f"lesson:{lesson.code.lower()}" for lesson in grounds),
                }
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


def recommendation_entry(recommendation: Recommendation) -> dict[str, Any]:
    """A recommendation in package form."""
    return {
        "code": recommendation.code,
        "slug": recommendation.slug,
        "title": recommendation.title,
        "statement": recommendation.statement,
        "rationale": recommendation.rationale,
        "actions": recommendation.actions,
        "audiences": recommendation.audiences,
        "level": recommendation.level,
        "phase": recommendation.phase,
        "failure_types": recommendation.failure_types,
        "owner": recommendation.owner,
        "timescale": {"label": recommendation.timescale_label, "months": recommendation.timescale_months},
        "measures": recommendation.measures,
        "resources": recommendation.resources,
        "conditions": recommendation.conditions,
        "risks": recommendation.risks,
        "counter_evidence": recommendation.counter_evidence,
        "lessons": [ground.lesson.code for ground in recommendation.grounds.all()],
        "strength": recommendation.strength,
        "confidence": recommendation.confidence,
        # `kind` already says what sort of record a document is
        "action_kind": recommendation.kind,
        "wording": recommendation.wording,
        "relations": [
            {"type": relation.type, "to": relation.target.code, "note": relation.note}
            for relation in recommendation.relations.all()
        ],
        "departures": [
            {"check": departure.check_code, "found": departure.found, "reason": departure.reason}
            for departure in recommendation.departures.all()
        ],
    }


@register_source(ConsultationTemplate, "consultation-template")
def render_templates(rows: QuerySet[ConsultationTemplate]) -> Iterator[Rendition]:
    """Plans for a consultation round."""
    for template in rows.prefetch_related("stakeholder_groups"):
        yield Rendition(
            record=template,
            kind="consultation-template",
            slug=template.slug,
            title=template.title,
            summary=template.purpose,
            entry={
                "slug": template.slug,
                "title": template.title,
                "status": template.status,
                "purpose": template.purpose,
                "stakeholder_groups": [
                    {"sector": group.sector, "role": group.role} for group in template.stakeholder_groups.all()
                ],
                "questions": template.questions,
                "rating_scale": template.rating_scale,
            },
            sort_key=template.title.casefold(),
        )
