"""Taking part in a real browser: without scripts, at 320 pixels, by keyboard; axe finds nothing on any page."""

import os
import re
from contextlib import nullcontext

import pytest
from django.core import mail

from failure_lessons.outbox.delivery import deliver_waiting
from recommendations.consultations.invitations import invite_participants
from recommendations.consultations.models import Participant, Rating
from recommendations.consultations.services import close_round
from recommendations.consultations.workshop_services import WorkshopPlan, close_vote, open_vote, plan_workshop
from tests.browser.faults import find_faults
from tests.recommendations.consultations.test_workshops import PLAN
from tests.recommendations.consultations.world import answer_all, opened_round, publish_round

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PICTURES = os.environ.get("PICTURES", "")  # a folder, for whoever wants to look


@pytest.fixture(scope="module")
def invited(own_library, django_db_blocker):
    """An open round of 24 invented people with a vote that is open and one that is closed, seen by the server's own connection, and the link of each."""
    with django_db_blocker.unblock():
        row = opened_round()
        invite_participants(consultation=row, by=row.created_by)
        deliver_waiting()
        session = plan_workshop(consultation=row, plan=WorkshopPlan(**PLAN), by=row.created_by)
        first, second = session.votes.all()
        open_vote(vote=second, by=row.created_by)
        close_vote(vote=second, by=row.created_by)
        open_vote(vote=first, by=row.created_by)
        return row, {each.to[0]: re.search(r"(/take-part/link/\S+/)", each.body)[1] for each in mail.outbox}


@pytest.fixture(scope="module")
def opened(invited):
    """The round, one of the people, and their link."""
    row, links = invited
    address, link = next(iter(links.items()))
    return row, address, link


def keep_picture(page, name):
    if PICTURES:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def look(page, name, faults):
    """Every page is looked at narrow and wide."""
    keep_picture(page, name)
    faults += find_faults(page, widths=(320, 1280), where=name)


def test_somebody_takes_part_without_scripts_and_axe_finds_nothing(opened, browser, site, settings):
    row, address, link = opened
    context = browser.new_context(viewport={"width": 320, "height": 800}, java_script_enabled=True)
    page, faults = context.new_page(), []
    page.goto(f"{site}{link}")
    look(page, "link", faults)
    page.get_by_role("button", name="Go on").click()
    look(page, "consent", faults)
    page.get_by_label("I have read the notice").check()
    page.get_by_label("No, by none of them").check()
    page.get_by_role("button", name="Agree and go on").click()
    look(page, "own-view", faults)
    page.get_by_label("Your view").fill("I would have asked for less.")
    page.get_by_role("button", name="Save and go on").click()
    look(page, "statement", faults)
    page.get_by_role("group", name=re.compile("How clear")).get_by_label("8", exact=True).check()
    page.get_by_label("A comment, if you like").fill("Too slow.")
    page.get_by_role("button", name="Save and next").click()
    page.get_by_role("link", name="All statements").click()
    look(page, "overview", faults)
    page.get_by_role("link", name="Check and finish").click()
    look(page, "finish", faults)
    page.get_by_role("button", name="I have finished").click()
    look(page, "thanks", faults)
    page.get_by_role("link", name=re.compile("Withdraw")).click()
    look(page, "withdraw", faults)
    assert not faults, "\n".join(faults)
    assert [each["path"] for each in context.cookies()] == ["/take-part/"]
    assert Participant.objects.get(email=address).standing == "answered"
    assert Rating.objects.get(statement__round=row, question__code="clear", value=8)
    context.close()


def test_a_statement_is_answered_by_keyboard_alone_and_without_scripts(opened, browser, site):
    row, _, link = opened
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{link}")
    page.get_by_role("button", name="Go on").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/take-part/")
    page.goto(f"{site}/take-part/statements/R2/")
    page.get_by_role("group", name=re.compile("How important")).locator("input[value='1']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Save and next").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/take-part/")
    assert Rating.objects.get(statement__round=row, statement__code="R2").value in (2, 3)
    context.close()


def test_a_vote_is_cast_by_keyboard_alone_and_without_scripts_and_the_wall_has_no_fault(invited, browser, site):
    row, links = invited
    link = [*links.values()][-1]
    session, faults = row.sessions.get(), []
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(f"{site}{link}")
    for name, key in (
        ("Go on", "Enter"),
        ("I have read the notice and take part of my own will. Consent (UK GDPR article 6(1)(a)).", "Space"),
        ("No, by none of them", "Space"),
        ("Agree and go on", "Enter"),
    ):
        tab_to(page, name)
        with page.expect_navigation() if key == "Enter" else nullcontext():
            page.keyboard.press(key)
    page.goto(f"{site}/take-part/votes/")
    tab_to(page, "Early warning")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Vote")
    page.keyboard.press("Enter")
    page.get_by_text("You voted: Exit plans.").wait_for()
    assert session.votes.get(position=0).ballots.get().choice == "Exit plans"
    context.close()
    page = browser.new_page()
    page.goto(f"{site}/take-part/wall/{session.wall}/")
    look(page, "wall", faults)
    assert not faults, "\n".join(faults)
    page.close()


def tab_to(page, name):
    """Press Tab until what has the focus is called so."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        told = focused.evaluate("e => (e.labels && e.labels[0] || e).textContent.trim()") if focused.count() else ""
        if " ".join(told.split()) == name:
            return
    raise AssertionError(f"no way by Tab to “{name}”")


@pytest.fixture(scope="module")
def reported(own_library, django_db_blocker):
    """A published report in which one group differs."""
    with django_db_blocker.unblock():
        row = opened_round()
        answer_all(row, lambda group, place: 2 if group == "education" else 6 + place % 4)
        close_round(consultation=row, by=row.created_by)
        publish_round(row)
        return row


def test_protocol_and_report_have_no_fault_at_any_width(opened, reported, browser, site):
    row, _, _ = opened
    page, faults = browser.new_page(), []
    page.goto(f"{site}/consultation-rounds/{row.slug}/")
    look(page, "protocol", faults)
    page.goto(f"{site}/consultation-rounds/{reported.slug}/")
    look(page, "report", faults)
    assert not faults, "\n".join(faults)
    page.close()
