"""While somebody makes an answer, others who ask for the same wait for it, and never for ever."""

import time
from threading import Event, Thread

import pytest

from failure_lessons.api.response_cache import Makers


def in_threads(*deeds):
    threads = [Thread(target=deed) for deed in deeds]
    for each in threads:
        each.start()
    return threads


@pytest.fixture
def makers():
    return Makers()


def test_one_of_many_makes_it_and_the_others_come_after(makers):
    told, begun, go_on = [], Event(), Event()

    def make():
        with makers.take_turn("a") as ours:
            begun.set()
            go_on.wait(5)
            told.append(ours)

    def ask():
        begun.wait(5)
        with makers.take_turn("a") as ours:
            told.append(ours)

    threads = in_threads(make, *[ask] * 5)
    begun.wait(5)
    time.sleep(0.05)
    assert told == []
    go_on.set()
    for each in threads:
        each.join(5)
    assert told == [True] + [False] * 5
    assert makers.at_work == {}


def test_other_answers_do_not_wait(makers):
    with makers.take_turn("a") as first, makers.take_turn("b") as second:
        assert first
        assert second


def test_who_fails_leaves_the_turn_to_the_next(makers):
    with pytest.raises(ZeroDivisionError), makers.take_turn("a"):
        raise ZeroDivisionError
    with makers.take_turn("a") as ours:
        assert ours


def test_nobody_waits_longer_than_a_turn(makers, monkeypatch):
    monkeypatch.setattr("failure_lessons.api.response_cache.LONGEST_TURN", 0.05)
    with makers.take_turn("a"):
        told = []

        def ask():
            with makers.take_turn("a") as ours:
                told.append(ours)

        (thread,) = in_threads(ask)
        thread.join(5)
        assert told == [False]
