"""A further round of a series: the same people under the same pseudonyms, about statements that may have changed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from recommendations.consultations.answers import Submitted
from recommendations.consultations.models import ConsultationRound, Participant, ReportingGroup, Statement
from recommendations.consultations.services import CannotMoveRound, refuse_round, tells_broken_rules

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

COPIED = (
    *("purpose", "template", "method", "topics", "scale_words", "rules", "anonymity", "least_shown"),
    *("lawful_basis", "notice", "notice_version", "retention_days", "contact"),
)
GONE_STANDINGS = (Participant.Standing.DECLINED, Participant.Standing.WITHDRAWN)


@tells_broken_rules
def follow_round(
    *, before: ConsultationRound, slug: str, opens_at: dt.datetime, closes_at: dt.datetime, by: User, title: str = ""
) -> ConsultationRound:
    """A draft of the next round: groups, questions, statements and people of the round before."""
    if before.results is None:
        refuse_round(["The round before has to be closed: the next one shows what came out of it."])
    made = ConsultationRound(
        slug=slug,
        title=title or f"{before.title}, round {before.number + 1}",
        follows=before,
        number=before.number + 1,
        opens_at=opens_at,
        closes_at=closes_at,
        created_by=by,
        **{name: getattr(before, name) for name in COPIED},
    )
    try:
        made.full_clean()
    except ValidationError as error:
        raise CannotMoveRound(error.messages) from error
    made.save()
    groups = copy_groups(before, made)
    for question in before.questions.all():
        question.pk, question.round = None, made
        question.save(force_insert=True)
    copy_statements(before, made)
    Participant.objects.bulk_create(
        Participant(
            round=made,
            person=each.person,
            group=groups[each.group.code],
            email=each.email,
            name=each.name,
            organisation=each.organisation,
            role=each.role,
        )
        for each in before.participants.exclude(standing__in=GONE_STANDINGS).select_related("group")
    )
    return made


def copy_groups(before: ConsultationRound, made: ConsultationRound) -> dict[str, ReportingGroup]:
    """The reporting groups again, by code."""
    found = {}
    for group in before.groups.all():
        group.pk, group.round = None, made
        group.save(force_insert=True)
        found[group.code] = group
    return found


def copy_statements(before: ConsultationRound, made: ConsultationRound) -> None:
    """The statements again, each with the one it came from."""
    for statement in before.statements.all():
        statement.came_from_id, statement.pk, statement.round = statement.pk, None, made
        statement.save(force_insert=True)


@tells_broken_rules
def take_up_proposal(*, consultation: ConsultationRound, proposal: Submitted, code: str, about: Statement) -> Statement:
    """Ask about what a participant put forward, in the words that two people have read."""
    if not proposal.may_be_shown:
        refuse_round(["Two people have to read a proposal before others see it."])
    return Statement.objects.create(
        round=consultation,
        position=consultation.statements.count(),
        code=code,
        wording=proposal.public_text,
        edition=about.edition,
        proof=about.proof,
        proof_sha256=about.proof_sha256,
        is_from_participant=True,
    )
