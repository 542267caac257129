"""Links by e-mail: who gets one, who is reminded, and whose link it is that somebody opens."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.dateformat import format as format_date

from failure_lessons.outbox.models import Message
from failure_lessons.outbox.services import write_message
from recommendations.consultations.models import LONGEST_LINK, ConsultationRound, Invitation, LogLine, Participant
from recommendations.consultations.people import MOST_REMINDERS
from recommendations.consultations.services import (
    CannotMoveRound,
    lock_round,
    reasons_against_mail,
    refuse_round,
    tells_broken_rules,
    write_line,
)

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

LINK = "/take-part/link/{secret}/"
Standing = Participant.Standing
UNFINISHED = (Standing.INVITED, Standing.CONSENTED)
SHORTEST_SECRET, LONGEST_SECRET = 20, 100  # characters; anything else is no link of ours
NO_MESSAGE = uuid.UUID(int=0)
MOST_NEW_LINKS = 3  # an hour and person


@tells_broken_rules
def invite_participants(*, consultation: ConsultationRound, by: User) -> int:
    """Send a link to whoever has none yet. Returns how many."""
    row = lock_round(consultation)
    refuse_round(reasons_against_sending(row))
    people = Participant.objects.filter(round=row, standing=Standing.INVITED, invitations=None)
    number = send_links(row, people, "consultation-invitation", tell_invitation)
    write_line(row, LogLine.Act.INVITED, by, number)
    return number


@tells_broken_rules
def remind_participants(*, consultation: ConsultationRound, by: User) -> int:
    """Remind those who have not finished, three times at most. Returns how many.

    In an anonymous round nobody knows who has, and a new link would be a new pseudonym: everybody is reminded of the
    link they have.
    """
    row = lock_round(consultation)
    refuse_round(reasons_against_sending(row))
    people = Participant.objects.filter(round=row, standing__in=UNFINISHED, reminders__lt=MOST_REMINDERS).exclude(
        invitations=None
    )
    if row.is_joinable:
        number = send_links(row, people, "consultation-reminder", tell_reminder)
    else:
        number = remind_of_links(row, people)
    people.update(reminders=F("reminders") + 1)
    write_line(row, LogLine.Act.REMINDED, by, number)
    return number


def reasons_against_sending(row: ConsultationRound) -> Iterable[str]:
    """Why no mail goes out."""
    yield from reasons_against_mail()
    if row.stage != ConsultationRound.Stage.OPEN:
        yield "Mail with links goes out while the round is open."


def send_links(
    row: ConsultationRound, people: Iterable[Participant], purpose: str, tell: object, *, revokes: bool = False
) -> int:
    """Queue a mail with a link for each; the secrets are made when the mail is sent. Returns how many."""
    now = timezone.now()
    expires_at = min(row.closes_at, now + LONGEST_LINK)
    lines: list[str] = tell(row)  # type: ignore[operator]  # one of the functions below
    messages, invitations = [], []
    for each in people:
        message = write_message(
            purpose=purpose,
            recipient=each.email,
            subject=f"{row.title}: your views",
            lines=lines,
            link=LINK,
            now=now,
        )
        if revokes:
            each.invitations.filter(revoked_at=None).update(revoked_at=now)
        messages.append(message)
        invitations.append(Invitation(participant=each, message_uid=message.uid, created_at=now, expires_at=expires_at))
    Message.objects.bulk_create(messages, batch_size=1_000)
    Invitation.objects.bulk_create(invitations, batch_size=1_000)
    return len(messages)


def remind_of_links(row: ConsultationRound, people: Iterable[Participant]) -> int:
    """Remind everybody of the link they were sent. Returns how many."""
    lines = [
        f"We asked for your views in “{row.title}”. It closes on {day_of(row.closes_at)}.",
        "",
        "We cannot know whether you have answered already: nobody can. If you have, thank you; there is nothing to do. "
        "If not, please use the link in our first mail: a new one could not find what you answered by it.",
        "",
        f"Questions: {row.contact}",
    ]
    purpose, subject = "consultation-reminder", f"{row.title}: a reminder"
    messages = [write_message(purpose=purpose, recipient=each.email, subject=subject, lines=lines) for each in people]
    Message.objects.bulk_create(messages, batch_size=1_000)
    return len(messages)


def day_of(moment: dt.datetime) -> str:
    """The day in London."""
    return format_date(timezone.localtime(moment), "j F Y")


def tell_invitation(row: ConsultationRound) -> list[str]:
    """Who asks, why, how long, until when, the link, and how to say no."""
    statements = row.statements.count()
    return [
        f"We would like to know what you think: {row.title}.",
        "",
        row.purpose,
        "",
        f"There are {statements} statements, about a minute each. You can stop and go on later, on any device.",
        f"It is open until {day_of(row.closes_at)}. No account is needed; the link is yours alone:",
        "",
        "{link}",
        "",
        "The page behind it says what happens with your answers before it asks you anything. There you can also say "
        "that you do not want to take part, and we will not write again.",
        "",
        f"The protocol: {settings.SITE_URL}/consultation-rounds/{row.slug}/",
        f"Questions: {row.contact}",
    ]


def tell_reminder(row: ConsultationRound) -> list[str]:
    """That there is still time."""
    return [
        f"You have not finished your answers to “{row.title}”. It closes on {day_of(row.closes_at)}.",
        "",
        "This link opens them where you left them:",
        "",
        "{link}",
        "",
        f"Questions: {row.contact}",
    ]


def send_new_link(*, email: str, now: dt.datetime | None = None) -> None:
    """Send a new link to whoever this is, in each open round; nothing tells the asker whether anybody is."""
    now = now or timezone.now()
    people = Participant.objects.filter(
        email__iexact=email,
        round__stage=ConsultationRound.Stage.OPEN,
        round__closes_at__gt=now,
        standing__in=[*UNFINISHED, Standing.ANSWERED],
    ).select_related("round")
    for each in people:
        if each.invitations.filter(created_at__gt=now - dt.timedelta(hours=1)).count() <= MOST_NEW_LINKS:
            send_links(each.round, [each], "consultation-new-link", tell_new_link, revokes=True)
            Participant.objects.filter(pk=each.pk).update(links_replaced=F("links_replaced") + 1)


def tell_new_link(row: ConsultationRound) -> list[str]:
    """The new link, and what became of the old one."""
    lost = (
        []
        if row.is_joinable
        else ["This round is anonymous: what you answered by the old link cannot be found by this one.", ""]
    )
    return [
        f"Here is a new link to “{row.title}”. The old one does not open anything any more.",
        "",
        "{link}",
        "",
        *lost,
        f"Questions: {row.contact}",
    ]


def find_invitation(secret: str) -> Invitation | None:
    """The invitation that this secret opens now. The same two questions are asked of whatever was typed."""
    is_possible = SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET and secret.isascii()
    message = Message.objects.holding_secret(secret if is_possible else "").values_list("uid", flat=True).first()
    return standing_invitations().filter(message_uid=message or NO_MESSAGE).first()


def standing_invitations() -> QuerySet[Invitation]:
    """Those that open something now."""
    return Invitation.objects.filter(
        revoked_at=None,
        expires_at__gt=timezone.now(),
        participant__round__stage=ConsultationRound.Stage.OPEN,
    ).select_related("participant__round", "participant__group")


@tells_broken_rules
def decline_invitation(*, invitation: Invitation) -> None:
    """The person does not want to take part, and is not written to again."""
    person = Participant.objects.select_for_update().get(pk=invitation.participant_id)
    if person.standing != Standing.INVITED:
        raise CannotMoveRound(["You have begun. To leave, withdraw: then your answers are deleted."])
    Participant.objects.filter(pk=person.pk).update(standing=Standing.DECLINED)
    person.invitations.update(revoked_at=timezone.now())


def list_unsent(consultation: ConsultationRound) -> QuerySet[Message]:
    """Mails of this round of which nobody knows whether they arrived, or which did not."""
    uids = Invitation.objects.filter(participant__round=consultation).values("message_uid")
    return Message.objects.unsettled().filter(uid__in=uids)
