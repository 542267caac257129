"""Publishing at a set time: approved by a second person, done once, with the words approved or not at all."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.outbox.models import Message
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import (
    CannotPublish,
    publish_many,
    return_to_author,
    submit_many,
    submit_record,
    take_back_record,
    withdraw_record,
)
from failure_lessons.workbench.models import ScheduledPublication
from failure_lessons.workbench.scheduling import cancel_scheduled, publish_due, schedule_publication
from tests import factories
from tests.helpers import text_of_page

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def people(person):
    return person("amara", "researcher"), person("paul", "publisher")


@pytest.fixture
def case(people):
    """A case in review, approved for the next hour."""
    author, approver = people
    case = factories.case(title="Held back until the election is over")
    submit_record(record=case, by=author)
    schedule_publication(record=case, by=approver, due_at=timezone.now() + HOUR, note="As announced.")
    return case


def later():
    return timezone.now() + 2 * HOUR


def edition_of(record):
    return Edition.objects.filter(record_id=record.record_id).first()


def outcome():
    scheduled = ScheduledPublication.objects.get()
    return scheduled.state, scheduled.outcome


def told():
    """Who was told what."""
    return {(each.recipient, each.context["subject"].partition(":")[0]) for each in Message.objects.all()}


BOTH = ("amara@example.org", "paul@example.org")


def test_it_is_published_when_the_time_has_come_and_not_before(case, people):
    assert publish_due() == 0
    assert edition_of(case) is None
    assert publish_due(later()) == 1
    edition = edition_of(case)
    assert (edition.submitted_by, edition.published_by, edition.note) == (*people, "As announced.")
    case.refresh_from_db()
    assert case.state == "published"
    assert outcome() == ("published", "")
    assert told() == {(who, "Published") for who in BOTH}
    assert publish_due(later()) == 0


def test_nobody_outside_learns_of_it_before(case, client):
    for address in (
        f"/case-studies/{case.slug}/",
        f"/api/v1/case-studies/{case.slug}/",
        f"/findings/{case.findings.get().slug}/",
    ):
        assert client.get(address).status_code == 404
    for address in ("/changes/", "/case-studies/", "/search/?q=election", "/api/v1/changes/?limit=5"):
        assert "Held back until" not in client.get(address).content.decode()


def change_words(case, author, approver):
    case.findings.update(statement="Slipped in.")


def change_source(case, author, approver):
    source = case.findings.get().citations.get().reference
    type(source).objects.filter(pk=source.pk).update(title="Slipped in")


def take_back(case, author, approver):
    take_back_record(record=case, by=author)


def send_back(case, author, approver):
    return_to_author(record=case, by=approver, note="Wait.")


def submit_other_words(case, author, approver):
    take_back_record(record=case, by=author)
    case.findings.update(statement="Other words.")
    submit_record(record=case, by=author)


def lose_role(case, author, approver):
    approver.groups.clear()


def leave(case, author, approver):
    User.objects.filter(pk=approver.pk).update(is_active=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (change_words, "was changed since it was approved"),
        (change_source, "or something that goes along with it, was changed"),
        (take_back, "is not in review"),
        (send_back, "is not in review"),
        (submit_other_words, "was changed since it was approved"),
        (lose_role, "may not publish any more"),
        (leave, "may not publish any more"),
    ],
)
def test_what_no_longer_holds_is_refused_and_both_are_told(meanwhile, why, case, people):
    meanwhile(case, *people)
    assert publish_due(later()) == 1
    assert edition_of(case) is None
    state, said = outcome()
    assert state == "refused"
    assert why in said
    expected = {(who, "Not published") for who in BOTH}
    assert told() >= (expected if meanwhile is not leave else {(BOTH[0], "Not published")})
    assert publish_due(later()) == 0  # it is not tried again and again


def test_evidence_withdrawn_meanwhile_stops_it(people):
    author, approver = people
    case = factories.case()
    submit_many(records=[case], by=author)
    publish_many(records=[case], by=approver)
    lesson = factories.lesson(case.findings.get())
    submit_record(record=lesson, by=author)
    schedule_publication(record=lesson, by=approver, due_at=timezone.now() + HOUR)
    withdraw_record(record=case, by=approver, note="It was wrong.")
    publish_due(later())
    assert edition_of(lesson) is None
    assert "which is not published" in outcome()[1]


def test_either_of_the_two_cancels_and_others_do_not(case, people, person):
    author, approver = people
    with pytest.raises(CannotPublish, match="can cancel it"):
        cancel_scheduled(record=case, by=person("ann", "researcher"))
    cancel_scheduled(record=case, by=author, note="Not yet.")
    assert publish_due(later()) == 0
    assert told() == {(who, "Cancelled by amara") for who in BOTH}
    case.refresh_from_db()
    assert case.state == "in-review"
    schedule_publication(record=case, by=approver, due_at=timezone.now() + HOUR)
    cancel_scheduled(record=case, by=approver)
    assert not ScheduledPublication.objects.waiting().exists()


def test_it_takes_two_and_one_time(case, people):
    author, approver = people
    with pytest.raises(CannotPublish, match="submitted by you"):
        schedule_publication(record=case, by=author, due_at=timezone.now() + HOUR)
    with pytest.raises(CannotPublish, match="has a time set already"):
        schedule_publication(record=case, by=approver, due_at=timezone.now() + HOUR)
    for wrong in (timezone.now() - HOUR, timezone.now() + dt.timedelta(days=800)):
        with pytest.raises(CannotPublish, match="still to come"):
            schedule_publication(record=case, by=approver, due_at=wrong)


def test_the_command_publishes_what_is_due(case, capsys):
    ScheduledPublication.objects.update(due_at=timezone.now() - HOUR)
    call_command("publish_due")
    assert "1 settled" in capsys.readouterr().out
    assert edition_of(case)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "utc"),
    [
        ("2027-05-07T09:30", dt.datetime(2027, 5, 7, 8, 30, tzinfo=dt.UTC)),  # summer time
        ("2027-12-07T09:30", dt.datetime(2027, 12, 7, 9, 30, tzinfo=dt.UTC)),
        ("2027-03-28T00:59", dt.datetime(2027, 3, 28, 0, 59, tzinfo=dt.UTC)),
        ("2027-03-28T02:00", dt.datetime(2027, 3, 28, 1, 0, tzinfo=dt.UTC)),
        ("2027-03-28T01:30", None),  # there is no such time
        ("2027-10-31T01:30", None),  # it comes twice
        ("yesterday", None),
    ],
)
def test_the_page_takes_the_time_of_london(typed, utc, people, browser_of):
    author, approver = people
    case = factories.case()
    submit_record(record=case, by=author)
    desk = browser_of(approver)
    page = f"/admin/casestudies/casestudy/{case.pk}/verb/schedule/"
    opened = desk.get(page)
    answer = desk.post(page, {"seen": opened.context["plan"].plan.digest, "due_at": typed, "note": ""})
    if utc is None:
        assert answer.status_code == 200
        assert answer.context["form"].errors["due_at"]
        assert not ScheduledPublication.objects.exists()
    else:
        assert answer.status_code == 302
        assert ScheduledPublication.objects.get().due_at == utc


@pytest.mark.slow
def test_the_record_and_the_first_page_say_so_and_offer_to_cancel(case, people, browser_of, person):
    author, _ = people
    form = f"/admin/casestudies/casestudy/{case.pk}/change/"
    for who in people:
        page = text_of_page(browser_of(who).get(form))
        assert "It is published on" in page
        assert "as paul approved" in page
        assert "Cancel the set time" in page
        assert "Publish at a set time" not in page
        assert "Published at a set time" in text_of_page(browser_of(who).get("/admin/"))
    other = browser_of(person("ann", "researcher"))
    assert "Cancel the set time" not in text_of_page(other.get(form))
    cancel = f"/admin/casestudies/casestudy/{case.pk}/verb/cancel/"
    assert other.post(cancel, {"note": ""}).status_code == 403
    assert browser_of(author).post(cancel, {"note": "Not yet."}).status_code == 302
    assert not ScheduledPublication.objects.waiting().exists()
