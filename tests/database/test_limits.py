"""A database that is slow or locked: everything says so in time, and the process says at once that it lives."""

import sys
import time
from contextlib import contextmanager

import httpx
import psycopg2
import pytest
from django.conf import settings
from django.db import Error, OperationalError, connection, transaction
from django.test import Client

from failure_lessons.database.limits import find_work, is_passing
from failure_lessons.database.statements import limited_to
from failure_lessons.publishing.models import Edition
from tests.conftest import serve_site

SLACK = 1 if sys.gettrace() is None else 4  # coverage counts every line
READ_LIMITS = "select current_setting('statement_timeout'), current_setting('lock_timeout')"


@pytest.fixture
def short(monkeypatch):
    """Limits as short as they may be, so that nobody waits for the tests of long ones."""
    monkeypatch.setitem(settings.DATABASE_LIMITS, "reader", ("400ms", "300ms", "5s"))
    monkeypatch.setitem(settings.DATABASE_LIMITS, "workbench", ("500ms", "400ms", "5s"))


@contextmanager
def held(table):
    """Somebody else holds the whole table."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f'lock table "{table}" in access exclusive mode')
            yield
            cursor.execute("rollback")
    finally:
        other.close()


def ask(address):
    """The answer, as a server gives it, and how many seconds it took."""
    started = time.monotonic()
    answer = Client(raise_request_exception=False).get(address)
    return answer, time.monotonic() - started


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/readyz", "probe"),
        ("/", "reader"),
        ("/api/v1/lessons/", "reader"),
        ("/admin/casestudies/casestudy/", "workbench"),
        ("/api/v1/workbench/references/", "workbench"),
        ("/recommendations/export.csv", "export"),
        ("/api/v1/lessons/?format=ndjson", "export"),
    ],
)
def test_each_request_has_the_limits_of_its_kind(rf, address, kind):
    assert find_work(rf.get(address)) == kind
    assert kind in settings.DATABASE_LIMITS


@pytest.mark.slow
def test_a_statement_that_takes_too_long_is_given_up(committed, short):
    with limited_to("reader"), connection.cursor() as cursor:
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("select pg_sleep(20)")
        cursor.execute("select 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.slow
def test_the_limits_are_those_of_the_work_and_nothing_stays_on_the_connection(committed):
    with connection.cursor() as cursor:
        cursor.execute(READ_LIMITS)
        before = cursor.fetchone()
        with limited_to("reader"):
            cursor.execute(READ_LIMITS)
            assert cursor.fetchone() == ("8s", "2s")
            assert list(Edition.objects.values_list("pk").iterator(chunk_size=50))  # a cursor in the database
        cursor.execute(READ_LIMITS)
        assert cursor.fetchone() == before == ("0", "1min")


@pytest.mark.slow
def test_a_transaction_that_stands_idle_is_ended_and_the_next_one_is_well(committed, monkeypatch):
    monkeypatch.setitem(settings.DATABASE_LIMITS, "reader", ("5s", "5s", "200ms"))

    def stand_idle():
        with limited_to("reader"), transaction.atomic():
            Edition.objects.exists()
            time.sleep(0.8)
            Edition.objects.exists()

    with pytest.raises(Error) as refusal:
        stand_idle()
    assert is_passing(refusal.value)
    connection.close()  # as the end of a request does with a connection that is broken
    assert Edition.objects.exists()


@pytest.mark.slow
def test_a_list_read_through_a_cursor_in_the_database_is_limited_too(committed, short):
    started = time.monotonic()
    with held("publishing_edition"), limited_to("reader"), pytest.raises(psycopg2.Error) as refusal:
        list(Edition.objects.values_list("pk").iterator())
    assert is_passing(refusal.value)
    assert time.monotonic() - started < 2 * SLACK


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/lessons/", "/search/?q=trust", "/api/v1/lessons/", "/api/v1/search/?q=trust"])
def test_readers_of_a_locked_library_are_told_in_time_to_come_back(committed, short, address):
    with held("publishing_edition"):
        answer, seconds = ask(address)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert seconds < 3 * SLACK
    if address.startswith("/api/"):
        assert answer.json()["detail"] == "The database is too busy to answer this just now."
    assert ask(address)[0].status_code == 200


@pytest.mark.slow
def test_the_probes_answer_while_the_library_is_locked(committed):
    with held("publishing_edition"), held("publishing_ledgerentry"):
        alive, at_once = ask("/healthz")
        ready, soon = ask("/readyz")
    assert (alive.status_code, ready.status_code) == (200, 503)
    assert at_once < 0.5 * SLACK
    assert soon < 2.5 * SLACK
    assert ask("/readyz")[0].status_code == 200


def test_the_process_asks_the_database_nothing_to_say_that_it_lives(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok"


@pytest.mark.slow
def test_a_server_with_readers_who_wait_says_at_once_that_it_lives(committed):
    with serve_site() as address, held("publishing_edition"), httpx.Client(base_url=address, timeout=30) as web:
        waiting = httpx.Client(base_url=address, timeout=0.2)
        for _ in range(3):
            with pytest.raises(httpx.ReadTimeout):
                waiting.get("/lessons/")
        started = time.monotonic()
        assert web.get("/healthz").text == "ok"
        assert time.monotonic() - started < 1 * SLACK
        waiting.close()
