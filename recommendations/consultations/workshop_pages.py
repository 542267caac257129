"""The pages of a workshop below `/take-part/`: votes on phones, the wall, and the notes of a table."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from failure_lessons.access.private_answers import is_foreign, kept_private
from recommendations.consultations.answers import Answerer
from recommendations.consultations.models import ConsultationRound
from recommendations.consultations.services import CannotMoveRound
from recommendations.consultations.taking_part import Seat
from recommendations.consultations.views import consented, show, show_dead_link, show_refusal
from recommendations.consultations.workshop_services import cast_ballots, find_table, write_note
from recommendations.consultations.workshops import Ballot, TableNote, Vote, WorkshopSession, describe_tally

WALL_PAUSE = 3  # seconds between two looks of a phone; `workshop.js` has it from the page


@consented
def votes_page(request: HttpRequest, seat: Seat, who: Answerer) -> HttpResponse:
    """Every vote of the workshops of one's round: open ones to answer, closed ones as they came out."""
    votes = list(
        Vote.objects.filter(session__round=seat.round)
        .exclude(stage=Vote.Stage.PREPARED)
        .select_related("session")
        .order_by("session__starts_at", "session", "position")
    )
    if request.method == "POST":
        chosen = {vote: choice for vote in votes if (choice := request.POST.get(f"vote-{vote.pk}", ""))}
        cast_ballots(who=who, chosen=chosen)
        return redirect("take-part-votes")
    mine = dict(Ballot.objects.filter(answerer=who).values_list("vote_id", "choice"))
    session = votes[-1].session if votes else seat.round.sessions.first()
    context = {
        "round": seat.round,
        "votes": [describe_vote(vote, seat.round, mine.get(vote.pk, "")) for vote in votes],
        "has_open": any(vote.stage == Vote.Stage.OPEN for vote in votes),
        "session": session,
        "pause": WALL_PAUSE,
    }
    return show(200, request, "votes", **context)


def describe_vote(vote: Vote, consultation: ConsultationRound, mine: str = "") -> dict[str, object]:
    """A vote as a page shows it: what is offered, or how it came out, drawn as long as its share of the most."""
    is_closed = vote.stage == Vote.Stage.CLOSED
    tally = describe_tally(vote, consultation.least_shown) if is_closed else []
    most = max((each["count"] or 0 for each in tally), default=0)
    return {
        "vote": vote,
        "mine": mine,
        "is_closed": is_closed,
        "least": consultation.least_shown,
        "tally": [{**each, "width": round(100 * (each["count"] or 0) / most) if most else 0} for each in tally],
    }


@kept_private
def wall_page(request: HttpRequest, wall: uuid.UUID) -> HttpResponse:
    """For the screen in the room: what is voted on, and counts of k and more of what is closed; `wall` answers 304."""
    session = get_object_or_404(WorkshopSession.objects.select_related("round"), wall=wall)
    votes = session.votes.exclude(stage=Vote.Stage.PREPARED).order_by("-stage", "-position")  # open ones first
    shown = [describe_vote(vote, session.round) for vote in votes]
    answer = show(200, request, "wall", session=session, votes=shown, pause=WALL_PAUSE)
    answer["ETag"] = f'"{session.wall_version}"'
    return answer


@kept_private
def table_page(request: HttpRequest, secret: str) -> HttpResponse:
    """For a note-taker: what the table has said, and a field for more. The link is all it takes: no cookie."""
    table = find_table(secret)
    if table is None:
        return show_dead_link(request)
    if request.method == "POST" and not is_foreign(request):
        try:
            write_note(table=table, form=request.POST.get("form", ""), text=request.POST.get("comment", ""))
        except CannotMoveRound as refusal:
            return show_refusal(request, refusal)
        return redirect("take-part-table", secret)
    context = {"table": table, "session": table.session, "notes": table.notes.all(), "forms": TableNote.Form.choices}
    return show(200, request, "table", secret=secret, **context)


urlpatterns = [
    path("votes/", votes_page, name="take-part-votes"),
    path("wall/<uuid:wall>/", wall_page, name="take-part-wall"),
    path("table/<str:secret>/", table_page, name="take-part-table"),
]
