"""The page on which a facilitator plans and runs workshops, and the sheets of paper for when nothing else works."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.safestring import mark_safe

from failure_lessons.accounts.models import User
from failure_lessons.files.qr import qr_svg
from failure_lessons.publishing.models import Publishable
from recommendations.consultations.desk import RUN, RoundPart
from recommendations.consultations.models import ConsultationRound
from recommendations.consultations.services import CannotMoveRound
from recommendations.consultations.workshop_services import (
    WorkshopPlan,
    close_vote,
    enter_paper,
    find_vote,
    open_vote,
    plan_workshop,
    send_table_link,
    show_table_link,
    tell_minutes,
    write_minutes,
)
from recommendations.consultations.workshops import Vote, WorkshopSession, describe_tally

MOST_TABLES = 50
PLAN_FIELDS = ("title", "place", "starts_at", "ends_at", "pre_reading", "agenda", "votes", "tables", "is_announced")


def read_meeting_time(text: str) -> dt.datetime:
    """A moment as a form sends it, in London."""
    try:
        return timezone.make_aware(dt.datetime.fromisoformat(text))
    except ValueError as error:
        raise CannotMoveRound(["Write when it begins and ends as date and time, such as 2027-02-01T10:00."]) from error


def read_plan(sent: Mapping[str, str]) -> WorkshopPlan:
    """What a facilitator wrote, as a plan."""
    if not (sent.get("title", "").strip() and sent.get("place", "").strip()):
        raise CannotMoveRound(["Give the workshop a title, and say where it is held."])
    tables = sent.get("tables", "").strip()
    if not (tables.isascii() and tables.isdigit() and 1 <= int(tables) <= MOST_TABLES):
        raise CannotMoveRound([f"Say how many tables there are: 1 to {MOST_TABLES}."])
    return WorkshopPlan(
        title=sent["title"].strip()[:200],
        place=sent["place"].strip()[:200],
        starts_at=read_meeting_time(sent.get("starts_at", "")),
        ends_at=read_meeting_time(sent.get("ends_at", "")),
        pre_reading=sent.get("pre_reading", "").strip().removeprefix(settings.SITE_URL),
        agenda=sent.get("agenda", ""),
        votes=sent.get("votes", ""),
        tables=int(tables),
        is_announced=sent.get("is_announced") == "yes",
    )


def tell_plan(session: WorkshopSession | None) -> dict[str, object]:
    """A plan as the form shows it."""
    if session is None:
        return {**dict.fromkeys(PLAN_FIELDS, ""), "tables": 4, "is_announced": "yes"}
    prepared = session.votes.filter(stage=Vote.Stage.PREPARED)
    return {
        **{name: getattr(session, name) for name in ("title", "place", "pre_reading")},
        "starts_at": timezone.localtime(session.starts_at).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": timezone.localtime(session.ends_at).strftime("%Y-%m-%dT%H:%M"),
        "agenda": "\n".join(map(str, session.agenda.all())),
        "votes": "\n".join(" | ".join([each.wording, *each.options]) for each in prepared),
        "tables": session.tables.count(),
        "is_announced": "yes" if session.is_announced else "",
    }


class WorkshopPages(RoundPart):
    """Workshops of a round: planned, run, printed, written up."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/workshops/", self.plan_view, self.name_page("workshops")),
            self.make_path("<int:pk>/workshops/<int:number>/", self.hold_view, self.name_page("workshop")),
            self.make_path("<int:pk>/workshops/<int:number>/edit/", self.plan_view, self.name_page("workshop_edit")),
            self.make_path("<int:pk>/workshops/<int:number>/sheets/", self.sheets_view, self.name_page("sheets")),
        ]

    def tools(self, request: HttpRequest, record: Publishable) -> list[dict[str, str]]:
        if not request.user.has_perm(RUN):
            return []
        return [{"label": "Workshops", "url": self.page_url("workshops", record.pk)}]

    def plan_view(self, request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
        """The workshops of a round, and the form for another or for this one."""
        by = self.demand(request, RUN)
        row = get_object_or_404(ConsultationRound, pk=pk)
        session = get_object_or_404(row.sessions, pk=number) if number else None
        plan: Mapping[str, object] = tell_plan(session)
        faults: list[str] = []
        if request.method == "POST":
            sent = request.POST.dict()
            plan = {**dict.fromkeys(PLAN_FIELDS, ""), **sent}
            try:
                made = plan_workshop(consultation=row, plan=read_plan(sent), by=by, session=session)
            except CannotMoveRound as refusal:
                faults = refusal.reasons
            else:
                messages.success(request, "The workshop is written down.")
                return self.go_to("workshop", pk, made.pk)
        context: dict[str, object] = {
            **{"round": row, "session": session, "plan": plan, "faults": faults},
            "sessions": [(each, self.page_url("workshop", pk, each.pk)) for each in row.sessions.all()],
            "urls": {"run": self.page_url("run", pk)},
        }
        return self.show_page(request, "workshops", 400 if faults else 200, context)

    def hold_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Run a workshop: links for note-takers, votes, paper, minutes."""
        by = self.demand(request, RUN)
        session = get_object_or_404(WorkshopSession.objects.select_related("round"), pk=number, round=pk)
        link = ""
        if request.method == "POST":
            try:
                link = self.make_workshop_move(request, session, by)
            except CannotMoveRound as refusal:
                for reason in refusal.reasons:
                    messages.error(request, reason)
            if not link:
                return self.go_to("workshop", pk, number)
        return self.show_page(request, "workshop", 200, self.describe_workshop(session, link))

    def make_workshop_move(self, request: HttpRequest, session: WorkshopSession, by: User) -> str:
        """Do what a button says. Returns a note-taker's link that is to be shown now, and never again."""
        sent = request.POST
        what = sent.get("what", "")
        if what in ("show", "send"):
            table = get_object_or_404(session.tables.select_related("session__round"), number=sent.get("table", 0))
            if what == "show":
                return show_table_link(table=table, by=by)
            try:
                validate_email(sent.get("email", "").strip())
            except ValidationError as error:
                raise CannotMoveRound(["Write the note-taker's e-mail address, such as name@example.org."]) from error
            send_table_link(table=table, email=sent["email"].strip(), by=by)
            messages.success(request, f"The link to the notes of table {table.number} is on its way.")
        elif what == "open":
            open_vote(vote=find_vote(session, sent.get("vote", "")), by=by)
        elif what == "close":
            close_vote(vote=find_vote(session, sent.get("vote", "")), by=by)
        elif what == "paper":
            vote = find_vote(session, sent.get("vote", ""))
            numbers = {option: sent.get(f"paper-{place}", "") for place, option in enumerate(vote.options)}
            enter_paper(vote=vote, numbers=numbers, by=by)
            messages.success(request, "The sheets are counted in when the vote is closed.")
        elif what == "minutes":
            write_minutes(session=session, text=sent.get("text", ""), by=by)
            messages.success(request, "The minutes are kept; they are published with the report.")
        else:
            raise CannotMoveRound(["Nothing was done: choose one of the buttons."])
        return ""

    def describe_workshop(self, session: WorkshopSession, link: str) -> dict[str, object]:
        """Votes with what can be done next, tables with their notes, the minutes so far."""
        pk = session.round_id
        site = settings.SITE_URL
        paper = {
            (each.vote_id, each.choice): each.number for vote in session.votes.all() for each in vote.paper_counts.all()
        }
        votes = [
            {
                "vote": vote,
                "tally": describe_tally(vote, session.round.least_shown),
                "paper": [
                    {"place": place, "option": option, "number": paper.get((vote.pk, option), "")}
                    for place, option in enumerate(vote.options)
                ],
            }
            for vote in session.votes.all()
        ]
        return {
            **{"round": session.round, "session": session, "votes": votes},
            "tables": session.tables.prefetch_related("notes"),
            "minutes": tell_minutes(session),
            "link": f"{site}{link}" if link else "",
            "qr": mark_safe(qr_svg(f"{site}{link}")) if link else "",  # noqa: S308  # segno's own SVG
            "wall": reverse("take-part-wall", args=[session.wall]),
            "urls": {
                **{name: self.page_url(name, pk) for name in ("run", "workshops")},
                **{name: self.page_url(name, pk, session.pk) for name in ("workshop_edit", "sheets")},
            },
        }

    def sheets_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Sheets to print: one a person with every vote that is not closed, one a table for its notes."""
        self.demand(request, RUN)
        session = get_object_or_404(WorkshopSession.objects.select_related("round"), pk=number, round=pk)
        context = {
            **{"round": session.round, "session": session, "tables": session.tables.all()},
            "votes": session.votes.exclude(stage=Vote.Stage.CLOSED),
            "urls": {"workshop": self.page_url("workshop", pk, number)},
        }
        return self.show_page(request, "sheets", 200, context)
