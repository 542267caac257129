"""The table of the race says who is ahead, by the rounds and not by the medians of all."""

import itertools
import os

from bench.api import Server
from bench.peers.race import print_race
from bench.rows import QUESTIONS, Row

HERE = Server(0, os.getpid())


def make_row(name, runner, *rates):
    return Row(name, runner, "/", rates=[*rates], computed=[1000 / rate for rate in rates])


def test_a_row_in_which_a_peer_is_ahead_says_so(capsys):
    rows = {
        "list": {"ours": make_row("list", "ours", 30, 20, 90), "Datasette": make_row("list", "Datasette", 10, 10, 60)},
        "search": {"ours": make_row("search", "ours", 5, 6), "Datasette": make_row("search", "Datasette", 10, 12)},
    }
    print_race(20_000, {"ours": HERE, "Datasette": HERE, "Wagtail": HERE}, rows)
    said = capsys.readouterr().out
    assert [line.split() for line in said.splitlines() if line.startswith("list")] == [
        ["list", "30.0", "10.0", "(2.00)", "–"],
        ["list", "33.3", "100.0", "(2.00)", "–"],
    ]
    assert "Datasette is ahead in “search” by answers a second: 2.00 times as good" in said
    assert "Datasette is ahead in “search” by ms of processor time: 2.00 times as good" in said
    assert "ahead in “list”" not in said
    assert "in every row" not in said


def test_ours_is_said_to_be_ahead_only_when_it_is_in_every_row(capsys):
    rows = {"list": {"ours": make_row("list", "ours", 30), "Datasette": make_row("list", "Datasette", 10)}}
    print_race(20_000, {"ours": HERE, "Datasette": HERE}, rows)
    assert "Ours is ahead of every peer in every row it has." in capsys.readouterr().out


def test_a_search_asks_for_other_words_each_time():
    row, asked = Row("search", "ours", "/search/?q={words}"), []
    row.ask_once(type("Server", (), {"ask": lambda self, address, headers: asked.append(address)})())
    row.ask_once(type("Server", (), {"ask": lambda self, address, headers: asked.append(address)})())
    assert asked == [f"/search/?q={words}" for words in itertools.islice(QUESTIONS, 2)]
    assert len({*QUESTIONS}) == len(QUESTIONS) == 406
