"""The verbs of dossiers: ask and remind, judge and agree, look, and add many rows at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.db import DatabaseError, transaction
from django.db.models import Max

from failure_lessons.accounts.models import User
from failure_lessons.constraints import broken_rule
from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.publishing.two_people import is_same_person
from failure_lessons.vocabularies.choices import AssessmentStatus
from recommendations.follow_up.models import (
    Action,
    Addressee,
    Assessment,
    DueDate,
    FollowUp,
    FollowUpCitation,
    Look,
    Reminder,
    Response,
)


class CannotFollow(Exception):
    """It cannot be written into the dossier. `reasons` says why."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(self.reasons))


def hold_dossier(dossier: FollowUp) -> FollowUp:
    """The dossier, locked until the end of the transaction. Raises `CannotFollow` while it is in review."""
    held = FollowUp.objects.select_for_update().get(pk=dossier.pk)
    if locks := find_review_locks([held]):
        raise CannotFollow(locks)
    held.save(update_fields=["edited_at"])
    return held


@records_actor
def ask(
    *,
    addressee: Addressee,
    by: User,
    day: dt.date,
    how: str,
    proof: str,
    answer_due: dt.date | None = None,
    answer_said: str = "",
    note: str = "",
) -> Addressee | Reminder:
    """Write down that a body was asked, with the proof; once it was, that it was reminded, by the next letter.

    Raises `CannotFollow`: nothing is asked without a proof, or due before it was asked.
    """
    if not proof.strip():
        raise CannotFollow(["Say how we can prove that it was asked: what was sent, to which post, when."])
    try:
        with transaction.atomic():
            hold_dossier(addressee.dossier)
            held = Addressee.objects.select_for_update().get(pk=addressee.pk)
            if held.asked_day is None:
                held.asked_day, held.asked_how, held.proof = day, how, proof
                held.answer_due, held.answer_said = answer_due, answer_said
                held.save()
                return held
            last: int = held.reminders.aggregate(last=Max("number"))["last"] or 1
            earlier = held.reminders.filter(number=last).values_list("day", flat=True).first() or held.asked_day
            if day < earlier:
                raise CannotFollow([f"Letter {last} is of {earlier:%d %B %Y}: a later one cannot be older."])
            if answer_due or answer_said:
                raise CannotFollow(["The day for an answer stays as it was asked for: a reminder does not move it."])
            return Reminder.objects.create(addressee=held, number=last + 1, day=day, how=how, proof=proof)
    except DatabaseError as error:
        raise CannotFollow([broken_rule(error)]) from error


def cite_rows(target: str, row: object, sources: Sequence[Mapping[str, object]]) -> None:
    """The citations of a new statement."""
    FollowUpCitation.objects.bulk_create(
        FollowUpCitation(**{target: row}, **source, position=place) for place, source in enumerate(sources)
    )


@records_actor
def judge(
    *,
    dossier: FollowUp,
    by: User,
    values: Mapping[str, object],
    sources: Sequence[Mapping[str, object]],
    day: dt.date,
    note: str = "",
) -> Assessment:
    """Write one person's judgement, in place of the one that waited for a second. It counts once somebody else agrees.

    Raises `CannotFollow` by the rule that it breaks.
    """
    if not sources:
        raise CannotFollow(["A judgement has a source: give at least one."])
    try:
        with transaction.atomic():
            held = hold_dossier(dossier)
            held.assessments.filter(status=AssessmentStatus.PROVISIONAL).delete()
            last = held.assessments.aggregate(last=Max("position"))["last"]
            made = Assessment.objects.create(
                dossier=held, position=0 if last is None else last + 1, assessor=by, day=day, **values
            )
            cite_rows("assessment", made, sources)
            return made
    except DatabaseError as error:
        raise CannotFollow([broken_rule(error)]) from error


@records_actor
def agree(*, dossier: FollowUp, by: User, note: str = "") -> Assessment:
    """Let the judgement that waits count: somebody else agrees with it. The one before becomes past.

    Raises `CannotFollow`: nobody agrees with themselves, and states move as the table of moves allows.
    """
    try:
        with transaction.atomic():
            held = hold_dossier(dossier)
            waiting = held.assessments.filter(status=AssessmentStatus.PROVISIONAL).first()
            if waiting is None:
                raise CannotFollow(["There is no judgement that waits for a second person."])
            if is_same_person(by, waiting.assessor_id):
                raise CannotFollow(["Two people assess: somebody else has to agree with your judgement."])
            held.assessments.filter(status=AssessmentStatus.CURRENT).update(status=AssessmentStatus.PAST)
            waiting.status, waiting.agreed_by = AssessmentStatus.CURRENT, by
            waiting.save()
            return waiting
    except DatabaseError as error:
        raise CannotFollow([broken_rule(error)]) from error


@records_actor
def look(*, dossier: FollowUp, by: User, day: dt.date, where: str, found: str, note: str = "") -> Look:
    """Write down that somebody searched for an answer, where, and what they found."""
    with transaction.atomic():
        held = hold_dossier(dossier)
        return Look.objects.create(dossier=held, position=held.looks.count(), day=day, where=where, found=found)


@records_actor
def move_due_date(
    *,
    action: Action,
    by: User,
    day: dt.date,
    said_on: str,
    reason: str,
    sources: Sequence[Mapping[str, object]],
    note: str = "",
) -> DueDate:
    """Add the day by which an action is to be done; a further one says why, and every earlier one stays."""
    try:
        with transaction.atomic():
            hold_dossier(action.dossier)
            made = DueDate.objects.create(
                action=action, position=action.due_dates.count(), day=day, said_on=said_on, reason=reason
            )
            cite_rows("due_date", made, sources)
            return made
    except DatabaseError as error:
        raise CannotFollow([broken_rule(error)]) from error


@records_actor
def add_rows(
    *,
    dossier: FollowUp,
    by: User,
    target: str,
    rows: Sequence[tuple[Mapping[str, object], list[dict[str, object]]]],
    note: str = "",
) -> int:
    """Responses or actions, each with its sources: all or none. Says how many. Raises `CannotFollow`."""
    model: type[Response] | type[Action] = Response if target == "response" else Action
    try:
        with transaction.atomic():
            held = hold_dossier(dossier)
            last = model._default_manager.filter(dossier=held).aggregate(last=Max("position"))["last"]
            start = 0 if last is None else last + 1
            for place, (values, sources) in enumerate(rows, start=start):
                made = model._default_manager.create(dossier=held, position=place, **values)
                cite_rows(target, made, sources)
            return len(rows)
    except DatabaseError as error:
        raise CannotFollow([broken_rule(error)]) from error
