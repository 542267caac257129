"""How recommendations are asked what good practice asks, where reasons for departing are kept; advice on lessons."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from failure_lessons.accounts.models import User
from failure_lessons.publishing.quality_checks import Answers, QualityHooks, QualityIssue, register_quality_hooks
from failure_lessons.publishing.renditions import Rendition, render_records
from failure_lessons.types import JSONObject
from recommendations.evidence_notes import find_repeating_notes
from recommendations.models import Departure, Lesson, Recommendation
from recommendations.quality import check_recommendation


def document_to_check(rendition: Rendition) -> JSONObject:
    """What a check reads of a recommendation in the workbench."""
    return {**rendition.entry, "derived": rendition.derived}


def find_recommendation_issues(records: Sequence[Recommendation]) -> dict[uuid.UUID, list[QualityIssue]]:
    """The doubts about each of these, held against every recommendation that was not withdrawn. Nine queries."""
    state = Recommendation.State.WITHDRAWN
    renditions = render_records(Recommendation.objects.exclude(state=state))
    known = {rendition.record.record_id: rendition for rendition in renditions}
    missing = [record for record in records if record.record_id not in known]
    known |= {rendition.record.record_id: rendition for rendition in render_records(missing)}
    documents = [document_to_check(rendition) for rendition in renditions]
    found = {}
    for record in records:
        rendition = known[record.record_id]
        # what publishing refuses anyway is told there, and no reason can answer it
        refused = {lack.place for lack in rendition.missing}
        found[record.record_id] = [
            each for each in check_recommendation(document_to_check(rendition), documents) if each.place not in refused
        ]
    return found


def departure_reasons(records: Sequence[Recommendation]) -> dict[uuid.UUID, dict[tuple[str, str], str]]:
    """The reasons given so far, by what they answer."""
    given: dict[uuid.UUID, dict[tuple[str, str], str]] = {}
    rows = Departure.objects.filter(recommendation__in=records).select_related("recommendation")
    for row in rows:
        given.setdefault(row.recommendation.record_id, {})[row.check_code, row.found] = row.reason
    return given


def keep_departures(record: Recommendation, answers: Answers, by: User) -> None:
    """Let exactly these reasons stand. Those that stood already keep their author and date."""
    there = {(row.check_code, row.found): row for row in record.departures.select_for_update()}
    for key, row in there.items():
        if answers.get(key) != row.reason:
            row.delete()
    Departure.objects.bulk_create(
        Departure(recommendation=record, check_code=code, found=found, reason=reason, by=by)
        for (code, found), reason in sorted(answers.items())
        if (code, found) not in there or there[code, found].reason != reason
    )


register_quality_hooks(Recommendation, QualityHooks(find_recommendation_issues, departure_reasons, keep_departures))
register_quality_hooks(Lesson, QualityHooks(find_repeating_notes))
