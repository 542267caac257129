"""What an outage writes into the log: one line for each request, and a traceback for whatever is our own fault."""

import json
import logging
import sys

import pytest
from django.db import OperationalError, connections
from django.test import Client
from psycopg2.errors import QueryCanceled

from failure_lessons.operations.logs import JsonLines, OutageFilter, RequestIdFilter


@pytest.fixture
def lines():
    """What the log of a production writes while the test runs, line by line."""
    written = []

    class Keep(logging.Handler):
        def emit(self, record):
            written.extend(self.format(record).splitlines())

    handler = Keep()
    handler.setFormatter(JsonLines())
    for each in (RequestIdFilter(), OutageFilter()):
        handler.addFilter(each)
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def break_off(monkeypatch, error):
    """Every statement from now on ends with this fault."""

    def refuse(*args, **kwargs):
        raise error

    monkeypatch.setattr(connections["default"], "_cursor", refuse)
    monkeypatch.setattr(connections["default"], "chunked_cursor", refuse)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/search/?q=secretword", "/api/v1/search/?q=secretword", "/oai?verb=ListSets", "/readyz"]
)
def test_a_request_during_an_outage_writes_one_line_without_what_was_asked(lines, monkeypatch, address):
    said = "connection to server failed: 100% of it\n  is the server running?"
    break_off(monkeypatch, OperationalError(said))
    answer = Client(raise_request_exception=False).get(address)
    assert answer.status_code == 503
    assert len(lines) == 1, lines
    line = json.loads(lines[0])
    assert (line["level"], line["logger"]) == ("ERROR", "django.request")
    assert line["error"] == "OperationalError: connection to server failed: 100% of it is the server running?"
    assert address.partition("?")[0] in line["message"]
    assert "secretword" not in lines[0]
    assert "exc_info" not in line


@pytest.mark.django_db
def test_a_statement_that_was_ended_for_its_time_is_one_line_too(lines, monkeypatch):
    error = OperationalError("canceling statement due to statement timeout")
    error.__cause__ = QueryCanceled()
    break_off(monkeypatch, error)
    assert Client(raise_request_exception=False).get("/search/?q=x").status_code == 503
    assert len(lines) == 1
    assert "statement timeout" in lines[0]


@pytest.mark.django_db
def test_a_fault_of_our_own_keeps_its_traceback(lines, monkeypatch):
    break_off(monkeypatch, ZeroDivisionError("ours"))
    assert Client(raise_request_exception=False).get("/search/?q=x").status_code == 500
    assert any("Traceback" in json.loads(line).get("exc_info", "") for line in lines)


@pytest.mark.django_db
def test_a_refused_request_is_logged_without_what_was_asked(lines):
    assert Client().get("/api/v1/lessons/?q=secretword&nonsense=secretword").status_code == 400
    assert Client().get("/never-was/?q=secretword").status_code == 404
    assert len(lines) >= 2
    assert not [line for line in lines if "secretword" in line]


@pytest.mark.django_db
def test_who_is_refused_is_named_by_number_alone(lines, person, browser_of):
    amara = person("amara")
    assert browser_of(amara).get("/admin/literature/reference/").status_code == 403
    refused = [json.loads(line) for line in lines if "/admin/literature/reference/" in line]
    assert {line["account"] for line in refused} == {amara.pk}
    assert not [line for line in lines if "amara" in line]


@pytest.mark.parametrize("text", ["", "%s %d", "x" * 100_000, "a\x00b\r\nc"])
def test_whatever_the_database_says_makes_one_line_of_bounded_length(text):
    try:
        raise OperationalError(text)
    except OperationalError:
        record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s: %s", ("Busy", "/x%20y"), sys.exc_info())
    assert OutageFilter().filter(record)
    told = JsonLines().format(record)
    assert len(told) < 1000
    assert "\n" not in told
    assert "/x%20y" in json.loads(told)["message"]
