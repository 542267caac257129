"""What is to be looked at again stands on the first page of the workbench when its day comes, and is mailed."""

import datetime as dt

import pytest
from django.core.management import call_command

from failure_lessons.outbox.models import Message
from failure_lessons.workbench.reminders import list_due, send_reminders
from recommendations.models import Recommendation
from tests import factories
from tests.helpers import count_queries

pytestmark = pytest.mark.django_db

BEFORE, DAY = dt.date(2027, 2, 1), dt.date(2027, 4, 1)


def names_due(day):
    return [getattr(each.record, "code", each.record.slug) for each in list_due(day)]


def test_a_policy_context_stands_in_the_queue_a_month_ahead_and_not_before():
    assert names_due(BEFORE) == []
    due = list_due(DAY - dt.timedelta(days=20))
    assert due
    assert not any(each.is_late for each in due)
    assert all(each.is_late for each in list_due(DAY) if each.by == "2027-04")
    assert {each.what for each in due} == {"Look at the policy context again"}


def test_a_review_is_due_when_its_searches_should_be_run_again():
    found = [each for each in list_due(dt.date(2027, 11, 1)) if each.kind == "Literature review"]
    assert len(found) == 3
    assert {each.what for each in found} == {"Run the searches again"}


def test_reviewers_are_mailed_what_is_due_and_nobody_when_nothing_is(person):
    person("reader-of-mail", "publisher")
    assert send_reminders(BEFORE) == 0
    assert not Message.objects.filter(purpose="due").exists()
    count = send_reminders(DAY)
    assert count == len([each for each in list_due(DAY) if each.is_late]) > 0
    message = Message.objects.filter(purpose="due").first()
    assert "Look at the policy context again (by 2027-04)" in " ".join(message.context["lines"])
    call_command("send_reminders")


@pytest.mark.slow
def test_the_first_page_shows_the_queue_at_the_same_cost(admin_client, monkeypatch):
    monkeypatch.setattr("failure_lessons.workbench.home.timezone.localdate", lambda: DAY)
    page = admin_client.get("/admin/").content.decode()
    assert "To be looked at again" in page
    few = count_queries(admin_client.get, "/admin/")
    case = factories.case()
    for _ in range(4):
        made = factories.recommendation(factories.lesson(case.findings.get()))
        Recommendation.objects.get(pk=made.pk)
        made.policy_context = made._meta.get_field("policy_context").related_model.objects.create(
            recommendation=made, as_of="2026", review_by="2026-12"
        )
    assert count_queries(admin_client.get, "/admin/") <= few + 3  # what is recent is read by kind
