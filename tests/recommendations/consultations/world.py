"""Rounds in each state, with invented people."""

import datetime as dt
import itertools

from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record, take_back_record
from recommendations.consultations.models import Answerer, ConsultationRound, Participant, Rating
from recommendations.consultations.services import (
    add_draft,
    announce_round,
    cancel_round,
    close_round,
    open_round,
    set_up_round,
)
from recommendations.models import ConsultationTemplate

numbers = itertools.count(1)
DAY = dt.timedelta(days=1)


def people(*names):
    return [User.objects.get_or_create(username=name)[0] for name in names]


def draft_round(statements=2, **values):
    """A draft from the shipped template about some of the shipped recommendations."""
    [facilitator] = people("facilitator")
    number, now = next(numbers), timezone.now()
    editions = Edition.objects.current().of_kind("recommendation").order_by("sort_key")[:statements]
    return set_up_round(
        **{
            "slug": f"round-{number}",
            "title": f"Round {number}",
            "template": ConsultationTemplate.objects.get(),
            "editions": list(editions),
            "opens_at": now - DAY,
            "closes_at": now + 20 * DAY,
            "contact": "office@example.org",
            "by": facilitator,
            **values,
        }
    )


def publish_round(row):
    """Publish the round as it stands: the protocol, or the report."""
    row.refresh_from_db()
    facilitator, publisher = people("facilitator", "publisher")
    if row.state == row.State.IN_REVIEW:
        take_back_record(record=row, by=facilitator)
    submit_record(record=row, by=facilitator)
    made = publish_record(record=row, by=publisher)
    row.refresh_from_db()
    return made


def announced_round(**values):
    row = draft_round(**values)
    publish_round(row)
    announce_round(consultation=row, by=row.created_by)
    return row


def invite(row, each=6):
    """Participants in each group, without any mail."""
    for group in row.groups.all():
        for place in range(each):
            Participant.objects.create(round=row, group=group, email=f"{group.code}-{place}@people.example")


def opened_round(each=6, **values):
    row = announced_round(**values)
    invite(row, each)
    open_round(consultation=row, by=row.created_by)
    return row


def answer_all(row, value=lambda group, place: 8):
    """Everybody rates everything; gives the answerers."""
    today = timezone.now().date()
    if row.anonymity == ConsultationRound.Anonymity.ANONYMOUS:
        for place, person in enumerate(row.participants.all()):
            Answerer.objects.create(round=row, group=person.group, pseudonym=f"{row.pk}-{place}")
    if row.anonymity == ConsultationRound.Anonymity.NAMED:
        for person in row.participants.all():
            Answerer.objects.create(round=row, group=person.group, pseudonym=str(person.person), participant=person)
    row.answerers.update(consented_on=today, notice_version=row.notice_version)
    places = {}
    for who in row.answerers.select_related("group"):
        place = places[who.group.code] = places.get(who.group.code, -1) + 1
        Rating.objects.bulk_create(
            Rating(answerer=who, statement=statement, question=question, value=value(who.group.code, place))
            for statement in row.statements.all()
            for question in row.questions.all()
        )
    return list(row.answerers.all())


def rounds_with_drafts(word):
    """A round in each state before its report, each asking about a draft that holds `word`; and a cancelled one."""
    for stage in ("draft", "announced", "open", "closed", "cancelled"):
        row = draft_round(anonymity="anonymous" if stage == "open" else "pseudonymous")
        asked = ConsultationTemplate.objects.get()
        asked.purpose = f"{word} of a draft"
        add_draft(
            consultation=row,
            record=asked,
            code="D1",
            wording=f"A {word} wording.",
            against=f"{word} speaks against it.",
        )
        if stage == "draft":
            continue
        publish_round(row)
        announce_round(consultation=row, by=row.created_by)
        if stage == "announced":
            continue
        invite(row)
        open_round(consultation=row, by=row.created_by)
        answer_all(row)
        if stage == "closed":
            close_round(consultation=row, by=row.created_by)
        if stage == "cancelled":
            cancel_round(consultation=row, reason="The law changed.", by=row.created_by)
