"""Who is told what by e-mail, and that mail never stands in the way."""

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.outbox.models import Message
from failure_lessons.outbox.services import next_morning
from failure_lessons.workbench.services import add_comment
from tests import factories
from tests.helpers import squeeze_html

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(person):
    return {
        "author": person("author", "researcher"),
        "reviewer": person("reviewer", "reviewer"),
        "publisher": person("chief", "publisher"),
    }


@pytest.fixture
def do(people, browser_of):
    """Does a verb on a record as somebody; returns what was mailed, as {address: message}."""

    def act(case, verb, who, note=""):
        mail.outbox.clear()
        answer = browser_of(people[who]).post(
            reverse("admin:casestudies_casestudy_verb", args=[case.pk, verb]), {"note": note}
        )
        assert answer.status_code == 302
        deliver_waiting()
        assert all(len(message.to) == 1 for message in mail.outbox)
        return {message.to[0]: message for message in mail.outbox}

    return act


@pytest.mark.slow
def test_each_deed_is_told_to_whom_it_concerns(do, people):
    case = factories.case(title="Two\nlines")
    sent = do(case, "submit", "author", "Please look.")
    assert set(sent) == {"reviewer@example.org", "chief@example.org"}
    message = sent["reviewer@example.org"]
    assert message.subject == "For review: Two lines"
    assert "They say: Please look." in message.body
    assert f"/admin/casestudies/casestudy/{case.pk}/change/" in message.body
    add_comment(record=case, by=people["reviewer"], text="Name the body.", place="events")
    sent = do(case, "return", "reviewer", "Not yet.")
    assert set(sent) == {"author@example.org"}
    assert "Not yet." in sent["author@example.org"].body
    assert "reviewer on events: Name the body." in sent["author@example.org"].body
    do(case, "submit", "author")
    assert do(case, "publish", "publisher", "New.")["author@example.org"].subject == "Published: Two lines"
    assert "Wrong." in do(case, "withdraw", "publisher", "Wrong.")["author@example.org"].body


@pytest.mark.slow
def test_nobody_who_switched_notices_off_or_left_is_told(do, people, browser_of):
    desk = browser_of(people["reviewer"])
    assert '<option value="at-once" selected>' in squeeze_html(desk.get(reverse("admin:index")))
    page = squeeze_html(desk.post(reverse("admin:notices"), {"notices": "none"}, follow=True))
    assert "E-mail notices: never." in page
    assert '<option value="none" selected>' in page
    assert desk.post(reverse("admin:notices"), {"notices": "hourly"}).status_code == 403
    assert desk.get(reverse("admin:notices")).status_code == 403
    User.objects.filter(username="chief").update(is_active=False)
    assert do(factories.case(), "submit", "author") == {}


@pytest.mark.slow
def test_a_refused_verb_tells_nobody(people, browser_of):
    case = factories.case()
    answer = browser_of(people["publisher"]).post(
        reverse("admin:casestudies_casestudy_verb", args=[case.pk, "publish"]), {"note": ""}
    )
    assert answer.status_code == 409
    assert not Message.objects.exists()


def test_a_mail_server_that_fails_breaks_nothing(do, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    case = factories.case()
    do(case, "submit", "author")
    case.refresh_from_db()
    assert case.state == "in-review"
    assert set(Message.objects.values_list("state", flat=True)) == {"waiting"}


def test_many_chosen_in_a_list_make_one_message(people, browser_of):
    cases = [factories.case(title=f"Case {number}") for number in range(3)]
    browser_of(people["author"]).post(
        reverse("admin:casestudies_casestudy_changelist"),
        {"action": "submit_chosen", "_selected_action": [case.pk for case in cases]},
    )
    deliver_waiting()
    assert {message.to[0]: message.subject for message in mail.outbox} == dict.fromkeys(
        ("reviewer@example.org", "chief@example.org"), "For review: 3 records"
    )
    assert all(f"Case {number}" in mail.outbox[0].body for number in range(3))


@pytest.mark.slow
def test_once_a_day_is_one_mail_in_the_morning_with_everything(people, do):
    User.objects.filter(username="reviewer").update(notices="daily")
    evening = timezone.now().replace(hour=20, minute=0)
    for title in ("One line", "Two lines"):
        sent = do(factories.case(title=title), "submit", "author")
        assert "reviewer@example.org" not in sent
        assert "chief@example.org" in sent
    [waiting] = Message.objects.filter(recipient="reviewer@example.org")
    assert waiting.due_at > timezone.now()
    assert timezone.localtime(waiting.due_at).hour == 7
    mail.outbox.clear()
    deliver_waiting(now=waiting.due_at)
    [told] = mail.outbox
    assert told.subject == "2 notices from the workbench"
    assert "For review: One line" in told.body
    assert "For review: Two lines" in told.body
    assert told.body.count("once a day or never") == 1
    do(factories.case(title="The next day"), "submit", "author")
    assert Message.objects.filter(recipient="reviewer@example.org").count() == 2
    assert next_morning(evening).date() == (timezone.localtime(evening) + dt.timedelta(days=1)).date()
