"""Taking part: a link, an agreement, one statement a page. A GET reads and never writes, signs in or spends a link."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from failure_lessons.access.private_answers import Rest, View, is_foreign, kept_private
from recommendations.consultations import pages
from recommendations.consultations.answers import Answerer, Submitted
from recommendations.consultations.invitations import decline_invitation, find_invitation, send_new_link
from recommendations.consultations.models import Statement
from recommendations.consultations.pseudonyms import pseudonym_of_link
from recommendations.consultations.saving import Saved, read_sheet, save_sheet
from recommendations.consultations.seats import (
    find_seat,
    is_proven,
    is_trying_too_often,
    leave_seat,
    make_proof,
    take_seat,
)
from recommendations.consultations.services import CannotMoveRound
from recommendations.consultations.taking_part import (
    Seat,
    describe_answers,
    finish_answers,
    give_consent,
    give_view,
    seat_of,
    withdraw_answers,
)

NO_SEAT = "The round is closed, or the link by which you came does not hold any more: nothing was saved."
PAGES_FOLDER = "recommendations/consultations/take_part"
SITTING = Callable[Concatenate[HttpRequest, Seat, Rest], HttpResponse]
ANSWERING = Callable[Concatenate[HttpRequest, Seat, Answerer, Rest], HttpResponse]


def show(status: int, request: HttpRequest, name: str, /, **context: object) -> HttpResponse:
    """A page of taking part, with this status."""
    return render(request, f"{PAGES_FOLDER}/{name}.html", {"proof": make_proof(request), **context}, status=status)


def show_dead_link(request: HttpRequest) -> HttpResponse:
    """One page for every link that opens nothing, whatever the cause."""
    wait = is_trying_too_often(request)
    answer = show(429 if wait else 404, request, "dead_link", wait=wait)
    if wait:
        answer["Retry-After"] = str(wait)
    return answer


def show_refusal(request: HttpRequest, refusal: CannotMoveRound) -> HttpResponse:
    """What cannot be done, and what was typed, so that nothing is lost."""
    typed = [value for name in ("comment",) for value in request.POST.getlist(name) if value.strip()]
    return show(409, request, "refused", reasons=refusal.reasons, typed=typed)


def seated(view: SITTING[Rest]) -> View[Rest]:
    """Only for whoever has come in by a link; every form proves that a page of ours sent it."""

    @kept_private
    @wraps(view)
    def come_in(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponse(status=405)
        seat = find_seat(request)
        if seat is None and request.method == "POST":  # what was typed is given back
            return show_refusal(request, CannotMoveRound([NO_SEAT]))
        if seat is None:
            return show(403, request, "ask_for_link")
        if request.method == "POST" and not is_proven(request):
            return show(403, request, "refused", reasons=["This form is out of date. Go back, and try again."])
        try:
            return view(request, seat, *args, **kwargs)
        except CannotMoveRound as refusal:
            return show_refusal(request, refusal)

    return come_in


def consented(view: ANSWERING[Rest]) -> View[Rest]:
    """Only for whoever has agreed to the notice."""

    @seated
    @wraps(view)
    def agree_first(request: HttpRequest, seat: Seat, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        who = seat.find_answerer()
        if who is None or not who.notice_version:
            return redirect("take-part")
        return view(request, seat, who, *args, **kwargs)

    return agree_first


@kept_private
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """GET shows what it is about and one button; POST comes in, and leads to an address without the secret."""
    invitation = find_invitation(secret)
    if invitation is None:
        return show_dead_link(request)
    consultation = invitation.participant.round
    if request.method != "POST" or is_foreign(request):
        return show(200, request, "link", round=consultation, secret=secret)
    if request.POST.get("what") == "decline":
        try:
            decline_invitation(invitation=invitation)
        except CannotMoveRound as refusal:
            return show_refusal(request, refusal)
        return show(200, request, "declined", round=consultation)
    pseudonym = "" if consultation.is_joinable else pseudonym_of_link(consultation, secret)
    return take_seat(redirect("take-part"), seat_of(invitation, pseudonym))


@kept_private
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """Send a new link; the answer is the same whether anybody has this address or not."""
    if request.method != "POST":
        return show(200, request, "ask_for_link")
    wait = is_trying_too_often(request)
    if wait:
        answer = show(429, request, "dead_link", wait=wait)
        answer["Retry-After"] = str(wait)
        return answer
    email = request.POST.get("email", "").strip()
    try:
        validate_email(email)
    except ValidationError:
        return show(400, request, "ask_for_link", fault="Write an e-mail address, such as name@example.org.")
    send_new_link(email=email)
    return show(200, request, "link_sent")


@seated
def start_page(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Agree first; then every statement with whether it is answered, in any order."""
    who = seat.find_answerer()
    if who is None or not who.notice_version:
        return agree_to_notice(request, seat)
    return show(200, request, "overview", **pages.describe_overview(seat, who))


