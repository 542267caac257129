"""Quotas: told on every answer, kept below, at and above the limit, across processes, and by honest addresses."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.access import quota
from failure_lessons.access.quota import Policy, count_request
from failure_lessons.access.quota import get_quota_connection as connect_store
from failure_lessons.accounts.client_address import find_client_address, parse_ip_address, rate_limit_key
from tests.partners.conftest import Api

LIST = "/api/v1/lessons/?limit=1"


@pytest.fixture
def counted(settings, tmp_path):
    """Three requests a minute for anybody, five with a token, counted in a file."""
    settings.QUOTA_FILE = str(tmp_path / "quota.sqlite")
    settings.QUOTA_ANONYMOUS, settings.QUOTA_PARTNER = "3/60", "5/60"
    return settings


@pytest.mark.django_db
def test_below_at_and_above_the_limit(counted):
    client = Client()
    for left in (2, 1, 0):
        answer = client.get(LIST)
        assert answer.status_code == 200
        assert answer["RateLimit-Policy"] == '"anonymous";q=3;w=60'
        assert re.fullmatch(rf'"anonymous";r={left};t=(60|59)', answer["RateLimit"])
        assert "Retry-After" not in answer
    refused = client.get(LIST)
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["violated-policies"] == ["anonymous"]
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused["RateLimit"].startswith('"anonymous";r=0;t=')
    assert refused["Retry-After"] == refused["RateLimit"].rpartition("=")[2]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/api/v1/", "/api/v1/nope/", "/api/", "/api/v1/openapi.json", "/api/problems/conflict/", "/api/v1/lessons/?x=1"],
)
def test_every_answer_tells_what_is_left(address, counted):
    answer = Client().get(address)
    assert answer["RateLimit"].startswith('"anonymous";r=2;t=')
    assert "RateLimit" not in Client().get("/")


@pytest.mark.django_db
def test_others_and_partners_are_counted_by_themselves(counted, partner):
    client, api = Client(), Api(partner)
    for _ in range(4):
        answer = client.get(LIST)
    assert answer.status_code == 429
    assert client.get(LIST, REMOTE_ADDR="192.0.2.9").status_code == 200
    for left in (4, 3, 2, 1, 0):
        assert api("get", LIST)["RateLimit"].startswith(f'"partner";r={left};t=')
    assert api("get", LIST).status_code == 429
    wrong = {"Authorization": "Bearer flt_aaaaaaaa." + "a" * 40}
    assert client.get(LIST, headers=wrong).status_code == 429


@pytest.mark.django_db
def test_ipv6_is_counted_by_64(counted):
    client = Client()
    for number in range(4):
        answer = client.get(LIST, REMOTE_ADDR=f"2001:db8:1:2:{number}::1")
    assert answer.status_code == 429
    assert client.get(LIST, REMOTE_ADDR="2001:db8:1:3::1").status_code == 200


@pytest.mark.django_db
def test_a_forged_header_buys_nothing(counted):
    client = Client()
    for number in range(4):
        answer = client.get(LIST, headers={"X-Forwarded-For": f"192.0.2.{number}"})
    assert answer.status_code == 429
    counted.TRUSTED_PROXIES = ["127.0.0.0/8"]
    for number in range(4):  # the client writes what it likes; the proxy adds the client's address at the end
        answer = client.get(LIST, headers={"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.1"})
    assert answer.status_code == 429


def test_the_window_ends(counted):
    policy = Policy("p", 2, 10)
    assert [count_request(policy, "c", now).made for now in (100.0, 101.0, 102.0)] == [1, 2, 3]
    assert count_request(policy, "c", 102.0).exceeded
    assert count_request(policy, "c", 109.9).wait == 1
    again = count_request(policy, "c", 110.0)
    assert (again.made, again.exceeded, again.wait) == (1, False, 10)


def count_made(asked, policy, monkeypatch, process=1):
    monkeypatch.setattr(quota.os, "getpid", lambda: process)
    return asked(policy, "c", 1000.0)


def test_one_process_counts_each_request_and_asks_the_file_for_few(counted, monkeypatch):
    policy, asked = Policy("p", 600, 60), []
    monkeypatch.setattr(quota, "get_quota_connection", lambda path: asked.append(path) or connect_store(path))
    counts = [count_request(policy, "c", 1000.0) for _ in range(700)]
    assert [count.made for count in counts] == list(range(1, 701))
    assert [count.exceeded for count in counts] == [False] * 600 + [True] * 100
    assert 100 < len(asked) - 100 < 250  # in blocks of nine at first, one by one in the end
    assert count_request(policy, "c", 1060.0).made == 1


def test_processes_that_count_in_blocks_never_let_too_much_through(counted, monkeypatch):
    policy = Policy("p", 600, 60)
    for number in range(100):  # one that begins and goes away, with what it had counted
        assert count_made(count_request, policy, monkeypatch, process=number % 2).made <= 100 + 2 * 9
    passed = 100
    while not count_made(count_request, policy, monkeypatch, process=2).exceeded:
        passed += 1
    assert 600 - 2 * 9 <= passed <= 600
    assert count_made(count_request, policy, monkeypatch, process=3).exceeded


def test_threads_share_what_their_process_has_counted(counted):
    policy = Policy("p", 2_000, 60)
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: count_request(policy, "c", 1000.0), range(2_100)))
    assert sum(not count.exceeded for count in counts) == 2_000


def test_very_many_clients_are_forgotten_and_still_counted(counted, monkeypatch):
    monkeypatch.setattr(quota, "MOST_BLOCKS", 3)
    policy = Policy("p", 6_400, 60)
    for _ in range(3):
        for client in "abcd":
            made = count_request(policy, client, 1000.0).made
    assert 3 <= made <= 3 * quota.MOST_AT_ONCE
    assert len(quota.block_store.blocks) <= 3


COUNTING = """
import sys, django
from django.conf import settings
settings.configure(QUOTA_FILE=sys.argv[1], SECRET_KEY="k")
from failure_lessons.access.quota import Policy, count_request
for _ in range(300):
    count_request(Policy("p", 10, 600), "c", 1000.0)
