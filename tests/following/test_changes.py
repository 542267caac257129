"""`/api/v1/changes/`: complete, in order, for ever."""

import datetime as dt
import json
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from jsonschema import Draft202012Validator

from failure_lessons.accounts.models import User
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import correct_record, publish_record, submit_record, withdraw_record
from tests import factories
from tests.helpers import count_queries

OPENAPI = Path(__file__).resolve().parents[2] / "failure_lessons" / "api" / "files" / "openapi.json"
CHANGES = "/api/v1/changes/"


def follow(client, address=CHANGES):
    """Every change, page by page, and the cursor to come back with."""
    found = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        found += page["results"]
        address = page["next"]
        assert answer.get("Link", "") == (f'<{address}>; rel="next"' if address else "")
    return found, page["cursor"]


@pytest.mark.slow
@pytest.mark.django_db
def test_every_change_is_there_once_and_in_order(client):
    found, cursor = follow(client, f"{CHANGES}?limit=100")
    assert [change["number"] for change in found] == list(range(1, LedgerEntry.objects.count() + 1))
    assert cursor == LedgerEntry.objects.count()
    for change in found[::40]:
        assert client.get(change["url"]).status_code == 200
        assert client.get(change["page"]).status_code == 200
        assert client.get(change["url"]).json()["edition"]["sha256"] == change["sha256"]


@pytest.mark.django_db
def test_whoever_is_up_to_date_gets_an_empty_page_and_the_cursor_to_come_back_with(client):
    head = LedgerEntry.objects.head().number
    answer = client.get(f"{CHANGES}?since={head}").json()
    assert answer.pop("head")["number"] == head
    assert answer == {"results": [], "next": None, "cursor": head, "latest": head, "filters": {}}


@pytest.mark.slow
@pytest.mark.django_db
def test_an_edit_a_correction_and_a_withdrawal_are_told_in_their_own_words(client, researcher, publisher):
    start = LedgerEntry.objects.head().number
    case = factories.case(title="First title")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="New here.")
    middle = LedgerEntry.objects.head().number
    case.title = "Second title"
    case.save()
    submit_record(record=case, by=researcher)
    correct_record(record=case, by=publisher, note="The first title was wrong.")
    before = follow(client, f"{CHANGES}?since={start}&kind=case-study")[0]
    assert [(c["action"], c["edition"], c["title"], c["note"]) for c in before] == [
        ("published", 1, "First title", "New here."),
        ("corrected", 2, "Second title", "The first title was wrong."),
    ]
    withdraw_record(record=case, by=publisher, note="A source was false.")
    after = follow(client, f"{CHANGES}?since={start}&kind=case-study")[0]
    assert [(c["action"], c["edition"], c["note"]) for c in after] == [
        ("published", 1, ""),
        ("corrected", 2, ""),
        ("withdrawn", 2, "A source was false."),
    ]
    assert {c["record"] for c in after} == {str(case.record_id)}
    assert client.get(after[-1]["url"]).status_code == 410
    assert {c["number"] for c in follow(client, f"{CHANGES}?since={middle}")[0]} == set(
        range(middle + 1, LedgerEntry.objects.head().number + 1)
    )


@pytest.mark.django_db
def test_the_cursor_of_a_filtered_reader_passes_over_what_is_not_for_them(client, researcher, publisher):
    cursor = client.get(f"{CHANGES}?kind=comparison&limit=100").json()["cursor"]
    assert cursor == LedgerEntry.objects.head().number
    case = factories.case()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    answer = client.get(f"{CHANGES}?kind=comparison&since={cursor}").json()
    assert answer["results"] == []
    assert answer["cursor"] == LedgerEntry.objects.head().number > cursor


