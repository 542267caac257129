"""Whether cited sources can be reached: asked by a worker that is off by default, of public addresses alone."""

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from failure_lessons.operations import link_check
from failure_lessons.operations.link_check import check_due, queue_links, record_answer, try_link
from failure_lessons.operations.models import CheckedLink
from failure_lessons.publishing.models import Edition

State = CheckedLink.State


class Source(BaseHTTPRequestHandler):
    """A site of sources, and an archive that knows all of them."""

    def do_GET(self):
        self.server.asked.append(self.path)
        moved = {"/moved": "/ok", "/circle": "/circle", "/inwards": "http://10.1.2.3/", "/file": "file:///etc/passwd"}
        status = {"/gone": 404, "/withdrawn": 410, "/refused": 403, "/broken": 500, "/busy": 429, "/ok?a=ä": 200}
        if self.path in moved:
            self.send_response(302)
            self.send_header("Location", moved[self.path])
            self.end_headers()
        elif self.path.startswith("/archive?url="):
            found = f"https://archive.example.org/2020/{unquote(self.path.partition('=')[2])}"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"archived_snapshots": {"closest": {"url": found}}}).encode())
        else:
            self.send_response(status.get(self.path, 200))
            self.end_headers()
            self.wfile.write(b"x" * 10)

    def log_message(self, *_):
        pass


@pytest.fixture
def source(settings, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Source)
    server.asked = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    settings.WEBHOOKS_TO_LOOPBACK = True
    settings.LINK_ARCHIVE = f"{server.url}/archive?url="
    monkeypatch.setattr(link_check, "SINGLE_HOST_PAUSE", 0)
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "state", "status"),
    [
        ("/ok", State.REACHED, 200),
        ("/ok?a=ä#:~:text=words", State.REACHED, 200),
        ("/moved", State.REACHED, 200),
        ("/gone", State.FAILED, 404),
        ("/withdrawn", State.FAILED, 410),
        ("/refused", State.UNCLEAR, 403),
        ("/busy", State.UNCLEAR, 429),
        ("/broken", State.UNCLEAR, 500),
        ("/circle", State.UNCLEAR, 302),
        ("/inwards", State.FAILED, None),
        ("/file", State.FAILED, None),
    ],
)
def test_what_a_source_answers_is_told_apart(source, path, state, status):
    assert try_link(source.url + path)[:2] == (state, status)


@pytest.mark.slow
@pytest.mark.parametrize(
    "url",
    [
        "{}/ok",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "https://user:word@example.org/",
        "https://example.org:22/",
        "ftp://example.org/",
        "https:///",
        "https://[/",
        "https://a..b/",
    ],
)
def test_nothing_but_public_addresses_is_asked_for(source, settings, url):
    settings.WEBHOOKS_TO_LOOPBACK = False
    assert try_link(url.format(source.url)).state == State.FAILED
    assert source.asked == []


def test_it_is_off_by_default():
    with pytest.raises(CommandError, match="CHECK_LINKS=1"):
        call_command("check_links")


@pytest.mark.django_db
def test_the_queue_holds_each_address_that_a_published_source_has_and_forgets_the_others():
    CheckedLink.objects.create(url="https://example.org/not-cited", due_at=timezone.now())
    number = queue_links(timezone.now())
    assert queue_links(timezone.now()) == number == CheckedLink.objects.count() > 300
    assert not CheckedLink.objects.filter(url__contains="not-cited").exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_what_is_due_is_tried_and_waits_for_its_next_time(source):
    now = timezone.now()
    for path, days in (("/ok", -1), ("/gone", 0), ("/refused", 0), ("/later", 1)):
        CheckedLink.objects.create(url=source.url + path, due_at=now + dt.timedelta(days=days))
    assert len(list(check_due(now, 10))) == 3
    assert "/later" not in source.asked
    rows = {link.url.removeprefix(source.url): link for link in CheckedLink.objects.all()}
    assert [rows[path].state for path in ("/ok", "/gone", "/refused")] == ["reached", "failed", "unclear"]
    assert rows["/ok"].reached_at
    assert not rows["/refused"].reached_at
    assert rows["/gone"].archived_url == f"https://archive.example.org/2020/{source.url}/gone"
    assert rows["/gone"].due_at < now + dt.timedelta(days=3) < rows["/ok"].due_at
    assert list(check_due(now, 10)) == []


@pytest.mark.slow
@pytest.mark.django_db
def test_readers_are_told_after_several_tries_over_days_and_no_longer_once_it_answers(source, client):
    edition = Edition.objects.current().of_kind("reference").get(slug="tes-1996-ofsted")
    page, now = f"/references/{edition.slug}/", timezone.now()
    link = CheckedLink.objects.create(url=edition.content["URL"], due_at=now)
    lost = link_check.LinkAnswer(State.FAILED, 404, "There is nothing at this address any more.")
    for days in (0, 2, 4):
        record_answer(link, lost, now + dt.timedelta(days=days))
        assert "did not answer" not in client.get(page).content.decode()
    record_answer(link, lost, now + dt.timedelta(days=6))
    told = client.get(page).content.decode()
    assert "did not answer" in told
    assert "https://archive.example.org/2020/" in told
    record_answer(link, link_check.LinkAnswer(State.REACHED, 200, ""), now + dt.timedelta(days=8))
    assert "did not answer" not in client.get(page).content.decode()


@pytest.mark.slow
@pytest.mark.django_db
def test_stewards_see_the_queue_with_what_fails_first(client, person, source):
    for path, failures in (("/fine", 0), ("/lost", 4)):
        CheckedLink.objects.create(
            url=source.url + path,
            due_at=timezone.now(),
            failures=failures,
            failing_since=timezone.now() if failures else None,
        )
    client.force_login(person("steward", "steward"))
    page = client.get("/admin/operations/checkedlink/").content.decode()
    assert page.index("/lost") < page.index("/fine")
