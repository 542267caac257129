"""How recommendations are asked what good practice asks, and where the reasons for departing from it are kept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from failure_lessons.publishing.quality_checks import Answers, Doubt, Doubter, doubted
from failure_lessons.publishing.renditions import Rendition, rendered
from recommendations.models import Departure, Recommendation
from recommendations.quality import check


def document(rendition: Rendition) -> dict[str, Any]:
    """What a check reads of a recommendation in the workbench."""
    return {**rendition.entry, "derived": rendition.derived}


def find(records: Sequence[Recommendation]) -> dict[uuid.UUID, list[Doubt]]:
    """The doubts about each of these, held against every recommendation that was not withdrawn. Nine queries."""
    state = Recommendation.State.WITHDRAWN
    renditions = rendered(Recommendation.objects.exclude(state=state))
    known = {rendition.record.record_id: rendition for rendition in renditions}
    missing = [record for record in records if record.record_id not in known]
    known |= {rendition.record.record_id: rendition for rendition in rendered(missing)}
    documents = [document(rendition) for rendition in renditions]
    found = {}
    for record in records:
        rendition = known[record.record_id]
        # what publishing refuses anyway is told there, and no reason can answer it
        refused = {lack.place for lack in rendition.missing}
        found[record.record_id] = [each for each in check(document(rendition), documents) if each.place not in refused]
    return found


def reasons(records: Sequence[Recommendation]) -> dict[uuid.UUID, dict[tuple[str, str], str]]:
    """The reasons given so far, by what they answer."""
    given: dict[uuid.UUID, dict[tuple[str, str], str]] = {}
    rows = Departure.objects.filter(recommendation__in=records).select_related("recommendation")
    for row in rows:
        given.setdefault(row.recommendation.record_id, {})[row.check_code, row.found] = row.reason
    return given


def keep(record: Recommendation, answers: Answers, by: Any) -> None:
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


doubted(Recommendation, Doubter(find, reasons, keep))
