"""The verbs of taking part: agree, answer, finish, withdraw, take one's answers along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from failure_lessons.types import JSONObject
from recommendations.consultations.answers import Answerer, Conflict, Rating, Submitted
from recommendations.consultations.models import ConsultationRound, Invitation, Statement
from recommendations.consultations.people import Participant
from recommendations.consultations.pseudonyms import pseudonym_of
from recommendations.consultations.saving import (
    CANNOT_JUDGE,
    MOST_WORDS_OF_ONE,
    TOO_MANY_WORDS,
    Saved,
    clean_words,
    find_words_fault,
)
from recommendations.consultations.services import CannotMoveRound, tells_broken_rules


@dataclass
class Seat:
    """Where somebody sits: their invitation, their round, and the pseudonym under which they answer."""

    invitation: Invitation
    pseudonym: str

    @property
    def round(self) -> ConsultationRound:
        return self.invitation.participant.round

    def find_answerer(self) -> Answerer | None:
        """Their row on the side of answers, once there is one."""
        return (
            Answerer.objects.filter(round=self.round, pseudonym=self.pseudonym).select_related("round", "group").first()
        )


@tells_broken_rules
def give_consent(*, seat: Seat, conflicts: Iterable[Statement]) -> Answerer:
    """Agree to the notice as it stands, and say in which statements one has an interest."""
    round = seat.round  # noqa: A001  # what it is
    person = seat.invitation.participant
    who, _ = Answerer.objects.get_or_create(
        round=round,
        pseudonym=seat.pseudonym,
        defaults={
            "group_id": person.group_id,
            "participant": person if round.anonymity == ConsultationRound.Anonymity.NAMED else None,
        },
    )
    who.notice_version, who.consented_on = round.notice_version, timezone.localdate()
    who.save(update_fields=["notice_version", "consented_on"])
    who.conflicts.all().delete()
    Conflict.objects.bulk_create(Conflict(answerer=who, statement=each) for each in conflicts)
    if round.is_joinable:
        move_participant(seat, Participant.Standing.CONSENTED, Participant.Standing.INVITED)
    return who


def move_participant(seat: Seat, standing: str, *only_from: str) -> None:
    """Write down how far a person has come, where the round may know it."""
    rows = Participant.objects.filter(pk=seat.invitation.participant_id)
    (rows.filter(standing__in=only_from) if only_from else rows).update(standing=standing)


@tells_broken_rules
def give_view(*, who: Answerer, form: str, text: str, permission: str) -> Saved:
    """Save a view of one's own, or a proposal; an own view that is left empty was still asked for."""
    saved, text = Saved(), clean_words(text)
    fault = find_words_fault(text, permission) if text else ""
    if text and not fault and who.submitted.count() >= MOST_WORDS_OF_ONE:
        fault = TOO_MANY_WORDS
    if fault:
        saved.faults["comment"] = fault
        return saved
    write_view(who, form, text, permission)
    if form == Submitted.Form.OWN_VIEW:
        Answerer.objects.filter(pk=who.pk).update(gave_own_view=True)
    return saved


def write_view(who: Answerer, form: str, text: str, permission: str) -> None:
    """Store a view or a proposal, or take it away where there are no words any more."""
    rows = Submitted.objects.filter(answerer=who, statement=None, form=form)
    if not text:
        rows.delete()
    elif not rows.filter(text=text, permission=permission).exists() and not rows.update(
        text=text, permission=permission
    ):
        Submitted.objects.create(answerer=who, form=form, text=text, permission=permission)


@tells_broken_rules
def finish_answers(*, seat: Seat, who: Answerer) -> None:
    """Say that one has finished; everything can be changed until the round closes."""
    Answerer.objects.filter(pk=who.pk).update(finished_on=timezone.localdate())
    if seat.round.is_joinable:
        move_participant(seat, Participant.Standing.ANSWERED)


@tells_broken_rules
def withdraw_answers(*, seat: Seat) -> None:
    """Delete whatever was answered while the round is open, and stop every link."""
    if seat.round.stage != ConsultationRound.Stage.OPEN:
        raise CannotMoveRound(["The round is closed, and what was answered is counted. Write to us instead."])
    Answerer.objects.filter(round=seat.round, pseudonym=seat.pseudonym).delete()
    move_participant(seat, Participant.Standing.WITHDRAWN)
    seat.invitation.participant.invitations.update(revoked_at=timezone.now())


def describe_answers(who: Answerer) -> JSONObject:
    """Everything that somebody answered, for themselves."""
    return {
        "round": who.round.title,
        "group": who.group.name,
        "consented_on": f"{who.consented_on:%Y-%m-%d}" if who.consented_on else None,
        "privacy_notice": who.notice_version,
        "conflicts_of_interest": [each.statement.code for each in who.conflicts.select_related("statement")],
        "answers": [
            {
                "statement": each.statement.code,
                "question": each.question.code,
                "answer": CANNOT_JUDGE if each.cannot_judge else each.value or each.choice,
                "is_counted": each.is_counted,
                "reason_for_change": each.reason,
            }
            for each in who.ratings.select_related("statement", "question").order_by(
                "statement__position", "question__position"
            )
        ],
        "words": [
            {
                "form": each.form,
                "statement": each.statement.code if each.statement else None,
                "text": each.text,
                "permission": each.permission,
            }
            for each in who.submitted.select_related("statement")
        ],
        "votes": [
            {"vote": each.vote.wording, "chosen": each.choice}
            for each in who.ballots.select_related("vote").order_by("vote__session", "vote__position")
        ],
    }


def read_earlier(who: Answerer, statement: Statement) -> dict[str, int]:
    """What the same person rated in the round before, by question; nothing in an anonymous round."""
    if not (statement.came_from_id and who.round.is_joinable):
        return {}
    with transaction.atomic():
        rows = Rating.objects.filter(
            statement=statement.came_from_id, answerer__pseudonym=who.pseudonym, value__isnull=False
        )
        return {code: value for code, value in rows.values_list("question__code", "value") if value}


def seat_of(invitation: Invitation, pseudonym: str = "") -> Seat:
    """The seat that an invitation gives; in an anonymous round the pseudonym comes from the link."""
    if invitation.participant.round.is_joinable:
        pseudonym = pseudonym_of(invitation.participant)
    return Seat(invitation, pseudonym)
