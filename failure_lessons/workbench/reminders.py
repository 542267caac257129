"""What is to be looked at again: records whose day has come, on the first page of the workbench and by mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.registry import KINDS, SOURCES
from failure_lessons.workbench.form_anchors import form_address
from failure_lessons.workbench.notices import edit_address, find_reviewers, send_notices

AHEAD = dt.timedelta(days=30)  # how long before its day a record stands in the queue
MOST_DUE = 15  # rows of the panel


@dataclass(frozen=True)
class DueRecord:
    """A record that is to be looked at again: what is to be done, by when, and whether the day has come."""

    record: Publishable
    kind: str
    url: str
    what: str
    by: str
    day: dt.date
    is_late: bool


def list_due(today: dt.date, ahead: dt.timedelta = AHEAD) -> list[DueRecord]:
    """Everything due, the longest overdue first. One query for each kind that is reviewed by a day."""
    found = []
    for model, source in SOURCES.items():
        kind = KINDS[source.kind]
        if kind.review is None or not issubclass(model, Publishable):
            continue
        rows = (
            model._default_manager.filter(**{f"{kind.review.column}__lte": today + ahead})
            .exclude(state=Publishable.State.WITHDRAWN)
            .values_list("pk", kind.review.column, kind.review.told)
        )
        days = {pk: (day, told) for pk, day, told in rows}
        for record in model._default_manager.in_bulk(list(days)).values():
            day, told = days[record.pk]
            found.append(DueRecord(record, kind.label, form_address(record), kind.review.what, told, day, day <= today))
    return sorted(found, key=lambda each: (each.day, str(each.record)))


@transaction.atomic
def send_reminders(today: dt.date) -> int:
    """Mail those who review what is due by today. Returns how many records the mail names; none, no mail."""
    due = [each for each in list_due(today) if each.is_late]
    if due:
        send_notices(list(find_reviewers()), "due", name_due(due), tell_due(due))
    return len(due)


def name_due(due: Sequence[DueRecord]) -> str:
    """The subject of the mail."""
    return f"To be looked at again: {due[0].record if len(due) == 1 else f'{len(due)} records'}"


def tell_due(due: Sequence[DueRecord]) -> list[str]:
    """The lines of the mail."""
    told = (f"{each.record}\n{each.what} (by {each.by})\n{edit_address(each.record)}\n" for each in due)
    return ["The day has come for:", "", *told]
