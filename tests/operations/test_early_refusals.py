"""What the web server itself refuses below `/api/` is a problem like every other, and can be read from other sites."""

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gunicorn.http.errors import LimitRequestLine

from failure_lessons.operations import early_refusals
from failure_lessons.operations.early_refusals import EARLY_REFUSALS
from failure_lessons.problems import PROBLEM_KINDS
from tests.api.test_contract import component

ROOT = Path(__file__).resolve().parents[2]
LIST = "/api/v1/lessons/"


@pytest.fixture(scope="module")
def gunicorn():
    """The address of a server with our settings, before a database that is not there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {"DEBUG": "1", "BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "1", "LOG_LEVEL": "CRITICAL"}
    env |= {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "QUOTA_FILE": ":memory:"}
    command = [sys.executable, "-m", "gunicorn", "failure_lessons.wsgi", "--config=deploy/gunicorn.conf.py"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(f"{address}/healthz", timeout=10)
            break
        except httpx.HTTPError:
            time.sleep(0.2)
    yield address
    process.terminate()
    process.wait(40)


def send_raw(address, request):
    """Status, headers and body of what a server answers to these bytes."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as sock:
        sock.sendall(request)
        received = b""
        while piece := sock.recv(65_536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    named = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    return httpx.Response(int(head.split()[1]), content=body, headers=named)


def drip(sock, seconds, every=0.2):
    """Send a byte now and then."""
    for _ in range(int(seconds / every)):
        sock.sendall(b"a")
        time.sleep(every)


def asking(target, *headers):
    lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
    return "\r\n".join(lines).encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("request_bytes", "kind"),
    [
        (asking(f"{LIST}?ids={'a' * 9000}"), "address-too-long"),
        (asking(f"{LIST}?ids={'a' * 300_000}"), "address-too-long"),
        (asking(LIST, f"X-Long: {'a' * 9000}"), "headers-too-large"),
        (asking(LIST, *(f"X-{number}: a" for number in range(150))), "headers-too-large"),
        (asking(LIST, "Not a header"), "bad-request"),
        (asking(LIST, "Bad Name: x"), "bad-request"),
    ],
)
def test_what_cannot_be_read_is_a_problem_below_the_api_and_a_page_elsewhere(request_bytes, kind, gunicorn):
    answer = send_raw(gunicorn, request_bytes)
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    body = answer.json()
    assert body["type"] == f"/api/problems/{kind}/"
    assert body["status"] == answer.status_code == PROBLEM_KINDS[kind].status
    assert body["instance"].startswith(LIST)
    component("Problem").validate(body)
    head = send_raw(gunicorn, request_bytes.replace(b"GET", b"HEAD", 1))
    assert (head.status_code, head.content) == (answer.status_code, b"")
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]
    elsewhere = send_raw(gunicorn, request_bytes.replace(LIST.encode(), b"/lessons/"))
    assert elsewhere.status_code == answer.status_code
    assert elsewhere.headers["Content-Type"] == "text/html"


@pytest.mark.slow
def test_whoever_asked_before_on_the_same_connection_is_told_too(gunicorn):
    with httpx.Client(base_url=gunicorn) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get(LIST, params={"ids": "a" * 9000}).json()["status"] == 414
        assert client.get("/healthz").status_code == 200


@pytest.mark.slow
def test_whoever_sends_a_byte_now_and_then_is_left_in_time(monkeypatch):
    """A fifth of a second here, and two of a real server's in long trials."""
    assert early_refusals.LONGEST_FAREWELL == 2
    monkeypatch.setattr(early_refusals, "LONGEST_FAREWELL", 0.2)
    ours, theirs = socket.socketpair()
    with ours, theirs, ThreadPoolExecutor(1) as dripping:
        dripped = dripping.submit(drip, theirs, seconds=60, every=0.01)
        began = time.monotonic()
        assert early_refusals.refuse_early(ours, LimitRequestLine(9000, 8190), asking(LIST))
        assert 0.2 <= time.monotonic() - began < 2
        assert theirs.recv(65_536).startswith(b"HTTP/1.1 414 ")
        ours.close()
        assert isinstance(dripped.exception(timeout=20), ConnectionError)


@pytest.mark.trials
def test_whoever_sends_a_byte_now_and_then_is_left_after_two_seconds(gunicorn):
    host, _, port = gunicorn.removeprefix("http://").partition(":")
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=20) as sock:
        sock.sendall(asking(f"{LIST}?ids={'a' * 9000}"))
        with pytest.raises(ConnectionError):
            drip(sock, seconds=60)
    assert time.monotonic() - began < 30


def test_each_early_refusal_is_of_a_kind_that_has_a_page():
    for refusal in EARLY_REFUSALS.values():
        assert PROBLEM_KINDS[refusal.code].status == refusal.status