@pytest.mark.django_db
def test_filters_of_one_name_widen_and_of_two_narrow(client):
    def numbers(query):
        return {change["number"] for change in follow(client, f"{CHANGES}?limit=100&{query}")[0]}

    lessons, both = numbers("kind=lesson"), numbers("kind=lesson&kind=recommendation")
    assert lessons
    assert lessons < both
    assert numbers("kind=lesson&phase=prevention") == lessons & numbers("phase=prevention")
    assert numbers("action=withdrawn") == set()
    answer = client.get(f"{CHANGES}?kind=lesson&limit=1").json()
    assert answer["filters"] == {"kind": ["lesson"]}
    assert "kind=lesson" in answer["next"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ("sinc=1", "sinc", "Did you mean `since`?"),
        ("since=1&since=2", "since", "more than once"),
        ("since=-1", "since", "whole number"),
        ("since=x", "since", "whole number"),
        ("since=", "since", "whole number"),
        ("since=%00", "since", "whole number"),
        ("since=9223372036854775808", "since", "whole number"),
        ("since=%D9%A1", "since", "whole number"),
        ("limit=0", "limit", "from 1 to 100"),
        ("limit=101", "limit", "from 1 to 100"),
        ("kind=lessn", "kind", "Did you mean “lesson”?"),
        ("theme=%00", "theme", "is not a code"),
        ("action=deleted", "action", "Use one of"),
        ("q=staff", "q", "Known here"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(client, query, parameter, words):
    answer = client.get(f"{CHANGES}?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["parameter"] == parameter
    assert words in problem["detail"]
    if "example" in problem:
        assert client.get(problem["example"]).status_code == 200


@pytest.mark.django_db
def test_a_reader_ahead_of_the_library_is_told_to_start_again(client):
    head = LedgerEntry.objects.head().number
    answer = client.get(f"{CHANGES}?since={head + 1}")
    assert answer.status_code == 409
    assert answer.json()["latest"] == head
    assert "since=0" in answer.json()["detail"]


@pytest.mark.django_db
def test_other_methods_are_problems_too(client):
    answer = client.post(CHANGES, {})
    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_answers_fit_the_description(client):
    description = json.loads(OPENAPI.read_text())
    operation = description["paths"][CHANGES]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": description["components"]})
    validator.validate(client.get(CHANGES).json())
    assert {each["name"] for each in operation["parameters"]} >= {"since", "limit", "kind", "action", "phase"}


@pytest.mark.django_db
def test_cost_does_not_grow_with_changes(client):
    # the third is for the tag: the newest revision
    assert count_queries(client.get, f"{CHANGES}?limit=1") == count_queries(client.get, f"{CHANGES}?limit=100") == 3
    assert (
        count_queries(client.get, f"{CHANGES}?limit=1&phase=prevention")
        == count_queries(client.get, f"{CHANGES}?limit=100&phase=prevention")
        == 3
    )


@pytest.mark.slow
def test_a_reader_polling_while_others_publish_misses_and_repeats_nothing(committed):
    writer, other = (User.objects.get_or_create(username=name)[0] for name in ("writer-c", "one-c"))
    start = LedgerEntry.objects.head().number
    batches = [[factories.case(title=f"Polled {name} {n}") for n in range(4)] for name in range(3)]
    for batch in batches:
        for case in batch:
            submit_record(record=case, by=writer)
    done = threading.Event()
    seen, failures = [], []

    def publishing(batch):
        try:
            for case in batch:
                publish_record(record=case, by=other)
            withdraw_record(record=batch[0], by=other, note="Why.")
        except Exception as error:  # shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    def reading():
        client, since = Client(), start
        try:
            while True:
                last_round = done.is_set()
                answer = client.get(f"{CHANGES}?since={since}&limit=3").json()
                seen.extend(change["number"] for change in answer["results"])
                assert answer["cursor"] >= since
                since = answer["cursor"]
                if last_round and not answer["results"]:
                    return
        except Exception as error:  # shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    readers = threading.Thread(target=reading)
    writers = [threading.Thread(target=publishing, args=[batch]) for batch in batches]
    readers.start()
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join(timeout=60)
    done.set()
    readers.join(timeout=60)
    assert not failures
    head = LedgerEntry.objects.head().number
    assert head >= start + 12 * 3 + 3
    assert seen == list(range(start + 1, head + 1))


@pytest.mark.slow
def test_nothing_is_written_with_a_time_before_what_a_follower_was_promised(committed):
    """Somebody publishes slowly: until they commit, the library vouches for no later moment than its newest change."""
    writer, other = (User.objects.get_or_create(username=name)[0] for name in ("writer-c", "one-c"))
    case = factories.case(title="Slow")
    submit_record(record=case, by=writer)
    holding, go = threading.Event(), threading.Event()

    def slowly():
        with transaction.atomic():
            publish_record(record=case, by=other)
            holding.set()
            go.wait(timeout=30)
        connection.close()

    before = LedgerEntry.objects.head()
    thread = threading.Thread(target=slowly)
    thread.start()
    assert holding.wait(timeout=30)
    promised = LedgerEntry.objects.settled_at()
    assert promised == before.at
    go.set()
    thread.join(timeout=30)
    added = LedgerEntry.objects.after(before.number)
    assert added
    assert all(revision.at >= promised for revision in added)
    later = LedgerEntry.objects.settled_at()
    assert later > max(revision.at for revision in added)
    assert abs(later - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


@pytest.mark.slow
def test_kinds_of_the_filter_are_all_kinds():
    assert set(KINDS) == {
        value
        for parameter in json.loads(OPENAPI.read_text())["paths"][CHANGES]["get"]["parameters"]
        if parameter["name"] == "kind"
        for value in parameter["schema"]["items"]["enum"]
    }
