"""The verbs of taking part: agree, answer, finish, withdraw, take one's answers along."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from failure_lessons.types import JSONObject
from recommendations.consultations.answers import LONGEST_WORDS, Answerer, Conflict, Rating, Submitted
from recommendations.consultations.models import ConsultationRound, Invitation, Question, Statement
from recommendations.consultations.people import Participant
from recommendations.consultations.pseudonyms import pseudonym_of
from recommendations.consultations.services import CannotMoveRound, tells_broken_rules
from recommendations.consultations.statistics import SCALE

CANNOT_JUDGE = "cannot-judge"
MOST_WORDS_OF_ONE = 200  # comments of one person in a round


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


@dataclass
class AnswerSheet:
    """What a person sends about one statement: by code of the question, what was chosen; and their words."""

    chosen: Mapping[str, Sequence[str]]
    reasons: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    permission: str = Submitted.Permission.PARAPHRASE
    seen: str = ""


@dataclass
class Saved:
    """How saving went: faults by code of the question, and what a newer answer of another device says."""

    faults: dict[str, str] = field(default_factory=dict)
    newer: dict[str, str] = field(default_factory=dict)

    @property
    def comment_fault(self) -> str:
        return self.faults.get("comment", "")

    @property
    def newer_comment(self) -> str:
        return self.newer.get("comment", "")

    @property
    def is_good(self) -> bool:
        return not (self.faults or self.newer)


def read_answers(who: Answerer, statement: Statement) -> dict[str, str]:
    """What is stored of one statement, as a form says it."""
    found = {}
    for each in who.ratings.filter(statement=statement).select_related("question"):
        found[each.question.code] = CANNOT_JUDGE if each.cannot_judge else str(each.value or each.choice)
    words = who.submitted.filter(statement=statement, form=Submitted.Form.COMMENT).first()
    found["comment"] = words.text if words else ""
    found["permission"] = words.permission if words else ""
    return found


def digest_answers(answers: Mapping[str, str]) -> str:
    """What a form remembers of the answers that it was made with."""
    return hashlib.sha256(repr(sorted(answers.items())).encode()).hexdigest()[:16]


def questions_about(statement: Statement) -> list[Question]:
    """The questions that are asked about a statement, in their order."""
    return [each for each in statement.round.questions.all() if each.is_about(statement)]


@tells_broken_rules
def save_sheet(*, who: Answerer, statement: Statement, sheet: AnswerSheet) -> Saved:
    """Save what can be saved; each fault stays at its field, and a newer answer is never overwritten unseen."""
    Answerer.objects.select_for_update(no_key=True).get(pk=who.pk)
    stored = read_answers(who, statement)
    is_newer = bool(sheet.seen) and sheet.seen != digest_answers(stored)
    questions = {each.code: each for each in questions_about(statement)}
    saved, rows = Saved(), []
    for code in sheet.chosen.keys() - questions.keys():
        saved.faults[code] = "This is not asked here."
    for code, question in questions.items():
        values = [each for each in sheet.chosen.get(code, ()) if each]
        if not values:
            continue
        if fault := find_answer_fault(question, values):
            saved.faults[code] = fault
        elif is_newer and code in stored and stored[code] != values[0]:
            saved.newer[code] = stored[code]
        elif stored.get(code) != values[0] or code in sheet.reasons:
            rows.append(make_rating(who, statement, question, values[0], sheet.reasons.get(code, "")))
    store_ratings(rows)
    save_comment(who, statement, sheet, stored, saved, is_newer)
    return saved


def find_answer_fault(question: Question, values: Sequence[str]) -> str:
    """Why this is no answer to the question; empty where it is."""
    if len(values) > 1:
        return "Choose one answer."
    [value] = values
    if value == CANNOT_JUDGE:
        return ""
    if question.form == Question.Form.CHOICE:
        return "" if value in question.options else "Choose one of the answers that are offered."
    return "" if value in map(str, SCALE) else "Choose a number from 1 to 9, or that you cannot judge."


def make_rating(who: Answerer, statement: Statement, question: Question, value: str, reason: str) -> Rating:
    """The row of one answer."""
    is_scale = question.form == Question.Form.SCALE
    cannot = value == CANNOT_JUDGE
    return Rating(
        answerer=who,
        statement=statement,
        question=question,
        value=int(value) if is_scale and not cannot else None,
        choice="" if is_scale or cannot else value,
        cannot_judge=cannot,
        is_counted=not cannot,
        reason=reason.replace("\0", "").strip()[:500],
    )


def store_ratings(rows: Sequence[Rating]) -> None:
    """All answers about a statement in one statement of SQL."""
    if rows:
        Rating.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["statement", "question", "answerer"],
            update_fields=["value", "choice", "cannot_judge", "is_counted", "reason"],
        )


def save_comment(
    who: Answerer, statement: Statement, sheet: AnswerSheet, stored: Mapping[str, str], saved: Saved, is_newer: bool
) -> None:
    """Save the words about a statement, or say why not."""
    text = sheet.comment.replace("\0", "").replace("\r\n", "\n").strip()
    if text and (fault := find_words_fault(who, text, sheet.permission)):
        saved.faults["comment"] = fault
    elif is_newer and stored["comment"] and stored["comment"] != text:
        saved.newer["comment"] = stored["comment"]
    elif text or stored["comment"]:
        write_words(who, statement, Submitted.Form.COMMENT, text, sheet.permission)


def find_words_fault(who: Answerer, text: str, permission: str) -> str:
    """Why these words cannot be taken; empty where they can."""
    if len(text) > LONGEST_WORDS:
        return f"This has {len(text):,} characters; at most {LONGEST_WORDS:,} fit. Your text is kept here: shorten it."
    if permission not in Submitted.Permission.values:
        return "Say what we may do with your words."
    if who.submitted.count() >= MOST_WORDS_OF_ONE:
        return f"You have sent {MOST_WORDS_OF_ONE} texts, and that is as many as we can answer."
    return ""


def write_words(who: Answerer, statement: Statement | None, form: str, text: str, permission: str) -> None:
    """Store words, or take them away where there are none any more."""
    rows = Submitted.objects.filter(answerer=who, statement=statement, form=form)
    if not text:
        rows.delete()
    elif not rows.filter(text=text, permission=permission).exists() and not rows.update(
        text=text, permission=permission
    ):
        Submitted.objects.create(answerer=who, statement=statement, form=form, text=text, permission=permission)


@tells_broken_rules
def give_view(*, who: Answerer, form: str, text: str, permission: str) -> Saved:
    """Save a view of one's own, or a proposal; an own view that is left empty was still asked for."""
    saved, text = Saved(), text.replace("\0", "").replace("\r\n", "\n").strip()
    if text and (fault := find_words_fault(who, text, permission)):
        saved.faults["comment"] = fault
        return saved
    write_words(who, None, form, text, permission)
    if form == Submitted.Form.OWN_VIEW:
        Answerer.objects.filter(pk=who.pk).update(gave_own_view=True)
    return saved


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
