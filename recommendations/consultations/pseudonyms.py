"""Pseudonyms: worked out with a key that is not in the database, so that no table joins a person and an answer.

In a pseudonymous round the software works one out of the person, and finds the answers again in the next round. In an
anonymous one it takes the secret of the link, which nobody keeps: whoever loses the link loses their answers.
"""

from __future__ import annotations

import uuid

from django.utils.crypto import salted_hmac

from recommendations.consultations.models import ConsultationRound, Participant

PSEUDONYM_SALT = "recommendations.consultations.pseudonyms"


def pseudonym_of(participant: Participant) -> str:
    """Of a person in their round; the same in each round of a series."""
    return pseudonym_of_person(participant.person)


def pseudonym_of_person(person: uuid.UUID) -> str:
    """Of whoever has this number, in each round of a series."""
    return salted_hmac(PSEUDONYM_SALT, str(person), algorithm="sha256").hexdigest()


def pseudonym_of_link(consultation: ConsultationRound, secret: str) -> str:
    """Of whoever holds this link to an anonymous round."""
    return salted_hmac(PSEUDONYM_SALT, f"{consultation.record_id} {secret}", algorithm="sha256").hexdigest()
