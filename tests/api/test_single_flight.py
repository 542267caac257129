"""While somebody makes an answer, others who ask for the same wait for it, and never for ever."""

import time
from threading import Event, Thread

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from failure_lessons.api.response_cache import ResponseCache, SingleFlight


def in_threads(*deeds):
    threads = [Thread(target=deed) for deed in deeds]
    for each in threads:
        each.start()
    return threads


@pytest.fixture
def single_flight():
    return SingleFlight()


def test_one_of_many_makes_it_and_the_others_come_after(single_flight):
    told, begun, go_on = [], Event(), Event()

    def make():
        with single_flight.take_turn("a") as ours:
            begun.set()
            go_on.wait(5)
            told.append(ours)

    def ask():
        begun.wait(5)
        with single_flight.take_turn("a") as ours:
            told.append(ours)

    threads = in_threads(make, *[ask] * 5)
    begun.wait(5)
    time.sleep(0.05)
    assert told == []
    go_on.set()
    for each in threads:
        each.join(5)
    assert told == [True] + [False] * 5
    assert single_flight.at_work == {}


def test_other_answers_do_not_wait(single_flight):
    with single_flight.take_turn("a") as first, single_flight.take_turn("b") as second:
        assert first
        assert second


def test_who_fails_leaves_the_turn_to_the_next(single_flight):
    with pytest.raises(ZeroDivisionError), single_flight.take_turn("a"):
        raise ZeroDivisionError
    with single_flight.take_turn("a") as ours:
        assert ours


def test_nobody_waits_longer_than_a_turn(single_flight, monkeypatch):
    monkeypatch.setattr("failure_lessons.api.response_cache.LONGEST_TURN", 0.05)
    with single_flight.take_turn("a"):
        told = []

        def ask():
            with single_flight.take_turn("a") as ours:
                told.append(ours)

        (thread,) = in_threads(ask)
        thread.join(5)
        assert told == [False]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/recommendations/", "/recommendations/"])
def test_many_who_ask_for_the_same_at_once_have_it_made_once(path, rf):
    made, told, site = [], [], WSGIHandler()

    def application(environ, start_response):
        made.append(environ["PATH_INFO"])
        time.sleep(0.3)  # until the others have come
        return site(environ, start_response)

    cache = ResponseCache(application)

    def ask():
        try:
            body = b"".join(cache(rf.get(path).environ, lambda status, _headers: status))
            told.append(body)
        finally:
            connections.close_all()

    for each in in_threads(*[ask] * 4):
        each.join(20)
    assert made == [path]
    assert len(told) == 4
    assert len(set(told)) == 1
    assert len(told[0]) > 1000