def agree_to_notice(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The notice, unticked boxes, and the question for interests."""
    statements = list(seat.round.statements.all())
    context = {"round": seat.round, "statements": statements}
    if request.method != "POST":
        return show(200, request, "consent", **context)
    if request.POST.get("agree") != "yes" or request.POST.get("conflicts") not in ("none", "some"):
        fault = "Tick that you have read the notice and take part, and say whether you have an interest."
        return show(400, request, "consent", fault=fault, **context)
    chosen = set(request.POST.getlist("conflict")) if request.POST["conflicts"] == "some" else set()
    give_consent(seat=seat, conflicts=[each for each in statements if each.code in chosen])
    return redirect("take-part-view", "own-view")


@consented
def give_own_view(request: HttpRequest, seat: Seat, who: Answerer, form: str) -> HttpResponse:
    """Words of one's own: before others' wording, or a proposal at the end."""
    if form not in (Submitted.Form.OWN_VIEW, Submitted.Form.PROPOSAL):
        raise Http404
    stored = who.submitted.filter(form=form, statement=None).first()
    context: dict[str, object] = {
        "round": seat.round,
        "form": form,
        "text": stored.text if stored else "",
        "permission": stored.permission if stored else Submitted.Permission.PARAPHRASE,
        "permissions": Submitted.Permission.choices,
        "saved": Saved(),
    }
    if request.method != "POST":
        return show(200, request, "own_view", **context)
    text, permission = request.POST.get("comment", ""), request.POST.get("permission", "")
    saved = give_view(who=who, form=form, text=text, permission=permission)
    if not saved.is_good:
        return show(400, request, "own_view", **{**context, "text": text, "saved": saved})
    if form == Submitted.Form.PROPOSAL:
        return redirect("take-part")
    return redirect("take-part-statement", pages.first_code(seat.round))


@consented
def answer_statement(request: HttpRequest, seat: Seat, who: Answerer, code: str) -> HttpResponse:
    """One statement: what speaks against it first, then the questions."""
    statement = Statement.objects.filter(round=seat.round, code=code).select_related("round", "came_from").first()
    if statement is None:
        raise Http404
    if not who.gave_own_view:
        return redirect("take-part-view", "own-view")
    if request.method != "POST":
        return show(200, request, "statement", **pages.describe_statement_page(who, statement))
    sheet = read_sheet(request)
    saved = save_sheet(who=who, statement=statement, sheet=sheet)
    if not saved.is_good:
        context = pages.describe_statement_page(who, statement, sheet, saved)
        return show(409 if saved.newer else 400, request, "statement", **context)
    following = pages.code_after(seat.round, code)
    return redirect("take-part-statement", following) if following else redirect("take-part")


@consented
def finish_page(request: HttpRequest, seat: Seat, who: Answerer) -> HttpResponse:
    """Say that one has finished, and get the receipt."""
    if request.method == "POST":
        finish_answers(seat=seat, who=who)
        return redirect("take-part-finish")
    who.refresh_from_db()
    return show(200, request, "finish", **pages.describe_overview(seat, who))


@consented
def download_answers(request: HttpRequest, seat: Seat, who: Answerer) -> HttpResponse:
    """Everything that one answered, as a file."""
    text = json.dumps(describe_answers(who), indent=2, ensure_ascii=False)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="answers-{seat.round.slug}.json"'
    return answer


@consented
def withdraw_page(request: HttpRequest, seat: Seat, who: Answerer) -> HttpResponse:
    """Delete what one answered, after a page that says so."""
    if request.method != "POST":
        return show(200, request, "withdraw", round=seat.round)
    withdraw_answers(seat=seat)
    return leave_seat(show(200, request, "withdrawn", round=seat.round))


@seated
def leave_page(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Take the cookie off this device; the link opens everything again."""
    if request.method != "POST":
        return redirect("take-part")
    return leave_seat(show(200, request, "left", round=seat.round))


urlpatterns = [
    path("", start_page, name="take-part"),
    path("link/<str:secret>/", open_link, name="take-part-link"),
    path("new-link/", ask_for_link, name="take-part-new-link"),
    path("words/<slug:form>/", give_own_view, name="take-part-view"),
    path("statements/<str:code>/", answer_statement, name="take-part-statement"),
    path("finish/", finish_page, name="take-part-finish"),
    path("answers.json", download_answers, name="take-part-answers"),
    path("withdraw/", withdraw_page, name="take-part-withdraw"),
    path("leave/", leave_page, name="take-part-leave"),
]