"""


@pytest.mark.slow
def test_processes_count_together(tmp_path, counted):
    counted.SECRET_KEY = "k"
    path = str(tmp_path / "quota.sqlite")
    counted.QUOTA_FILE = path
    assert count_request(Policy("p", 10, 600), "c", 1000.0).made == 1  # the file is there before others count in it
    running = [subprocess.Popen([sys.executable, "-c", COUNTING, path]) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert count_request(Policy("p", 10, 600), "c", 1000.0).made == 902


@pytest.mark.django_db
def test_a_place_that_cannot_be_written_stops_nobody(counted, tmp_path, caplog):
    (tmp_path / "file").write_text("not a folder")
    counted.QUOTA_FILE = str(tmp_path / "file" / "quota.sqlite")
    assert Client().get(LIST).status_code == 200
    assert "counted in each process alone" in caplog.text


@pytest.mark.django_db
def test_a_spoilt_file_stops_nobody(counted, tmp_path):
    (tmp_path / "spoilt").write_bytes(b"no database" * 1000)
    counted.QUOTA_FILE = str(tmp_path / "spoilt")
    assert Client().get(LIST).status_code == 200


def test_no_address_is_stored(counted, tmp_path):
    count_request(Policy("p", 10, 600), "192.0.2.77")
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"192.0.2.77" not in stored


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "expected"),
    [
        ("192.0.2.1", "", (), "192.0.2.1"),
        ("192.0.2.1", "198.51.100.1", (), "192.0.2.1"),
        ("10.0.0.1", "198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", ("10.0.0.0/8",), "10.0.0.3"),
        ("10.0.0.1", "rubbish", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, rubbish, 10.0.0.2", ("10.0.0.0/8",), "10.0.0.2"),
        ("", "198.51.100.1", ("unix",), "198.51.100.1"),
        ("", "198.51.100.1", (), "0.0.0.0"),  # noqa: S104  # nothing is bound
        ("::ffff:192.0.2.1", "", (), "192.0.2.1"),
        ("10.0.0.1", "[2001:db8::1]:443", ("10.0.0.0/8",), "2001:db8::1"),
        ("10.0.0.1", "198.51.100.1:443", ("10.0.0.0/8",), "198.51.100.1"),
    ],
)
def test_the_client_behind_proxies(remote, forwarded, trusted, expected):
    assert str(find_client_address(remote, forwarded, trusted)) == expected


@given(st.text(max_size=60))
def test_no_header_breaks_it(text):
    assert rate_limit_key(find_client_address("10.0.0.1", text, ("10.0.0.0/8",)))
    parse_ip_address(text)
