"""A machine that has served a revision reads no database that lies behind it: a lagging standby, a primary come back."""

import multiprocessing

import pytest
from django.test import Client

from failure_lessons.library.newest_served import LibraryLiesBehind, NewestServed, newest_served
from failure_lessons.library.state import read_library_state
from failure_lessons.publishing.models import LedgerEntry


def serve_number(path, number):
    NewestServed(path).admit_number(number, 0)


def test_processes_share_what_was_served_and_none_takes_it_back(tmp_path):
    path = str(tmp_path / "run" / "revision")
    mine = NewestServed(path)
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=serve_number, args=(path, number)) for number in (7, 12, 3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert mine.read_number() == 12
    with pytest.raises(LibraryLiesBehind, match="revision 11; revision 12"):
        mine.admit_number(11, mine.read_number())
    mine.admit_number(11, 10)  # asked before 12 was served, answered after
    assert mine.read_number() == 12


def test_a_place_that_cannot_be_written_leaves_each_process_its_own_note(tmp_path):
    (tmp_path / "file").write_text("")
    mine = NewestServed(str(tmp_path / "file" / "revision"))
    mine.admit_number(4, 0)
    assert mine.read_number() == 4


@pytest.mark.slow
def test_a_database_that_lies_behind_is_answered_like_one_that_is_away(committed):
    browser = Client(raise_request_exception=False)
    addresses = ("/", "/recommendations/", "/search/?q=failure", "/evidence-map/", "/changes/")
    data = ("/api/v1/recommendations/", "/api/v1/changes/", "/api/v1/evidence-map/")
    head = LedgerEntry.objects.head().number
    assert read_library_state().number == newest_served.read_number() == head
    newest_served.admit_number(head + 1, head)  # as if another process had read one more, from another database
    with pytest.raises(LibraryLiesBehind):
        read_library_state()
    for address in (*addresses, *data):
        answer = browser.get(address, headers={"if-none-match": '"of-before"'})
        assert (answer.status_code, answer["Retry-After"]) == (503, "30"), address
    assert browser.get("/healthz").status_code == 200
    newest_served.forget_number()
    assert browser.get("/recommendations/").status_code == 200
