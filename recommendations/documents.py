"""How lessons, recommendations and situations become documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from django.db.models import Prefetch, QuerySet

from failure_lessons.library.resolve import RECORD_CODE
from failure_lessons.publishing.fields import Field, entry_of, list_attributes, terms_of
from failure_lessons.publishing.models import Record
from failure_lessons.publishing.registry import register_source
from failure_lessons.publishing.renditions import (
    MissingItem,
    RecordKey,
    Rendition,
    join_sentences,
    natural_sort_key,
)
from failure_lessons.types import JSONObject
from failure_lessons.vocabularies.choices import ConfidenceLevel, EvidenceRelation
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.terms import TermLabels
from literature.documents import CitedNames, reference_keys, references_named
from literature.models import Reference
from recommendations.fields import RECOMMENDATION_DERIVED, RECOMMENDATION_FIELDS
from recommendations.lesson_fields import LESSON_DERIVED, LESSON_FIELDS
from recommendations.models import (
    Lesson,
    LessonAssessment,
    LessonEvidence,
    PolicyCitation,
    Recommendation,
    Relation,
    Situation,
    SituationGrounds,
)
from recommendations.reading_age import reading_age
from recommendations.situation_fields import SITUATION_DERIVED, SITUATION_FIELDS

LESSON_EVIDENCE = LessonEvidence.objects.select_related("case_finding__case", "review_finding__review")


Citing = TypeVar("Citing", Lesson, Recommendation, Situation)
PLAIN_LESSON_FIELDS = tuple(each for each in LESSON_FIELDS if each.attribute)
PLAIN_RECOMMENDATION_FIELDS = tuple(each for each in RECOMMENDATION_FIELDS if each.attribute)
PLAIN_SITUATION_FIELDS = tuple(each for each in SITUATION_FIELDS if each.attribute)
SUREST_FIRST = tuple(ConfidenceLevel)


def lesson_companions(rows: QuerySet[Lesson]) -> Iterator[Record]:
    """What a lesson publishes along with itself: its themes, and the references that its texts name."""
    yield from Theme.objects.filter(lessons__in=rows).distinct()
    yield from references_named_by(rows, PLAIN_LESSON_FIELDS)


def recommendation_companions(rows: QuerySet[Recommendation]) -> Iterator[Record]:
    """What a recommendation publishes along with itself: the references of its policy context and of its texts."""
    yield from Reference.objects.filter(policycitations__context__recommendation__in=rows).distinct()
    yield from references_named_by(rows, PLAIN_RECOMMENDATION_FIELDS)


def references_named_by(rows: QuerySet[Citing], fields: Sequence[Field]) -> QuerySet[Reference]:
    """The references that the texts of these records name by key."""
    return references_named(rows.values_list(*list_attributes(fields)))


@register_source(Lesson, "lesson", companions=lesson_companions)
def render_lessons(rows: QuerySet[Lesson]) -> Iterator[Rendition]:
    """Lessons, with evidence for and against, transfer to the NHS and agreed confidence."""
    lessons = list(
        rows.prefetch_related(
            "themes",
            Prefetch("evidence", LESSON_EVIDENCE),
            Prefetch("assessments", LessonAssessment.objects.filter(agreed=True)),
        )
    )
    cited = CitedNames([entry_of(PLAIN_LESSON_FIELDS, lesson) for lesson in lessons])
    for lesson in lessons:
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
        derived = {
            "sectors": sectors,
            "cases": sorted(case.slug for case in cases),
            "cited": cited.of(entry),
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
            derived=derived,
            sort_key=natural_sort_key(lesson.code),
            terms=frozenset(terms_of((*LESSON_FIELDS, *LESSON_DERIVED), {**entry, **derived})),
            rests_on=reference_keys(entry, [])
            | frozenset(RecordKey("finding", item["finding"].lower()) for item in evidence),
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


def policy_entry(recommendation: Recommendation) -> JSONObject | None:
    """The policy context of a recommendation in package form."""
    context = getattr(recommendation, "policy_context", None)
    if context is None:
        return None
    return {
        "as_of": context.as_of,
        "exists_already": context.exists_already,
        "what_this_adds": context.what_this_adds,
        "who_holds_the_power": context.who_holds_the_power,
        "what_may_change": context.what_may_change,
        "review_by": context.review_by,
        "citations": [citation.entry() for citation in context.citations.all()],
    }


def recommendation_entry(recommendation: Recommendation) -> JSONObject:
    """A recommendation in package form."""
    return entry_of(
        RECOMMENDATION_FIELDS,
        recommendation,
        {
            "lessons": [ground.lesson.code for ground in recommendation.grounds.all()],
            "relations": [
                {"type": relation.type, "to": relation.target.code, "note": relation.note}
                for relation in recommendation.relations.all()
            ],
            "policy_context": policy_entry(recommendation),
        },
    )


@register_source(Recommendation, "recommendation", companions=recommendation_companions)
def render_recommendations(rows: QuerySet[Recommendation]) -> Iterator[Rendition]:
    """Recommendations, with the relations they state and, derived, those that others state about them."""
    labels = TermLabels()
    lessons = Lesson.objects.prefetch_related("themes", Prefetch("evidence", LESSON_EVIDENCE))
    found = rows.select_related("policy_context").prefetch_related(
        Prefetch("policy_context__citations", PolicyCitation.objects.select_related("reference")),
        "grounds",
        "departures",
        Prefetch("grounds__lesson", lessons),
        Prefetch("relations", Relation.objects.select_related("target")),
        Prefetch(
            "relations_from", Relation.objects.select_related("source").order_by("source__code", "position", "pk")
        ),
    )
    entries = [(recommendation, recommendation_entry(recommendation)) for recommendation in found]
    cited = CitedNames(entry for _, entry in entries)
    for recommendation, entry in entries:
        grounds = [ground.lesson for ground in recommendation.grounds.all()]
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
            "statement_reading_age": reading_age(recommendation.statement),
            "labels": labels.of(RECOMMENDATION_FIELDS, entry),
            "cited": cited.of(entry),
        }
        yield Rendition(
            record=recommendation,
            kind="recommendation",
            slug=recommendation.slug,
            code=recommendation.code,
            title=recommendation.title,
            summary=recommendation.statement,
            body=join_sentences([recommendation.rationale, *recommendation.actions, recommendation.owner]),
            entry=entry,
            derived=derived,
            sort_key=natural_sort_key(recommendation.code),
            terms=frozenset(
                terms_of((*RECOMMENDATION_FIELDS, *RECOMMENDATION_DERIVED), {**entry, **derived})
                | {f"lesson:{lesson.code.lower()}" for lesson in grounds}
            ),
            rests_on=reference_keys(entry, (entry["policy_context"] or {}).get("citations", []))
            | frozenset(RecordKey("lesson", lesson.slug) for lesson in grounds),
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


def situation_companions(rows: QuerySet[Situation]) -> Iterator[Record]:
    """What a situation publishes along with itself: the references that its texts name."""
    yield from references_named_by(rows, PLAIN_SITUATION_FIELDS)


def situation_entry(situation: Situation) -> JSONObject:
    """A situation in package form."""
    grounds = list(situation.grounds.all())
    return entry_of(
        SITUATION_FIELDS,
        situation,
        {
            "recommendations": [each.recommendation.code for each in grounds if each.recommendation],
            "lessons": [each.lesson.code for each in grounds if each.lesson],
        },
    )


@register_source(Situation, "situation", companions=situation_companions)
def render_situations(rows: QuerySet[Situation]) -> Iterator[Rendition]:
    """Situations, with the themes and audiences of what their answers rest on."""
    grounds = SituationGrounds.objects.select_related("recommendation", "lesson").prefetch_related(
        "lesson__themes", "recommendation__lessons__themes", "lesson__assessments"
    )
    entries = [
        (situation, situation_entry(situation)) for situation in rows.prefetch_related(Prefetch("grounds", grounds))
    ]
    cited = CitedNames(entry for _, entry in entries)
    for situation, entry in entries:
        asked = [each.recommendation for each in situation.grounds.all() if each.recommendation]
        learnt = [each.lesson for each in situation.grounds.all() if each.lesson]
        below = [*learnt, *(lesson for each in asked for lesson in each.lessons.all())]
        derived = {
            "audiences": sorted({audience for each in asked for audience in each.audiences}),
            "themes": sorted({theme.slug for lesson in below for theme in lesson.themes.all()}),
            "cited": cited.of(entry),
        }
        yield Rendition(
            record=situation,
            kind="situation",
            slug=situation.slug,
            code=situation.code,
            title=situation.title,
            summary=situation.answer,
            body=join_sentences([situation.question, *situation.words, *situation.steps, situation.counter_evidence]),
            entry=entry,
            derived=derived,
            sort_key=natural_sort_key(situation.code),
            terms=frozenset(
                terms_of((*SITUATION_FIELDS, *SITUATION_DERIVED), {**entry, **derived})
                | {f"recommendation:{each.code.lower()}" for each in asked}
                | {f"lesson:{each.code.lower()}" for each in learnt}
            ),
            rests_on=reference_keys(entry, [])
            | frozenset(RecordKey("recommendation", each.slug) for each in asked)
            | frozenset(RecordKey("lesson", each.slug) for each in learnt),
            missing=tuple(find_missing_of_situation(situation, asked, learnt)),
        )


def find_missing_of_situation(
    situation: Situation, asked: Sequence[Recommendation], learnt: Sequence[Lesson]
) -> Iterator[MissingItem]:
    """What an answer needs before readers may rely on it."""
    if not (asked or learnt):
        yield MissingItem("It rests on no recommendation and no lesson.", "grounds")
    for name, words in (("answer", "The short answer"), ("counter_evidence", "What speaks against it")):
        if not RECORD_CODE.search(getattr(situation, name)):
            yield MissingItem(f"{words} names no code of what it rests on, such as R4 or LS2.", name)
    if not situation.steps:
        yield MissingItem("It does not say what to do on Monday.", "steps")
    agreed = [each.overall for lesson in learnt for each in lesson.assessments.all() if each.agreed]
    levels = [*(each.confidence for each in asked), *agreed]
    if levels and SUREST_FIRST.index(situation.confidence) < min(map(SUREST_FIRST.index, levels)):
        yield MissingItem("It claims to be surer than everything that it rests on.", "confidence")
