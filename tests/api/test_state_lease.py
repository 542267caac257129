"""A process holds the state of the library for a moment, and whoever changes the library is told no sooner."""

from time import monotonic

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casestudies.models import CaseStudy
from failure_lessons.accounts.models import User
from failure_lessons.api import response_cache
from failure_lessons.api.response_cache import ResponseCache
from failure_lessons.database import state_lease
from failure_lessons.database.state_lease import outwait_leases, wait_for_leases
from failure_lessons.intake.models import PublicMessage
from failure_lessons.intake.services import erase_sender
from failure_lessons.library.newest_served import newest_served
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import withdraw_record
from tests.api.test_keeping import Served

RECORD, PAGE = "/api/v1/case-studies/hmp-birmingham/", "/case-studies/hmp-birmingham/"


class OneProcess(Served):
    """The door of one process, which remembers what it asked."""

    def __init__(self):
        super().__init__()
        self.door = ResponseCache(self.answer)

    def open_door(self, environ, start_response):
        return self.door(environ, start_response)


@pytest.fixture
def clock(monkeypatch):
    """The steady clock, which stands still."""
    now = [monotonic()]
    monkeypatch.setattr(response_cache, "monotonic", lambda: now[0])
    monkeypatch.setattr(state_lease, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def client():
    response_cache.response_store.clear()
    client = Client()
    client.handler = OneProcess()
    return client


@pytest.fixture
def ann(committed):
    """A person, whose deeds are committed."""
    return User.objects.get_or_create(username="ann-leases")[0]


def count_questions(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.django_db
@pytest.mark.parametrize("address", [RECORD, PAGE])
def test_a_kept_answer_asks_nothing_while_the_lease_lasts_and_one_question_after(client, clock, settings, address):
    client.get(address)
    assert count_questions(client, address) == 0
    clock[0] += 2 * settings.STATE_LEASE_SECONDS
    assert count_questions(client, address) == 1
    assert count_questions(client, address) == 0
    settings.STATE_LEASE_SECONDS = 0.0
    assert count_questions(client, address) == 1


@pytest.mark.django_db
def test_what_is_made_under_a_lease_is_made_and_kept_under_the_state_of_now(client, clock, researcher, publisher):
    client.get(RECORD)
    withdraw_record(record=CaseStudy.objects.get(slug="hmp-birmingham"), by=publisher, note="It names a patient.")
    assert client.get(RECORD).status_code == 200  # nobody was told yet: this transaction is still open
    assert client.get(f"{RECORD}?fields=title").status_code == 410
    assert client.get(RECORD).status_code == 410  # who asked for another answer learnt of it


@pytest.mark.django_db
def test_a_lease_ends_where_another_process_has_served_what_is_newer(client, clock):
    client.get(RECORD)
    newest_served.admit_number(Edition.objects.count() + 10_000, 0)
    try:
        assert count_questions(client, RECORD) == 1
    finally:
        newest_served.forget_number()


@pytest.mark.slow
def test_nobody_is_given_what_was_withdrawn_once_it_is_said_to_be(client, settings, ann):
    settings.STATE_LEASE_SECONDS = 0.3
    record = CaseStudy.objects.get(slug="hmp-birmingham")
    for address in (RECORD, PAGE):
        client.get(address)
        assert client.get(address).status_code == 200
    started = monotonic()
    withdraw_record(record=record, by=ann, note="It names a patient.")
    assert monotonic() - started > 0.3
    for address in (RECORD, PAGE):
        assert client.get(address).status_code == 410


def test_without_the_wait_somebody_would_be(client, settings, ann, monkeypatch):
    monkeypatch.setattr(state_lease, "wait_for_leases", lambda: None)
    settings.STATE_LEASE_SECONDS = 5.0
    record = CaseStudy.objects.get(slug="wakefield-city-academies-trust")
    address = "/api/v1/case-studies/wakefield-city-academies-trust/"
    assert [client.get(address).status_code for _ in range(2)] == [200, 200]
    withdraw_record(record=record, by=ann, note="It names a pupil.")
    assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_a_transaction_waits_once_and_only_if_it_is_committed(django_capture_on_commit_callbacks, settings):
    with django_capture_on_commit_callbacks() as registered, transaction.atomic():
        outwait_leases()
        outwait_leases()
    assert registered == [wait_for_leases]
    with django_capture_on_commit_callbacks() as registered:
        with transaction.atomic():
            outwait_leases()
            transaction.set_rollback(True)
        settings.STATE_LEASE_SECONDS = 0.0
        outwait_leases()
    assert registered == []


@pytest.mark.django_db
def test_notes_that_come_and_go_beside_the_ledger_are_waited_for_too(django_capture_on_commit_callbacks):
    PublicMessage.objects.create(sort="used", email="reader@example.org", text="We use it.", sent_at=timezone.now())
    with django_capture_on_commit_callbacks() as registered:
        erase_sender(email="reader@example.org")
    assert wait_for_leases in registered
