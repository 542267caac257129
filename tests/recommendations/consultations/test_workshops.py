"""A workshop: planned, voted in from phones and on paper, shown on a wall, written up; nobody's choice is told."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.outbox.models import Message, hash_secret
from recommendations.consultations.documents import describe_round
from recommendations.consultations.erasure import erase_expired
from recommendations.consultations.invitations import invite_participants
from recommendations.consultations.models import ConsultationRound, WorkshopSession
from recommendations.consultations.services import CannotMoveRound, call_reported, cancel_round, close_round
from recommendations.consultations.taking_part import describe_answers
from recommendations.consultations.workshop_services import (
    WorkshopPlan,
    cast_ballots,
    close_vote,
    enter_paper,
    find_table,
    open_vote,
    plan_workshop,
    send_table_link,
    show_table_link,
    tell_minutes,
    write_minutes,
    write_note,
)
from recommendations.consultations.workshops import Ballot, TableNote, Vote
from tests.recommendations.consultations.test_desk import page
from tests.recommendations.consultations.test_taking_part import come_in, links, send, tree_of
from tests.recommendations.consultations.test_taking_part import nobody_tried_before as nobody_tried_before
from tests.recommendations.consultations.world import announced_round, opened_round, publish_round

pytestmark = pytest.mark.django_db
VOTE = "Which comes first? | Early warning | Exit plans"
PLAN = {
    "title": "A day in Leicester",
    "place": "Leicester",
    "starts_at": timezone.now() - dt.timedelta(hours=1),
    "ends_at": timezone.now() + dt.timedelta(hours=5),
    "pre_reading": "/brief/?with=R1",
    "agenda": "10:00 Welcome\n10:30 Tables",
    "votes": f"{VOTE}\nIs it ready? | Yes | No | Not yet",
    "tables": 2,
    "is_announced": True,
}


def plan(row, **values):
    return plan_workshop(consultation=row, plan=WorkshopPlan(**{**PLAN, **values}), by=row.created_by)


@pytest.fixture
def row(answered):
    return ConsultationRound.objects.get(pk=answered)


def vote_of(session, place=0):
    return session.votes.select_related("session__round").get(position=place)


def held_vote(session, *choices, paper=None):
    """A vote in which as many people chose as there are choices; open still."""
    vote = vote_of(session)
    open_vote(vote=vote, by=session.round.created_by)
    for who, choice in zip(session.round.answerers.all(), choices, strict=False):
        cast_ballots(who=who, chosen={vote: choice})
    if paper:
        enter_paper(vote=vote, numbers=paper, by=session.round.created_by)
    return vote


def refusal(work, **values):
    with pytest.raises(CannotMoveRound) as refused:
        work(**values)
    return " ".join(refused.value.reasons)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"agenda": "Welcome"}, "Line 1 of the agenda"),
        ({"agenda": "25:00 Welcome"}, "Line 1 of the agenda"),
        ({"votes": "Which? | One"}, "Line 1 of the votes"),
        ({"votes": "Which? | One | One"}, "Line 1 of the votes"),
        ({"pre_reading": "https://elsewhere.example/b/R1"}, "a brief of this site"),
        ({"pre_reading": "javascript:alert(1)"}, "a brief of this site"),
        ({"ends_at": PLAN["starts_at"]}, "A workshop ends after it begins."),
    ],
)
def test_a_plan_that_cannot_be_read_is_refused_whole(row, values, words):
    before = plan(row)
    kept = (str(before.agenda.first()), before.votes.count())
    told = refusal(
        plan_workshop, consultation=row, plan=WorkshopPlan(**{**PLAN, **values}), by=row.created_by, session=before
    )
    assert words in told
    again = WorkshopSession.objects.get()
    assert (str(again.agenda.first()), again.votes.count()) == kept


def test_an_announced_workshop_stands_in_the_protocol_and_its_votes_follow_with_the_report(client):
    row = announced_round()
    plan(row)
    publish_round(row)
    words = client.get(f"/consultation-rounds/{row.slug}/").content.decode()
    for each in ("A day in Leicester", "10:30 Tables", 'href="/brief/?with=R1"'):
        assert each in words
    assert "Which comes first?" not in words
    listed = {
        each["slug"]: each for each in client.get("/api/v1/consultation-rounds/?state=announced").json()["results"]
    }
    assert listed[row.slug]["sessions"][0]["agenda"] == ["10:00 Welcome", "10:30 Tables"]


@pytest.mark.slow
def test_a_workshop_that_is_not_announced_is_in_no_document(row):
    plan(row, is_announced=False)
    assert describe_round(row)["sessions"] == []


@pytest.mark.slow
def test_counts_below_k_are_shown_nowhere_and_no_total_tells_them(row):
    session = plan(row)
    vote = held_vote(session, *["Early warning"] * 6, *["Exit plans"] * 4)
    wall = f"/take-part/wall/{session.wall}/"
    assert ">6<" not in Client().get(wall).content.decode(), "while it is open nothing is shown"
    close_vote(vote=vote, by=row.created_by)
    shown = Client().get(wall).content.decode()
    assert "<strong>6</strong>" in shown
    assert "Fewer than 5" in shown
    assert not re.search(r"\b(4|10)\b", " ".join(tree_of(Client().get(wall)).xpath("//main//li//text()")))
    row.refresh_from_db()
    close_round(consultation=row, by=row.created_by)
    [told] = describe_round(row)["sessions"]
    assert told["votes"] == [
        {
            "wording": "Which comes first?",
            "options": [{"option": "Early warning", "count": 6}, {"option": "Exit plans", "count": None}],
            "has_paper": None,
        }
    ]


@pytest.mark.slow
def test_a_tally_is_counted_once_so_that_a_withdrawal_tells_nobodys_choice(row):
    invite_participants(consultation=row, by=row.created_by)
    session = plan(row)
    vote = held_vote(session, *["Early warning"] * 7, paper={"Early warning": "5", "Exit plans": ""})
    close_vote(vote=vote, by=row.created_by)
    assert (vote.tally, vote.has_paper) == ({"Early warning": 12, "Exit plans": 0}, True)
    row.answerers.first().delete()
    vote.refresh_from_db()
    assert vote.ballots.count() == 6
    assert vote.tally["Early warning"] == 12


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("update consultations_vote set stage = 'open', tally = null where id = %s", "a closed vote stays closed"),
        ("update consultations_vote set wording = 'Other?' where id = %s", "what is voted on never changes once open"),
        ("update consultations_ballot set choice = 'Exit plans' where vote_id = %s", "a ballot is cast while its vote"),
        ("delete from consultations_vote where id = %s", "a vote that was opened stays"),
    ],
)
def test_the_database_keeps_a_closed_vote_as_it_was(row, sql, rule):
    vote = held_vote(plan(row), *["Early warning"] * 6)
    close_vote(vote=vote, by=row.created_by)
    with pytest.raises(Exception, match=rule), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [vote.pk])


@pytest.mark.slow
def test_a_ballot_is_cast_once_for_an_option_of_an_open_vote_by_somebody_of_the_round(row):
    session = plan(row)
    who, other = row.answerers.first(), vote_of(session, 1)
    vote = held_vote(session, "Early warning")
    cast_ballots(who=who, chosen={vote: "Exit plans"})
    assert list(Ballot.objects.values_list("choice", flat=True)) == ["Exit plans"]
    assert "option that was offered" in refusal(cast_ballots, who=who, chosen={vote: "Lunch"})
    assert "while its vote is open" in refusal(cast_ballots, who=who, chosen={other: "Yes"})
    stranger = opened_round().answerers.first()
    assert "somebody of the round" in refusal(cast_ballots, who=stranger, chosen={vote: "Exit plans"})
    assert "write a number" in refusal(enter_paper, vote=vote, numbers={"Exit plans": "-1"}, by=row.created_by)
    assert describe_answers(who)["votes"] == [{"vote": "Which comes first?", "chosen": "Exit plans"}]


@pytest.mark.slow
def test_people_vote_on_their_phones_by_the_link_in_their_mail_and_change_their_mind():
    row = opened_round()
    invite_participants(consultation=row, by=row.created_by)
    session = plan(row)
    browser = come_in(next(iter(links().values())))
    where = "/take-part/votes/"
    assert where in browser.get("/take-part/").content.decode()
    assert "No vote is open" in browser.get(where).content.decode()
    vote = vote_of(session)
    open_vote(vote=vote, by=row.created_by)
    for choice in ("Early warning", "Exit plans"):
        assert send(browser, where, **{f"vote-{vote.pk}": choice}).status_code == 302
    assert "You voted: Exit plans." in browser.get(where).content.decode()
    assert browser.post(where, {f"vote-{vote.pk}": "Early warning"}).status_code == 403, "without the proof of a page"
    late = tree_of(browser.get(where)).xpath("(//input[@name='proof']/@value)[1]")[0]
    close_vote(vote=vote, by=row.created_by)
    answer = browser.post(where, {f"vote-{vote.pk}": "Early warning", "proof": late})
    assert answer.status_code == 409
    assert "A ballot is cast while its vote is open." in answer.content.decode()
    assert Ballot.objects.get().choice == "Exit plans"
    assert Client().get(where).status_code == 403


@pytest.mark.slow
def test_a_wall_answers_304_until_a_vote_moves_and_costs_one_query(row):
    session = plan(row)
    wall = f"/take-part/wall/{session.wall}/"
    first = Client().get(wall)
    assert (first.status_code, first["Cache-Control"]) == (200, "no-store")
    held = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    with CaptureQueriesContext(connection) as asked:
        assert Client().get(wall, **held).status_code == 304
    assert len(asked) == 1
    open_vote(vote=vote_of(session), by=row.created_by)
    again = Client().get(wall, **held)
    assert again.status_code == 200
    assert "Vote now" in again.content.decode()
    assert Client().get("/take-part/wall/00000000-0000-4000-8000-000000000000/").status_code == 404


@pytest.mark.slow
def test_a_note_takers_link_is_kept_as_a_hash_and_the_newest_alone_opens(row, settings):
    session = plan(row)
    table = session.tables.select_related("session__round").get(number=1)
    first = show_table_link(table=table, by=row.created_by)
    second = show_table_link(table=table, by=row.created_by)
    table.refresh_from_db()
    assert table.secret_sha256 == hash_secret(second.split("/")[-2])
    assert Client().get(first).status_code == 404
    phone = Client()
    assert phone.get(second).status_code == 200
    assert phone.post(second, {"form": "decision", "comment": "Publish it."}).status_code == 302
    assert not phone.cookies
    assert phone.post(second, {"form": "decision", "comment": "x" * 4001}).status_code == 409
    assert (
        phone.post(second, {"form": "decision", "comment": "X"}, headers={"sec-fetch-site": "cross-site"}).status_code
        == 200
    )
    assert list(TableNote.objects.values_list("table__number", "form", "text")) == [(1, "decision", "Publish it.")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_table_link(table=table, email="notes@people.example", by=row.created_by)
    assert Client().get(second).status_code == 404
    deliver_waiting()
    [link] = re.findall(r"(/take-part/table/\S+/)", mail.outbox[-1].body)
    assert find_table(link.split("/")[-2]) == table


@pytest.mark.slow
def test_dead_links_of_tables_are_all_alike(row):
    table = plan(row).tables.select_related("session__round").first()
    link = show_table_link(table=table, by=row.created_by)
    others = [f"/take-part/table/{'a' * 32}/", link[:-2] + "~/", "/take-part/table/short/"]
    close_round(consultation=row, by=row.created_by)
    bodies = {(answer := Client().get(each)).content: answer.status_code for each in (link, *others)}
    assert list(bodies.values()) == [404]


def test_minutes_begin_with_what_the_tables_noted_and_name_roles(row):
    session = plan(row)
    for table, text in zip(session.tables.all(), ("Too slow.", "Trusts first."), strict=True):
        write_note(table=table, form="point", text=text)
    assert tell_minutes(session) == "Point: Too slow.\nPoint: Trusts first."
    text = "Decision: Publish it within a year [the regulator]\nOpen point: Who pays?"
    write_minutes(session=session, text=text, by=row.created_by)
    assert tell_minutes(session) == text
    assert "Line 1 of the minutes" in refusal(write_minutes, session=session, text="We met.", by=row.created_by)
    close_round(consultation=row, by=row.created_by)
    assert describe_round(row)["sessions"][0]["minutes"][0] == {
        "form": "decision",
        "words": "Publish it within a year",
        "who": "the regulator",
    }


@pytest.mark.slow
def test_notes_and_mail_to_note_takers_go_with_the_contacts(row):
    session = plan(row)
    table = session.tables.select_related("session__round").first()
    write_note(table=table, form="point", text="Ana said no.")
    send_table_link(table=table, email="notes@people.example", by=row.created_by)
    close_round(consultation=row, by=row.created_by)
    publish_round(row)
    call_reported(consultation=row, by=row.created_by)
    erase_expired(timezone.now() + dt.timedelta(days=row.retention_days + 1))
    assert not TableNote.objects.exists()
    assert not Message.objects.filter(recipient="notes@people.example").exists()


@pytest.mark.slow
def test_a_facilitator_plans_and_runs_a_workshop_and_others_do_not(row, person, browser_of):
    desk, where = browser_of(person("facilitator-two", "facilitator")), page("workshops", row.pk)
    sent = {**PLAN, "starts_at": "2027-01-11T10:00", "ends_at": "2027-01-11T16:00", "is_announced": "yes"}
    assert desk.get(where).status_code == 200
    answer = desk.post(where, {**sent, "votes": "Which?"})
    assert answer.status_code == 400
    assert "Line 1 of the votes" in answer.content.decode()
    assert "10:30 Tables" in answer.content.decode(), "what was typed is kept"
    assert desk.post(where, {**sent, "tables": "x"}).status_code == 400
    assert desk.post(where, sent).status_code == 302
    session = WorkshopSession.objects.get()
    run = page("workshop", row.pk, session.pk)
    assert "/take-part/table/" in desk.post(run, {"what": "show", "table": 1}).content.decode()
    assert "/take-part/table/" not in desk.get(run).content.decode()
    vote = vote_of(session)
    for what in ("open", "close"):
        desk.post(run, {"what": what, "vote": vote.pk})
    vote.refresh_from_db()
    assert vote.stage == Vote.Stage.CLOSED
    sheets = desk.get(page("sheets", row.pk, session.pk)).content.decode()
    assert "Is it ready?" in sheets
    assert "Which comes first?" not in sheets
    assert desk.get(page("workshop_edit", row.pk, session.pk)).status_code == 200
    for role in ("analyst", "researcher"):
        other = browser_of(person(f"{role}-two", role))
        for address in (where, run, page("sheets", row.pk, session.pk)):
            assert other.get(address).status_code == 403


@pytest.mark.slow
def test_a_cancelled_round_keeps_no_votes_and_no_notes(row):
    session = plan(row)
    close_vote(vote=held_vote(session, *["Early warning"] * 6), by=row.created_by)
    write_note(table=session.tables.first(), form="point", text="Too slow.")
    cancel_round(consultation=row, reason="Merged.", by=row.created_by)
    assert not Vote.objects.exists()
    assert not TableNote.objects.exists()


@pytest.mark.slow
def test_withdrawing_takes_the_ballots_of_open_votes_along():
    row = opened_round()
    invite_participants(consultation=row, by=row.created_by)
    session = plan(row)
    browser = come_in(next(iter(links().values())))
    vote = vote_of(session)
    open_vote(vote=vote, by=row.created_by)
    send(browser, "/take-part/votes/", **{f"vote-{vote.pk}": "Early warning"})
    send(browser, "/take-part/withdraw/")
    assert not Ballot.objects.exists()
