"""A person's rights: everything we hold of them, and its erasure, which survives a backup that is put back.

What is erased is written down outside the database, by numbers that name nobody, so that it can be erased again after a
backup was restored.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from failure_lessons.outbox.models import Message
from failure_lessons.types import JSONObject
from recommendations.consultations.answers import Answerer
from recommendations.consultations.models import ConsultationRound, Invitation, LogLine, Participant
from recommendations.consultations.pseudonyms import pseudonym_of
from recommendations.consultations.services import write_line
from recommendations.consultations.taking_part import describe_answers
from recommendations.consultations.workshops import TableNote, WorkshopTable

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User


OWN_LINK = "Promised to be seen by nobody beside a name: the person takes them along by their own link."
NOBODY_FINDS = "Nobody can find what was answered here, or nothing was answered."


def find_people(email: str) -> list[Participant]:
    """This person in every round."""
    return list(Participant.objects.filter(email__iexact=email.strip()).select_related("round", "group"))


def find_answerer_of(person: Participant) -> Answerer | None:
    """Their side of answers; nobody's in an anonymous round."""
    if not person.round.is_joinable:
        return None
    rows = Answerer.objects.filter(round=person.round).select_related("round", "group")
    named = rows.filter(participant=person).first()
    return named or rows.filter(pseudonym=pseudonym_of(person)).first()


def export_person(*, email: str, by: User | None, for_staff: bool = False) -> JSONObject:
    """Everything we hold of a person, for themselves.

    `for_staff`: without what they answered under a pseudonym, which nobody on the staff is to see beside a name.
    """
    found = []
    for each in find_people(email):
        is_hidden = for_staff and each.round.anonymity != ConsultationRound.Anonymity.NAMED
        who = None if is_hidden else find_answerer_of(each)
        found.append(
            {
                "round": each.round.title,
                "group": each.group.name,
                **{name: getattr(each, name) for name in ("email", "name", "organisation", "role", "standing")},
                "reminders": each.reminders,
                "mail": [
                    {"sent": f"{m.created_at:%Y-%m-%d}", "subject": m.context["subject"], "state": m.state}
                    for m in messages_of([each])
                ],
                "answers": describe_answers(who) if who else OWN_LINK if is_hidden else NOBODY_FINDS,
            }
        )
        write_line(each.round, LogLine.Act.HANDED, by, 1)
    return {"rounds": found}


def messages_of(people: Iterable[Participant]) -> list[Message]:
    """The mail that was written to these people about their rounds."""
    uids = Invitation.objects.filter(participant__in=list(people)).values("message_uid")
    return list(Message.objects.filter(uid__in=uids))


@transaction.atomic
def erase_person(*, email: str, by: User | None) -> int:
    """Erase a person everywhere: contact, mail, links, and what they answered. Returns in how many rounds.

    Figures that were computed and published stay: nobody is in them. Published words go by a redaction.
    """
    people = find_people(email)
    remember_erased(each.person for each in people)
    for each in people:
        write_line(each.round, LogLine.Act.ERASED, by, 1)
        erase_participant(each)
    Message.objects.filter(recipient__iexact=email.strip(), purpose__startswith="consultation-").delete()
    return len(people)


def erase_participant(person: Participant) -> None:
    """One person in one round, with their answers where they can be found."""
    if who := find_answerer_of(person):
        who.delete()
    Message.objects.filter(pk__in=[each.pk for each in messages_of([person])]).delete()
    person.delete()


def erase_notes(consultation: ConsultationRound) -> None:
    """What tables noted, and the mail to their note-takers; the minutes are published and stay."""
    tables = WorkshopTable.objects.filter(session__round=consultation)
    Message.objects.filter(uid__in=tables.values("message_uid")).delete()
    TableNote.objects.filter(table__in=tables).delete()
    tables.update(secret_sha256="", message_uid=None)


def remember_erased(people: Iterable[uuid.UUID]) -> None:
    """Write numbers of the erased into the file that outlives a restored backup.

    Before they are erased, and for certain: whoever is killed in between has erased nobody, and the next run does it.
    """
    path = Path(settings.ERASURE_LOG)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for each in people:
            file.write(json.dumps({"person": str(each), "on": f"{timezone.localdate():%Y-%m-%d}"}) + "\n")
        file.flush()
        os.fsync(file.fileno())


@transaction.atomic
def erase_again() -> int:
    """After a backup was put back: erase whoever was erased since it was made. Returns how many rows went."""
    path = Path(settings.ERASURE_LOG)
    if not path.exists():
        return 0
    erased = {uuid.UUID(json.loads(line)["person"]) for line in path.read_text(encoding="utf-8").splitlines() if line}
    people = list(Participant.objects.filter(person__in=erased).select_related("round"))
    for each in people:
        erase_participant(each)
    return len(people)


def erase_expired(now: dt.datetime | None = None) -> int:
    """Erase the contacts of rounds whose retention is over; answers stay, without anybody. Returns how many rounds."""
    now, done = now or timezone.now(), 0
    for each in ConsultationRound.objects.filter(reported_at__isnull=False, participants__isnull=False).distinct():
        if each.reported_at and each.reported_at + dt.timedelta(days=each.retention_days) > now:
            continue
        with transaction.atomic():
            people = list(each.participants.all())
            remember_erased(person.person for person in people)
            Answerer.objects.filter(round=each, participant__isnull=False).delete()
            Message.objects.filter(pk__in=[message.pk for message in messages_of(people)]).delete()
            erase_notes(each)
            each.participants.all().delete()
            write_line(each, LogLine.Act.EXPIRED, None, len(people))
        done += 1
    return done
