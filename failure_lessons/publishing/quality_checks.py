"""What good practice asks of a record beyond what `publish` needs, and the reasons for departing from it.

A kind of record registers how it is asked (`register_quality_hooks`). Whoever submits mends what is found, or gives a
reason, which is published with the edition. People's doors ask (the workbench, the API);
the services of publishing do not, so that a package that others have published can be loaded as it is (decision 11).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import transaction

from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.services import CannotPublish

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

Asked = TypeVar("Asked", bound=Publishable)
Answers = Mapping[tuple[str, str], str]  # reasons by check and what it found


@dataclass(frozen=True)
class QualityIssue:
    """What was asked (`asked`), what was `found` (with the words), how to `mend` it and who asks for it (`source`).

    `code` names the check, `place` the field to mend, `answer` is the reason for leaving it so, where one was given.
    What is advice (`is_advice`) is told and needs no reason.
    """

    code: str
    asked: str
    found: str
    mend: str
    source: str
    place: str = ""
    answer: str = ""
    is_advice: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What a reason answers: this check having found this. Other words make another doubt."""
        return self.code, self.found


class CannotLeaveOpen(CannotPublish):
    """Doubts are neither mended nor answered; `find_quality_issues` holds them."""

    def __init__(self, found: Sequence[tuple[Publishable, QualityIssue]]) -> None:
        super().__init__(
            [
                f"{record}: {each.asked} Found: {each.found} {each.mend} Or give a reason when you submit it."
                for record, each in found
            ]
        )
        self.doubts = [each for _, each in found]


@dataclass(frozen=True)
class QualityHooks(Generic[Asked]):
    """How a kind of record is asked: `find` the doubts, `reasons` given so far, and `keep` (record, answers, by).

    A kind that is given advice alone has neither `reasons` nor `keep`.
    """

    find: Callable[[Sequence[Asked]], dict[uuid.UUID, list[QualityIssue]]]
    reasons: Callable[[Sequence[Asked]], dict[uuid.UUID, dict[tuple[str, str], str]]] | None = None
    keep: Callable[[Asked, Answers, User], None] | None = None


QUALITY_HOOKS: dict[type[Publishable], QualityHooks[Any]] = {}


def register_quality_hooks(model: type[Asked], doubter: QualityHooks[Asked]) -> None:
    """Register how records of `model` are asked."""
    QUALITY_HOOKS[model] = doubter


def find_quality_issues(records: Sequence[Publishable]) -> dict[uuid.UUID, list[QualityIssue]]:
    """The doubts about each record (by `record_id`), with the reasons given. The queries do not grow with them."""
    found: dict[uuid.UUID, list[QualityIssue]] = {record.record_id: [] for record in records}
    for model, doubter in QUALITY_HOOKS.items():
        rows = [record for record in records if type(record) is model]
        if rows:
            reasons = doubter.reasons(rows) if doubter.reasons else {}
            for key, items in doubter.find(rows).items():
                given = reasons.get(key, {})
                found[key] = [replace(item, answer=given.get(item.key, "")) for item in items]
    return found


@transaction.atomic
@records_actor
def settle_quality_issues(*, records: Sequence[Publishable], by: User, answers: Answers | None = None) -> None:
    """See to it that no doubt about these records is open; `answers` are kept first, and reasons no longer needed go.

    Raises `CannotLeaveOpen` with every doubt that is neither mended nor answered.
    """
    for record in records:
        doubter = QUALITY_HOOKS.get(type(record))
        if doubter and doubter.keep and answers is not None:
            there = {each.key: each.answer for each in find_quality_issues([record])[record.record_id]}
            said = {key: (answers.get(key) or answer).strip() for key, answer in there.items()}
            doubter.keep(record, {key: reason for key, reason in said.items() if reason}, by)
    found = find_quality_issues(records)
    still = [
        (record, each)
        for record in records
        for each in found[record.record_id]
        if not each.answer and not each.is_advice
    ]
    if still:
        raise CannotLeaveOpen(still)
