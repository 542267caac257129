"""Answers that are plainly good are saved early: in a round a whole room sends them within the same minutes.

Between here and a page lie sessions, logins and messages, none of which has anything to do for somebody who took a seat
by a link. Whatever a page has to be shown for, such as a fault or a round that has closed, goes the long way.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from csp.utils import build_policy
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix, reverse

from failure_lessons.access.private_answers import kept_private
from recommendations.consultations.models import ConsultationRound, Question, Statement
from recommendations.consultations.pseudonyms import pseudonym_of_person
from recommendations.consultations.saving import SheetPlace, read_sheet, try_saving
from recommendations.consultations.seats import is_proven, read_cookie

SAVING_PATH = re.compile(r"/take-part/statements/([^/]+)/\Z")
SECURITY_POLICY = build_policy()
# As `standing_invitations`, and no more of it than saving takes. Nothing here names an answerer: who was invited and
# who answers are asked for apart, so that no statement of SQL holds both.
FIND_PLACE = """
    select person, consultation, record, anonymity from consultations_find_place(%s)
"""


@dataclass(frozen=True)
class AskedStatement:
    """A statement of an open round, what is asked about it, and the code of the next one: empty after the last."""

    pk: int
    questions: tuple[Question, ...]
    following: str


@lru_cache(maxsize=64)
def read_asked(consultation: int, record: uuid.UUID) -> dict[str, AskedStatement]:
    """What an open round asks, by code of the statement: kept, as the database lets nobody change it any more.

    `record` is the round's identity in whichever database.
    """
    statements = list(Statement.objects.filter(round=consultation))
    questions = list(Question.objects.filter(round=consultation))
    return {
        each.code: AskedStatement(each.pk, tuple(asked for asked in questions if asked.is_about(each)), following)
        for each, following in zip(statements, [*(each.code for each in statements[1:]), ""], strict=True)
    }


@lru_cache(maxsize=1024)
def find_address(code: str, prefix: str) -> str:  # what is kept holds for this prefix alone
    """The address of a statement, or without one of the list of all of them, where the site has this path prefix."""
    return reverse("take-part-statement", args=[code]) if code else reverse("take-part")


class SaveAnswers:
    """The middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = SAVING_PATH.match(request.path_info) if request.method == "POST" else None
        return (found and save_plainly(request, found[1])) or self.get_response(request)


@kept_private
def lead_on(request: HttpRequest, following: str) -> HttpResponse:
    """To the next statement, or to the list of all of them."""
    request.get_host()  # refuses a host that is none of ours, as the long way does
    answer = HttpResponseRedirect(find_address(following, get_script_prefix()))
    answer["Content-Security-Policy"] = SECURITY_POLICY
    answer["X-Frame-Options"] = settings.X_FRAME_OPTIONS
    answer["Content-Length"] = "0"
    return answer


def save_plainly(request: HttpRequest, code: str) -> HttpResponse | None:
    """Save the answers about a statement, and lead on; None where a page has to be shown.

    What could be saved is saved then, and the long way finds it so: saving twice is saving once.
    """
    seat = read_cookie(request)
    if seat is None or not is_proven(request):
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute(FIND_PLACE, [seat[0]])
            found = cursor.fetchone()
        person, consultation, record, anonymity = found
        if consultation is None:
            return None
        asked = read_asked(consultation, record).get(code)
        if asked is None:
            return None
        is_anonymous = anonymity == ConsultationRound.Anonymity.ANONYMOUS
        pseudonym = seat[1] if is_anonymous else pseudonym_of_person(person)
        saved, told = try_saving(SheetPlace(consultation, pseudonym, asked.pk, asked.questions), read_sheet(request))
    except DatabaseError:  # such as the rule that a round has closed
        return None
    return lead_on(request, asked.following) if saved.is_good and told == "saved" else None
