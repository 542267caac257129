"""`make demo`: a database of its own, `failure_lessons_demonstration`, with whatever else the shipped evidence leaves empty.

Rounds in each state, a workshop, a half-screened review, an asked and overdue dossier, a team with tasks. All of it is
invented and called so; the same words and numbers each time. A database that holds a library of another sort is refused.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
django.setup()  # once more does nothing: the tests import this too

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from casestudies.models import Organisation
from failure_lessons.accounts.models import User
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.workbench.services import add_comment
from literature.extracting.defining import QuestionWanted, define_extraction_form
from literature.extracting.services import keep_paper
from literature.models import LiteratureReview, Reference, Search
from literature.screening.services import add_candidates, cast_vote
from literature.study_papers import CHARACTERISTICS
from recommendations.consultations.answers import Submitted
from recommendations.consultations.invitations import invite_participants
from recommendations.consultations.models import ConsultationRound, Participant, Rating
from recommendations.consultations.moderation import agree_on_comment, confirm_reading, decide_comment, read_words
from recommendations.consultations.services import (
    announce_round,
    call_reported,
    cancel_round,
    close_round,
    open_round,
    set_up_round,
)
from recommendations.consultations.workshop_services import (
    WorkshopPlan,
    cast_ballots,
    close_vote,
    open_vote,
    plan_workshop,
    write_minutes,
    write_note,
)
from recommendations.follow_up.models import Addressee, FollowUp
from recommendations.follow_up.services import ask
from recommendations.models import ConsultationTemplate

MARK = "invented-director"  # the user whom every demonstration has, and nothing else
TEAM = {
    MARK: "publisher",
    "invented-facilitator": "facilitator",
    "invented-second-facilitator": "facilitator",
    "invented-analyst": "analyst",
    "invented-researcher": "researcher",
    "invented-second-researcher": "researcher",
}
DAY = dt.timedelta(days=1)
OF_A_GROUP = 6
TITLES = {
    "draft": "Invented: what a regulator should ask first",
    "announced": "Invented: when to step in",
    "open": "Invented: which early warnings count",
    "closed": "Invented: how support should end",
    "reported": "Invented: who should act on what was learnt",
    "cancelled": "Invented: a round that was given up",
}
COMMENTS = (
    "Boards see these figures a quarter too late for this to work.",
    "Say who pays for the second year.",
    "This was tried in our trust; it helped where the chair meant it.",
)


class CannotDemonstrate(Exception):
    """The database is not one of a demonstration; nothing was written."""


def refuse_real_library() -> None:
    """Raise where the database holds a library and no demonstration."""
    if Edition.objects.exists() and not User.objects.filter(username=MARK).exists():
        raise CannotDemonstrate(
            "This database holds a library. A demonstration has a database of its own: start it with make demo, "
            "without DATABASE_URL, or name an empty database."
        )


def make_team() -> tuple[dict[str, User], str]:
    """One person for each role, with one password for all, which is shown once."""
    password = secrets.token_urlsafe(15)
    made = {}
    for name, role in TEAM.items():
        made[name], _ = User.objects.get_or_create(username=name, defaults={"is_staff": True})
        made[name].set_password(password)
        made[name].save()
        made[name].groups.set(Group.objects.filter(name=role))
    return made, password


class Demonstration:
    """Fills an empty library that has the shipped evidence."""

    def __init__(self, team: dict[str, User]) -> None:
        self.team = team
        self.runs, self.helps = team["invented-facilitator"], team["invented-second-facilitator"]
        self.now = timezone.now()
        self.today = timezone.localdate()

    def fill(self) -> None:
        for stage in TITLES:
            getattr(self, f"make_{stage}")()
        self.screen_half_a_review()
        self.ask_a_body()

    # rounds

    def make_draft(self, stage: str = "draft") -> ConsultationRound:
        """A round about four of the recommendations."""
        start = list(TITLES).index(stage)
        editions = list(Edition.objects.current().of_kind("recommendation").order_by("sort_key", "pk"))
        return set_up_round(
            slug=f"invented-{stage}",
            title=TITLES[stage],
            template=ConsultationTemplate.objects.get(),
            editions=[editions[(start + step) % len(editions)] for step in range(0, 8, 2)],
            opens_at=self.now - DAY,
            closes_at=self.now + 30 * DAY,
            contact="office@demonstration.invalid",
            by=self.runs,
        )

    def publish(self, record: ConsultationRound | FollowUp, by: User, note: str = "") -> None:
        submit_record(record=record, by=by, note=note)
        publish_record(record=record, by=self.team[MARK], note=note)
        record.refresh_from_db()

    def make_announced(self, stage: str = "announced") -> ConsultationRound:
        row = self.make_draft(stage)
        if stage in ("announced", "open", "reported"):
            self.plan_workshop(row, in_days=10 if stage == "announced" else 0)
        self.publish(row, self.runs)
        announce_round(consultation=row, by=self.runs)
        return row

    def make_open(self, stage: str = "open") -> ConsultationRound:
        row = self.make_announced(stage)
        for group in row.groups.all():
            Participant.objects.bulk_create(
                Participant(
                    round=row,
                    group=group,
                    email=f"{group.code}-{place}@{row.slug}.invalid",
                    role=f"Invented role {place}",
                )
                for place in range(1, OF_A_GROUP + 1)
            )
        open_round(consultation=row, by=self.runs)
        if stage == "open":
            invite_participants(consultation=row, by=self.runs)
        self.answer(row, share=2 if stage == "open" else 1)
        if stage in ("open", "reported"):
            self.hold_workshop(row, leave_open=stage == "open")
        return row

    def make_closed(self, stage: str = "closed") -> ConsultationRound:
        row = self.make_open(stage)
        close_round(consultation=row, by=self.runs)
        return row

    def make_reported(self) -> ConsultationRound:
        row = self.make_closed("reported")
        self.answer_comments(row)
        row.interpretation = "Invented: health and education agree on what to do, and not on how soon it can be done."
        row.limits = "Invented: nobody was asked; the numbers show what a report looks like."
        row.run_by, row.funding = "Invented: two facilitators of this demonstration.", "Invented: nobody paid for it."
        row.save()
        self.publish(row, self.helps)
        call_reported(consultation=row, by=self.runs)
        return row

    def make_cancelled(self) -> ConsultationRound:
        row = self.make_open("cancelled")
        cancel_round(consultation=row, reason="Invented: the body that asked for it was merged.", by=self.runs)
        return row

    def answer(self, row: ConsultationRound, *, share: int) -> None:
        """Everybody, or one in `share`, rates everything; numbers follow from places alone. Three comment."""
        people = [
            who
            for place, who in enumerate(row.answerers.select_related("group").order_by("group", "pk"))
            if place % share == 0
        ]
        for who in people:
            who.notice_version, who.consented_on = row.notice_version, self.today
            who.gave_own_view, who.finished_on = True, self.today
            who.save()
        statements, questions = list(row.statements.all()), list(row.questions.all())
        Rating.objects.bulk_create(
            Rating(answerer=who, statement=statement, question=question, value=self.rate(who.group.code, place, s, q))
            for place, who in enumerate(people)
            for s, statement in enumerate(statements)
            for q, question in enumerate(questions)
        )
        for who, statement, text in zip(people[::4], statements, COMMENTS, strict=False):
            Submitted.objects.create(
                answerer=who, statement=statement, form="comment", text=f"Invented: {text}", permission="words"
            )

    @staticmethod
    def rate(group: str, place: int, statement: int, question: int) -> int:
        """High for most; what is feasible is seen otherwise in education."""
        if group == "education" and question == 2:
            return 2 + (place + statement) % 3
        return 6 + (place * 5 + statement * 3 + question) % 4

    def answer_comments(self, row: ConsultationRound) -> None:
        """Two people read each and agree on what becomes of it."""
        outcomes = ("already-so", "not-accepted", "out-of-scope")
        for place, each in enumerate(Submitted.objects.filter(answerer__round=row).order_by("text")):
            read_words(submitted=each, public_text=each.text, by=self.runs)
            each.refresh_from_db()
            confirm_reading(submitted=each, by=self.helps)
            decide_comment(
                submitted=each,
                outcome=outcomes[place % 3],
                reason="Invented: weighed, and told in public.",
                by=self.runs,
            )
            each.refresh_from_db()
            agree_on_comment(disposition=each.disposition, by=self.helps)

    # a workshop

    def plan_workshop(self, row: ConsultationRound, in_days: int) -> None:
        starts = timezone.make_aware(dt.datetime.combine(self.today + in_days * DAY, dt.time(10)))
        codes = list(row.statements.values_list("code", flat=True))
        plan_workshop(
            consultation=row,
            plan=WorkshopPlan(
                title="Invented: a day to talk it over",
                place="Invented: a hall in Leicester",
                starts_at=starts,
                ends_at=starts + dt.timedelta(hours=6),
                pre_reading=f"/b/{'+'.join(codes)}",
                agenda="10:00 Welcome, and what the evidence says\n10:30 Tables: what stands in the way\n12:30 Lunch\n"
                "13:30 Tables: who has to act\n15:00 Votes\n15:45 What was decided",
                votes=f"Which comes first? | {' | '.join(codes)}\nIs it ready to be sent? | Yes | After changes | No",
                tables=3,
                is_announced=True,
            ),
            by=self.runs,
        )

    def hold_workshop(self, row: ConsultationRound, *, leave_open: bool) -> None:
        session = row.sessions.get()
        for table in session.tables.all():
            write_note(
                table=table, form="point", text=f"Invented: table {table.number} asked who acts when two bodies may."
            )
        first, second = session.votes.all()
        voters = list(row.answerers.filter(consented_on__isnull=False).order_by("group", "pk"))
        for vote in (first, second):
            open_vote(vote=vote, by=self.runs)
            for place, who in enumerate(voters):
                choice = vote.options[1 if place % 5 < 2 else 0]
                cast_ballots(who=who, chosen={vote: choice})
            if vote == first or not leave_open:
                close_vote(vote=vote, by=self.runs)
        write_minutes(
            session=session,
            text="Decision: Invented: publish the order in which warnings are acted on [the regulator]\n"
            "Open point: Invented: who pays for the second year [commissioners]",
            by=self.runs,
        )

    # a review, a dossier, tasks

    def screen_half_a_review(self) -> None:
        """Twenty records wait; two people have looked at about half and differ on three."""
        first, second = self.team["invented-researcher"], self.team["invented-second-researcher"]
        review = LiteratureReview.objects.create(
            slug="invented-review",
            title="Invented: early warnings in public services",
            question="Which warnings came before failure in public services, and who acted on them?",
            review_type="scoping",
            sector="cross-sector",
        )
        references = list(Reference.objects.order_by("slug")[:20])
        search = Search.objects.create(
            review=review,
            source="Invented database",
            query='"early warning" AND failure',
            date_run="2026-11-02",
            records_found=len(references),
        )
        add_candidates(review=review, references=references, by=first, origin="Invented search", search=search)
        for place, reference in enumerate(references[:12]):
            mine = "include" if place % 3 else "exclude"
            theirs = mine if place % 4 else ("exclude" if mine == "include" else "include")
            for who, decision in ((first, mine), (second, theirs))[: 2 if place < 10 else 1]:
                reason = "Invented: not about failure" if decision == "exclude" else ""
                cast_vote(
                    review=review, reference=reference, stage="title-abstract", decision=decision, reason=reason, by=who
                )
        self.read_two_studies(review, references[1:3])
        add_comment(record=review, by=second, text="Invented: should grey literature wait for the second search?")
        draft = ConsultationRound.objects.get(slug="invented-draft")
        add_comment(record=draft, by=self.helps, text="Invented: is six people in each group enough?")
        submit_record(record=draft, by=self.runs, note="Invented: please look at the rules.")

    def read_two_studies(self, review: LiteratureReview, studies: list[Reference]) -> None:
        """Two full texts are included and read by two people, who agree on the first and differ on the second."""
        people = self.team["invented-researcher"], self.team["invented-second-researcher"]
        questions = (
            QuestionWanted("", "Setting", "choice", choices=("School", "Prison", "Hospital"), required=True),
            QuestionWanted("", "Warnings counted", "number", unit="warnings"),
            QuestionWanted("", "Who was warned", "text"),
        )
        define_extraction_form(review=review, questions=questions, by=people[0])
        for place, study in enumerate(studies):
            for who in people:
                cast_vote(review=review, reference=study, stage="full-text", decision="include", by=who)
            for number, who in enumerate(people):
                answers = {
                    "setting": {"choices": ["Prison" if place else "School"]},
                    "warnings-counted": {"number": 3 + place * number},
                    "who-was-warned": {"text": "Invented: the governing body"},
                }
                keep_paper(review=review, reference=study, about=CHARACTERISTICS, answers=answers, done=True, by=who)

    def ask_a_body(self) -> None:
        """An invented body was asked four months ago, and its answer is a month late."""
        body = Organisation.objects.create(slug="invented-care-board", name="Invented Care Board", type="invented body")
        submit_record(record=body, by=self.runs)
        publish_record(record=body, by=self.team[MARK])
        dossier = FollowUp.objects.filter(recommendation__isnull=False).order_by("slug").first()
        addressee = Addressee.objects.create(
            dossier=dossier, position=dossier.addressees.count(), body=body, role="Invented: chief executive"
        )
        ask(
            addressee=addressee,
            by=self.runs,
            day=self.today - 120 * DAY,
            how="Invented: by letter to the post",
            proof="Invented: recorded delivery 0000.",
            answer_due=self.today - 30 * DAY,
            answer_said="Invented: within three months",
        )
        dossier.refresh_from_db()
        self.publish(dossier, self.runs, note="Invented: a body was asked.")


def fill_database() -> str:
    """Fill the database once. Says how to sign in."""
    refuse_real_library()
    if ConsultationRound.objects.filter(slug="invented-draft").exists():
        place = f"DEBUG=1 DATABASE_URL='{os.environ.get('DATABASE_URL', '')}'"
        return f"the demonstration is there already; forgotten the password? {place} manage.py changepassword {MARK}"
    team, password = make_team()  # first of all: it marks the database, should what follows be interrupted
    call_command("load_evidence", "evidence", publish=True, if_empty=True)
    with transaction.atomic():
        Demonstration(team).fill()
    return f"sign in as {', '.join(team)}: the password of each is {password}, shown only now"


if __name__ == "__main__":
    try:
        print(fill_database())
    except CannotDemonstrate as refusal:
        print(refusal, file=sys.stderr)
        raise SystemExit(1) from None
