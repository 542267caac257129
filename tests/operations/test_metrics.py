"""What whoever watches is told: figures with a token, lines without what readers ask, workers that died."""

import datetime as dt
import json
import logging
import re
from pathlib import Path

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from failure_lessons.database import heartbeats
from failure_lessons.database.heartbeats import beat
from failure_lessons.database.models import Heartbeat
from failure_lessons.operations.logs import JsonLines, RequestIdFilter, choose_request_id
from failure_lessons.operations.recording import RequestRecorder, area_of
from failure_lessons.outbox.models import Message
from failure_lessons.publishing.models import LedgerEntry

pytestmark = pytest.mark.django_db
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TOKEN = "a token that nobody guesses"


@pytest.fixture
def watched(settings):
    settings.METRICS_TOKEN = TOKEN


def read_samples(client):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


@pytest.mark.parametrize("sent", [None, "Bearer", "Bearer wrong", TOKEN, "Basic YTpi", "Bearer é"])
def test_without_the_token_there_is_nothing(client, watched, sent):
    assert client.get("/metrics", headers={"Authorization": sent} if sent else {}).status_code == 404


def test_where_no_token_was_chosen_nobody_has_it(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_the_figures_are_those_of_the_library_and_of_what_waits(client, watched):
    before = read_samples(client)
    assert before["failure_lessons_revision",] == LedgerEntry.objects.order_by("-number").first().number
    now = timezone.now()
    for state, settled in (("waiting", None), ("waiting", None), ("unknown", now)):
        Message.objects.create(
            purpose="test",
            recipient="a@example.org",
            context={},
            state=state,
            created_at=now,
            due_at=now - dt.timedelta(minutes=5),
            settled_at=settled,
        )
    after = read_samples(client)
    assert after["failure_lessons_mail_waiting",] == before["failure_lessons_mail_waiting",] + 2
    assert after["failure_lessons_mail_unsettled",] == before["failure_lessons_mail_unsettled",] + 1
    assert 299 < after["failure_lessons_mail_waiting_seconds",] < 360


def test_a_worker_that_gives_no_sign_is_dead(client, watched, monkeypatch):
    monkeypatch.setattr(heartbeats, "last_beats", {})
    beat("deliver_mail")
    beat("build_downloads", every=30)
    assert read_samples(client)["failure_lessons_worker_alive", "deliver_mail"] == 1
    Heartbeat.objects.filter(worker="deliver_mail").update(beat_at=timezone.now() - dt.timedelta(seconds=46))
    Heartbeat.objects.filter(worker="build_downloads").update(beat_at=timezone.now() - dt.timedelta(seconds=46))
    samples = read_samples(client)
    assert samples["failure_lessons_worker_alive", "deliver_mail"] == 0
    assert samples["failure_lessons_worker_alive", "build_downloads"] == 1


def test_a_worker_writes_no_more_often_than_it_has_to(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(heartbeats, "last_beats", {})
    with django_assert_num_queries(1):
        for _ in range(100):
            beat("deliver_mail")


def answer_with(status):
    def application(environ, start_response):
        start_response(status, [("Content-Type", "text/plain")])
        return [b"said"]

    return application


def ask(path, *, status="200 OK", query="", sent=""):
    """The headers that a request gets, with the recorder outside."""
    told = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "QUERY_STRING": query, "REMOTE_ADDR": "203.0.113.7"}
    if sent:
        environ["HTTP_X_REQUEST_ID"] = sent
    recorder = RequestRecorder(answer_with(status), lines=True)
    assert b"".join(recorder(environ, lambda status, headers: told.extend(headers))) == b"said"
    return dict(told)


def test_a_request_is_counted_and_leaves_a_line_that_tells_nothing_of_its_sender(client, watched, caplog):
    caplog.set_level(logging.INFO, "failure_lessons.requests")
    name = ("http_requests_total", "api", "GET", "2xx")
    before = read_samples(client).get(name, 0)
    headers = ask("/api/v1/lessons/", query="q=a+private+matter")
    assert read_samples(client)[name] == before + 1
    record = caplog.records[-1]
    assert RequestIdFilter().filter(record)
    line = json.loads(JsonLines().format(record))
    assert {"method": "GET", "path": "/api/v1/lessons/", "status": 200, "level": "INFO"}.items() <= line.items()
    assert "private" not in str(line)
    assert "203.0.113.7" not in str(line)
    assert len(headers["X-Request-ID"]) == 32


def test_a_secret_in_an_address_is_in_no_line(caplog):
    caplog.set_level(logging.INFO, "failure_lessons.requests")
    ask("/take-part/abcdefsecret/")
    assert caplog.records[-1].path == "/take-part/…"


@pytest.mark.parametrize("sent", ["abc\r\nSet-Cookie: a=b", "x" * 65, "short", "ünïcödé-id", ""])
def test_an_id_that_is_none_is_not_taken_from_outside(sent):
    assert choose_request_id(sent) != sent
    assert choose_request_id("trace-01.of_proxy") == "trace-01.of_proxy"


@pytest.mark.parametrize(
    ("path", "area"),
    [("/", "pages"), ("", "pages"), ("/api", "api"), ("/apix/", "pages"), ("//", "pages"), ("/\x00/", "pages")],
)
def test_readers_make_up_no_areas(path, area):
    assert area_of(path) == area


def read_queries():
    """What the dashboard and the alerts ask Prometheus, each with where it stands."""
    board = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    yield from re.findall(r"alert: (\w+)\s+expr: (.+)", (DEPLOY / "prometheus-alerts.yml").read_text())


def test_the_dashboard_and_the_alerts_ask_for_figures_that_there_are(client, watched, monkeypatch):
    monkeypatch.setattr("failure_lessons.operations.metrics.replication_lag", lambda: 1.0)  # of a standby
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    families = {each.name: each.type for each in text_string_to_metric_families(answer.content.decode())}
    there = set(families) | {f"{name}_total" for name, kind in families.items() if kind == "counter"}
    there |= {f"{n}_{end}" for n, kind in families.items() if kind == "histogram" for end in ("bucket", "sum", "count")}
    asked = {(where, name) for where, text in read_queries() for name in re.findall(r"[a-z]+(?:_[a-z]+)+", text)}
    unknown = {each for each in asked if each[1] not in there | {"histogram_quantile"}}
    assert len(asked) > 25
    assert not unknown
    ours = ("failure_lessons_", "http_", "public_")
    told = {name for name in families if name.startswith(ours) and not name.endswith("_created")}
    shown = {name for _, name in asked}
    assert not {name for name in told if not any(each.startswith(name) for each in shown)}, "a figure nobody looks at"
