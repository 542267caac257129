"""The verbs of answering comments: two people read one, decide what became of it, and say so in public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.two_people import is_same_person
from recommendations.consultations.answers import Disposition, Submitted
from recommendations.consultations.models import ConsultationRound
from recommendations.consultations.services import refuse_round, tells_broken_rules

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User


@tells_broken_rules
def read_words(*, submitted: Submitted, public_text: str, by: User) -> None:
    """The first reading, for names and for the law: what readers would get of it, if anything."""
    row = Submitted.objects.select_for_update().get(pk=submitted.pk)
    if public_text and row.permission == Submitted.Permission.NEITHER:
        refuse_round(["The participant does not want anything of this published."])
    if public_text == row.text and row.permission != Submitted.Permission.WORDS:
        refuse_round(["The participant wants it said in other words: write a paraphrase."])
    row.read_by, row.read_again_by, row.public_text = by, None, public_text.strip()
    row.save(update_fields=["read_by", "read_again_by", "public_text"])


@tells_broken_rules
def confirm_reading(*, submitted: Submitted, by: User) -> None:
    """The second reading, by somebody else: from now on readers may get it."""
    row = Submitted.objects.select_for_update().get(pk=submitted.pk)
    if not row.read_by_id:
        refuse_round(["Somebody has to read it first."])
    if is_same_person(by, row.read_by_id):
        refuse_round(["Two people read a comment: somebody else has to read it too."])
    row.read_again_by = by
    row.save(update_fields=["read_again_by"])


@tells_broken_rules
def decide_comment(
    *,
    submitted: Submitted,
    outcome: str,
    reason: str,
    by: User,
    change: str = "",
    repeats: Submitted | None = None,
) -> Disposition:
    """Propose what becomes of a comment, with the reason that readers are told; another person agrees."""
    made, _ = Disposition.objects.update_or_create(
        submitted=submitted,
        defaults={
            "outcome": outcome,
            "reason": reason.strip(),
            "change": change.strip(),
            "repeats": repeats,
            "edition": None,
            "by": by,
            "agreed_by": None,
        },
    )
    return made


@tells_broken_rules
def agree_on_comment(*, disposition: Disposition, by: User) -> None:
    """Agree with what somebody else proposed."""
    row = Disposition.objects.select_for_update().get(pk=disposition.pk)
    if is_same_person(by, row.by_id):
        refuse_round(["Somebody else has to agree with what you proposed."])
    row.agreed_by = by
    row.save(update_fields=["agreed_by"])


def link_changes(consultation: ConsultationRound) -> int:
    """Name, for each accepted comment, the edition in which its change was published. Returns how many are named."""
    waiting = Disposition.objects.filter(
        submitted__answerer__round=consultation, outcome__in=["accepted", "accepted-in-part"], edition=None
    ).exclude(change="")
    after = consultation.closed_at or F("published_at")
    changed = Edition.objects.current().filter(code__in=waiting.values("change"), published_at__gt=after)
    named = 0
    for edition in changed.only("pk", "code"):
        named += waiting.filter(change=edition.code).update(edition=edition)
    return named
