"""The workbench in a real browser: axe, no sideways scrolling, nothing forbidden by the CSP, comments by keyboard alone."""

import pytest
from django.contrib.auth.models import Group

from failure_lessons.accounts.models import User
from failure_lessons.publishing.services import submit_record
from tests import factories
from tests.browser.faults import find_faults
from tests.browser.test_judging import opened

pytestmark = pytest.mark.usefixtures("committed")
PHRASE = "a long enough phrase"


@pytest.fixture(scope="module")
def staff(own_library, django_db_blocker):
    """A researcher with a case in review and a reviewer, seen by the server's own connection."""
    with django_db_blocker.unblock():
        people = {}
        for name, role in (("desk-author", "researcher"), ("desk-chief", "publisher")):
            people[name] = User.objects.create_user(name, password=PHRASE, is_staff=True)
            people[name].groups.set(Group.objects.filter(name=role))
        case = factories.case(title="For the browser")
        case.sections.all().delete()
        submit_record(record=case, by=people["desk-author"])
        return case


def signed_in(browser, site, name, width):
    """A page of somebody who has signed in: how one does stands in test_people.py."""
    return opened(browser, site, User.objects.get(username=name), width).new_page()


def test_axe_finds_nothing_on_the_pages_of_the_desk(site, browser, staff):
    page = signed_in(browser, site, "desk-chief", 1280)
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    base = f"{site}/admin/casestudies/casestudy/{staff.pk}"
    faults = []
    own = [f"{base}/{each}/" for each in ("verb/publish", "verb/return", "change", "history")]
    found = [f"{site}/admin/{each}" for each in ("", "find/?q=warning", "since/", "guide/")]
    for address in (*own, *found):
        assert page.goto(address).status == 200, address
        faults += [text for text in errors if "Content Security Policy" in text]
        faults += find_faults(page)
        errors.clear()  # those of axe itself
    assert not faults
    page.context.close()


def test_a_comment_is_written_and_resolved_by_keyboard_alone_without_losing_the_place(site, browser, staff):
    page = signed_in(browser, site, "desk-chief", 1280)
    page.goto(f"{site}/admin/casestudies/casestudy/{staff.pk}/change/")
    page.locator("summary", has_text="Add a comment").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Eve")
    page.keyboard.press("Tab")  # the words that it is about stay empty
    page.keyboard.press("Tab")
    page.keyboard.type("Which month?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/#comments")
    assert page.get_by_text("Which month?", exact=True).is_visible()
    assert page.locator(".remark a", has_text="Events").get_attribute("href") == "#events-group"
    page.get_by_role("button", name="Resolve the comment of desk-chief").focus()
    page.keyboard.press("Enter")
    page.get_by_text("No open comments.").wait_for()
    page.context.close()


def test_a_gap_leads_to_the_place_where_it_is_mended(site, browser, staff):
    page = signed_in(browser, site, "desk-author", 1280)
    page.goto(f"{site}/admin/casestudies/casestudy/{staff.pk}/change/")
    page.click("text=It has no summary.")
    assert page.url.endswith("#sections-group")
    assert page.locator("#sections-group").bounding_box()["y"] < 900
    page.context.close()
