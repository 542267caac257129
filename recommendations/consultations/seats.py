"""The one cookie: who sits where while they take part. It is set below `/take-part/` alone and read nowhere else.

It holds the number of the invitation and, in an anonymous round, the pseudonym, signed; the secret of the link is not
in it. Forms carry a proof made of it, in place of Django's own protection, which would need a second cookie.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from failure_lessons.access.private_answers import is_foreign
from failure_lessons.access.quota import Policy, count_request
from failure_lessons.accounts.client_address import text_of_client
from recommendations.consultations.invitations import standing_invitations
from recommendations.consultations.models import LONGEST_LINK
from recommendations.consultations.taking_part import Seat, seat_of

COOKIE = "takepart"
PATH = "/take-part/"
SEAT_SALT = "recommendations.consultations.seats"
TRIES = Policy("take-part", 10, 60)  # links that open nothing, a minute and household


def take_seat(answer: HttpResponse, seat: Seat) -> HttpResponse:
    """Set the cookie: for this round, until it closes."""
    pseudonym = "" if seat.round.is_joinable else seat.pseudonym
    answer.set_cookie(
        COOKIE,
        signing.dumps([seat.invitation.pk, pseudonym], salt=SEAT_SALT),
        max_age=LONGEST_LINK,
        expires=None,
        path=PATH,
        secure=not settings.DEBUG,
        httponly=True,
        samesite="Lax",
    )
    return answer


def leave_seat(answer: HttpResponse) -> HttpResponse:
    """Take the cookie away."""
    answer.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    return answer


def read_cookie(request: HttpRequest) -> tuple[int, str] | None:
    """The number of the invitation by which somebody came in and, in an anonymous round, their pseudonym."""
    try:
        number, pseudonym = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SEAT_SALT, max_age=LONGEST_LINK)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(number), str(pseudonym)


def find_seat(request: HttpRequest) -> Seat | None:
    """Who sits here; nobody once the invitation is revoked or the round is closed."""
    told = read_cookie(request)
    invitation = standing_invitations().filter(pk=told[0]).first() if told else None
    return seat_of(invitation, told[1]) if told and invitation else None


def make_proof(request: HttpRequest) -> str:
    """What a form of ours carries: only whoever has the cookie can make the page that has it."""
    return salted_hmac(SEAT_SALT, request.COOKIES.get(COOKIE, ""), algorithm="sha256").hexdigest()[:32]


def is_proven(request: HttpRequest) -> bool:
    """Whether a form was sent from a page of ours."""
    return constant_time_compare(request.POST.get("proof", ""), make_proof(request)) and not is_foreign(request)


def is_trying_too_often(request: HttpRequest) -> int:
    """Seconds to wait for whoever opens many links that open nothing; 0 for everybody else."""
    count = count_request(TRIES, text_of_client(request))
    return count.wait if count.exceeded else 0
