"""From package entries to records: lessons, recommendations and situations."""

from __future__ import annotations

from casestudies.models import CaseFinding
from failure_lessons.packages.loading import PrimaryKeys, cerqual_values, number_positions, upsert_record
from failure_lessons.publishing.fields import values_of, write_rows
from failure_lessons.publishing.registry import Entry
from literature.loaders import build_citations
from literature.models import ReviewFinding
from recommendations.fields import RECOMMENDATION_FIELDS
from recommendations.lesson_fields import LESSON_FIELDS
from recommendations.models import (
    Grounds,
    Lesson,
    LessonAssessment,
    LessonEvidence,
    PolicyCitation,
    PolicyContext,
    Recommendation,
    Relation,
    Situation,
    SituationGrounds,
)
from recommendations.situation_fields import SITUATION_FIELDS


def load_lesson(entry: Entry, keys: PrimaryKeys) -> Lesson:
    """A lesson with its evidence and agreed confidence."""
    lesson = upsert_record(Lesson, {"code": entry["code"]}, values_of(LESSON_FIELDS, entry))
    through = Lesson.themes.through
    lesson.themes.clear()
    through._default_manager.bulk_create(
        through(lesson_id=lesson.pk, theme_id=keys["theme"][theme]) for theme in entry.get("themes", [])
    )
    lesson.evidence.all().delete()
    codes = [item["finding"] for item in entry.get("evidence", [])]
    cases = dict(CaseFinding.objects.filter(code__in=codes).values_list("code", "pk"))
    reviews = dict(ReviewFinding.objects.filter(code__in=codes).values_list("code", "pk"))
    LessonEvidence.objects.bulk_create(
        number_positions(
            [
                LessonEvidence(
                    lesson=lesson,
                    case_finding_id=cases.get(item["finding"]),
                    review_finding_id=reviews.get(item["finding"]),
                    relation=item["relation"],
                    note=item.get("note", ""),
                )
                for item in entry.get("evidence", [])
            ]
        )
    )
    lesson.assessments.filter(agreed=True).delete()
    if entry.get("cerqual"):
        LessonAssessment.objects.create(lesson=lesson, agreed=True, **cerqual_values(entry["cerqual"]))
    return lesson


def load_recommendation(entry: Entry, keys: PrimaryKeys) -> Recommendation:
    """A recommendation and the lessons it rests on. Its relations come after all recommendations are there."""
    recommendation = upsert_record(Recommendation, {"code": entry["code"]}, values_of(RECOMMENDATION_FIELDS, entry))
    write_rows(RECOMMENDATION_FIELDS, recommendation, entry)
    load_policy_context(recommendation, entry.get("policy_context"), keys)
    recommendation.grounds.all().delete()
    lessons = dict(Lesson.objects.filter(code__in=entry.get("lessons", [])).values_list("code", "pk"))
    Grounds.objects.bulk_create(
        number_positions(
            [Grounds(recommendation=recommendation, lesson_id=lessons[code]) for code in entry.get("lessons", [])]
        )
    )
    return recommendation


def load_policy_context(recommendation: Recommendation, entry: Entry | None, keys: PrimaryKeys) -> None:
    """The policy context of a recommendation, written anew; none where the entry has none."""
    PolicyContext.objects.filter(recommendation=recommendation).delete()
    if entry:
        values = {name: value or "" for name, value in entry.items() if name != "citations"}
        context = PolicyContext.objects.create(recommendation=recommendation, **values)
        citations = build_citations(PolicyCitation, {"context": context}, entry.get("citations", []), keys)
        PolicyCitation.objects.bulk_create(citations)


def load_relations(entries: list[Entry]) -> None:
    """The relations that recommendations state, once all of them are there."""
    for entry in entries:
        load_relations_of(entry)


def load_relations_of(entry: Entry) -> None:
    """The relations that one recommendation states."""
    source = Recommendation.objects.get(code=entry["code"])
    targets = {item["to"] for item in entry.get("relations", [])}
    keys = dict(Recommendation.objects.filter(code__in=targets).values_list("code", "pk"))
    source.relations.all().delete()
    Relation.objects.bulk_create(
        number_positions(
            [
                Relation(source=source, target_id=keys[item["to"]], type=item["type"], note=item.get("note", ""))
                for item in entry.get("relations", [])
            ]
        )
    )


def load_situation(entry: Entry, keys: PrimaryKeys) -> Situation:
    """A situation and what its answer rests on: the recommendations first, then the lessons."""
    situation = upsert_record(Situation, {"code": entry["code"]}, values_of(SITUATION_FIELDS, entry))
    situation.grounds.all().delete()
    grounds = []
    for name, model in (("recommendation", Recommendation), ("lesson", Lesson)):
        codes = entry.get(f"{name}s", [])
        rows = dict(model.objects.filter(code__in=codes).values_list("code", "pk"))
        grounds += [SituationGrounds(situation=situation, **{f"{name}_id": rows[code]}) for code in codes]
    SituationGrounds.objects.bulk_create(number_positions(grounds))
    return situation
