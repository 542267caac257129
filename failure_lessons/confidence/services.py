"""The verbs of confidence: rate on one's own, propose what was agreed, confirm it. For review findings and lessons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Manager, ManyToOneRel, Model

from failure_lessons.confidence.models import CerqualBase
from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.models import Record
from failure_lessons.publishing.review_lock import find_review_locks, owning_records
from failure_lessons.publishing.two_people import is_same_person

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

RATING_FIELDS = tuple(
    name for each in (*CerqualBase.COMPONENTS, "overall") for name in (each, f"{each}_reason")
)  # the columns that a rater fills


class CannotRate(Exception):
    """Nothing was written; `reasons` says why and what to do."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


def assessments_of(record: Record) -> Manager[CerqualBase]:
    """The assessments of a finding of a review, or of a lesson."""
    found: Manager[CerqualBase] = record.assessments  # type: ignore[attr-defined]  # what is rated has them
    return found


def assessment_relation(model: type[Model]) -> ManyToOneRel:
    """What leads from a record to its assessments."""
    relation = model._meta.get_field("assessments")
    if not isinstance(relation, ManyToOneRel):
        raise TypeError(f"{model.__name__} has no assessments.")
    return relation


def lock_rated_record(record: Record) -> None:
    """The record, held until the transaction ends."""
    if type(record)._default_manager.select_for_update().filter(pk=record.pk).first() is None:
        raise CannotRate("This record is no longer here.")


def build_assessment(record: Record, values: Mapping[str, str], **who: User | bool) -> CerqualBase:
    """An assessment of the record with these values, checked, unsaved. Raises `CannotRate` for whatever is missing."""
    made = assessments_of(record).model(**{assessment_relation(type(record)).field.name: record}, **who)
    for name in RATING_FIELDS:
        setattr(made, name, str(values.get(name, "")).replace("\0", "").strip())
    if not made.overall_reason:
        raise CannotRate("Overall: say why. The level is chosen, so it has a reason.")
    try:
        made.clean_fields()
        made.validate_constraints(exclude={"rater", "agreed"})
    except ValidationError as error:
        raise CannotRate(
            *(
                f"{name.replace('_', ' ').capitalize().removeprefix('__all__')}: {' '.join(each)}".removeprefix(": ")
                for name, each in error.message_dict.items()
            )
        ) from None
    return made


def independent_ratings(record: Record) -> list[CerqualBase]:
    """The independent ratings of a record, the oldest first."""
    return list(assessments_of(record).filter(rater__isnull=False).select_related("rater").order_by("pk"))


@transaction.atomic
@records_actor
def rate_confidence(*, record: Record, values: Mapping[str, str], by: User, note: str = "") -> CerqualBase:
    """Keep one's own rating, given without seeing those of others.

    It may be changed until a second person has rated; from then on it stands, so that agreement means something.
    """
    lock_rated_record(record)
    others = [each for each in independent_ratings(record) if each.rater_id != by.pk]
    own = assessments_of(record).filter(rater=by)
    if own.exists() and others:
        raise CannotRate(
            "Somebody else has rated too, so your rating stands. Discuss it, and propose what you agree on."
        )
    own.delete()
    made = build_assessment(record, values, rater=by, agreed=False)
    made.save()
    return made


@transaction.atomic
@records_actor
def propose_assessment(*, record: Record, values: Mapping[str, str], by: User, note: str = "") -> CerqualBase:
    """Write down what was agreed in discussion. It counts once somebody else confirms it; till then it may be replaced.

    Raises `CannotRate` before two people have rated independently.
    """
    lock_rated_record(record)
    if len(independent_ratings(record)) < 2:
        raise CannotRate("Two people have to rate on their own before anything is agreed.")
    assessments_of(record).filter(proposed_by__isnull=False, agreed=False).delete()
    made = build_assessment(record, values, proposed_by=by, agreed=False)
    made.save()
    return made


@transaction.atomic
@records_actor
def confirm_assessment(*, record: Record, proposal: int, by: User, note: str = "") -> CerqualBase:
    """Agree to what somebody else proposed: it takes the place of the agreed assessment.

    `proposal` is the key of what the person saw, so that nobody confirms what was replaced meanwhile. One of the two
    has to be a rater.
    """
    lock_rated_record(record)
    if locks := find_review_locks(owning_records([record])):
        raise CannotRate(*locks)
    row = assessments_of(record).filter(pk=proposal, proposed_by__isnull=False, agreed=False).first()
    if row is None:
        raise CannotRate("This proposal was replaced or confirmed meanwhile. Look again.")
    if is_same_person(by, row.proposed_by_id):
        raise CannotRate("Somebody else has to confirm what you proposed.")
    if not {row.proposed_by_id, by.pk} & {each.rater_id for each in independent_ratings(record)}:
        raise CannotRate("One of the two who agree has to be a rater.")
    assessments_of(record).filter(agreed=True).delete()
    row.agreed, row.confirmed_by = True, by
    row.save(update_fields=["agreed", "confirmed_by"])
    return row
