"""Answers that readers and the response cache keep: tags, 304, HEAD, what is never stale, and what is never kept."""

import gzip

import brotli
import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.http.response import ResponseHeaders
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext

from casestudies.models import CaseStudy
from failure_lessons.api import response_cache
from failure_lessons.api.compression import coding_of
from failure_lessons.api.response_cache import ResponseCache
from failure_lessons.database.prepared import known_statements
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record

pytestmark = pytest.mark.django_db


class Served(ClientHandler):
    """Django's client at the door of the WSGI application, as a server opens it: through the response_cache."""

    def __call__(self, environ):
        told = []
        environ["wsgi.url_scheme"] = environ.get("wsgi.url_scheme", "http")
        body = self.open_door(environ, lambda status, headers, *error: told.append((status, headers)))
        if getattr(body, "streaming", False):
            answer = body
        else:
            answer = HttpResponse(b"".join(body), status=int(told[0][0].split()[0]))
            answer.headers = ResponseHeaders(dict(told[0][1]))
        answer.wsgi_request = WSGIRequest(environ)
        return answer

    def open_door(self, environ, start_response):
        return ResponseCache(self.answer)(environ, start_response)

    def answer(self, environ, start_response):
        answer = super().__call__(environ)
        start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
        return answer


@pytest.fixture
def client():
    client = Client()
    client.handler = Served()
    return client


LIST, RECORD = "/api/v1/case-studies/", "/api/v1/case-studies/hmp-birmingham/"
ADDRESSES = [
    LIST,
    f"{LIST}?limit=2&fields=title",
    RECORD,
    f"{RECORD}editions/",
    f"{RECORD}editions/1/",
    f"{RECORD}?include=evidence",
    "/api/v1/",
    "/api/v1/search/?q=staff",
    f"{LIST}?format=csv",
    f"{RECORD}?format=bibtex",
]


def renew(slug, researcher, publisher):
    case = CaseStudy.objects.get(slug=slug)
    case.title += " again"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)


@pytest.mark.slow
@pytest.mark.parametrize("address", ADDRESSES)
def test_who_holds_an_answer_is_told_so_without_a_body(address, client, settings):
    for settings.ANSWERS_KEPT in (False, True, True):  # never kept, kept, ready
        first = client.get(address)
        assert first.status_code == 200
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
            assert set(again[name].split(", ")) == set(first[name].split(", ")), name
        assert client.get(address, headers={"If-None-Match": f'"x", {first["ETag"]}'}).status_code == 304
        assert client.get(address, headers={"If-None-Match": '"x"'}).status_code == 200
        assert client.get(address, headers={"If-None-Match": "*"}).status_code == 304
        assert client.get(address, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
        assert client.get(address, headers={"If-Modified-Since": "Fri, 31 Dec 2999 00:00:00 GMT"}).status_code == 200


def test_a_304_for_a_list_costs_one_small_question(client):
    tag = client.get(LIST)["ETag"]
    response_cache.response_store.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(LIST, headers={"If-None-Match": tag}).status_code == 304
    (asked,) = [query["sql"] for query in captured]
    names = {name: statement for statement, name in known_statements[connection.connection].items() if name}
    assert "publishing_ledgerentry" in names.get(asked.removeprefix("execute "), asked)  # asked often, it has a name


def test_a_ready_answer_costs_the_same_and_is_the_same(client):
    first = client.get(f"{LIST}?include=evidence&limit=2")
    with CaptureQueriesContext(connection) as captured:
        second = client.get(f"{LIST}?include=evidence&limit=2")
    assert len(captured) == 1
    assert second.content == first.content
    assert {**second.headers, "RateLimit": ""} == {**first.headers, "RateLimit": ""}  # what is left of the quota sinks


@pytest.mark.slow
@pytest.mark.parametrize(
    "address", [LIST, RECORD, f"{RECORD}?include=evidence", f"{RECORD}editions/", f"{LIST}?format=ndjson"]
)
def test_nothing_stale_is_ever_given(address, client, researcher, publisher):
    first = client.get(address)
    client.get(address)
    before = b"".join(first.streaming_content) if first.streaming else first.content
    renew("hmp-birmingham", researcher, publisher)
    after = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert after.status_code == 200
    assert after["ETag"] != first["ETag"]
    assert (b"".join(after.streaming_content) if after.streaming else after.content) != before


@pytest.mark.slow
def test_a_record_keeps_its_tag_while_others_change(client, researcher, publisher):
    tag = client.get(RECORD)["ETag"]
    renew("hackney-learning-trust", researcher, publisher)
    assert client.get(RECORD, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(LIST)["ETag"] != tag


def test_a_record_gets_a_new_tag_when_its_evidence_changed(client, researcher, publisher):
    lesson = (
        Edition.objects.current().of_kind("lesson").filter(cites__slug__startswith="c").first()
        or Edition.objects.current().of_kind("lesson").first()
    )
    finding = lesson.cites.filter(kind="finding", document__contains='"kind":"case-study"').first()
    address = f"/api/v1/lessons/{lesson.slug}/"
    tag = client.get(address)["ETag"]
    case = CaseStudy.objects.get(slug=finding.content["derived"]["part_of"]["slug"])
    withdraw_record(record=case, by=publisher, note="Wrong.")
    answer = client.get(address, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.json()["edition"]["evidence_changed_at"]


def test_a_withdrawal_reaches_whoever_holds_an_edition(client, publisher):
    tag = client.get(f"{RECORD}editions/1/")["ETag"]
    withdraw_record(record=CaseStudy.objects.get(slug="hmp-birmingham"), by=publisher, note="Wrong.")
    assert client.get(f"{RECORD}editions/1/", headers={"If-None-Match": tag}).status_code == 410


def test_tags_differ_by_format_host_query_and_coding(client, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    tags = [
        client.get(RECORD)["ETag"],
        client.get(f"{RECORD}?format=ris")["ETag"],
        client.get(f"{RECORD}?fields=title")["ETag"],
        client.get(RECORD, headers={"Host": "other.example"})["ETag"],
        client.get(RECORD, headers={"Accept": "application/x-bibtex"})["ETag"],
        client.get(RECORD, headers={"Accept-Encoding": "gzip"})["ETag"],
        client.get(RECORD, headers={"Accept-Encoding": "br"})["ETag"],
    ]
    assert len(set(tags)) == len(tags)
    assert b"http://other.example/" in client.get(RECORD, headers={"Host": "other.example"}).content


def test_how_long_answers_may_be_kept(client):
    assert client.get(LIST)["Cache-Control"] == client.get(RECORD)["Cache-Control"] == "public, no-cache"
    assert client.get(f"{RECORD}editions/1/")["Cache-Control"] == "public, no-cache"
    assert client.get("/api/v1/lessons/nope/")["Cache-Control"] == "no-cache"


def test_head_is_get_without_a_body(client):
    for address in (LIST, RECORD):
        whole = client.get(address)
        for _ in range(2):
            head = client.head(address)
            assert (head.status_code, head.content) == (200, b"")
            assert head["Content-Length"] == str(len(whole.content))
            assert head["ETag"] == whole["ETag"]


def test_problems_are_never_kept_and_carry_no_tag(client):
    for address in (f"{LIST}?x=1", "/api/v1/lessons/nope/"):
        answer = client.get(address, headers={"If-None-Match": "*"})
        assert answer.status_code in (400, 404)
        assert "ETag" not in answer


def test_a_tag_cannot_be_made_up_for_an_address_that_is_wrong(client):
    tag = client.get(LIST)["ETag"]
    assert client.get(f"{LIST}?x=1", headers={"If-None-Match": tag}).status_code == 400


def test_requests_with_credentials_pass_by_the_response_cache(client):
    """So that whoever checks a token always sees it."""
    client.get(f"{LIST}?include=evidence&limit=2")
    answer = client.get(f"{LIST}?include=evidence&limit=2", headers={"Authorization": "Bearer flt_wrong"})
    assert answer.status_code == 401


def test_pages_of_other_sites_may_read(client):
    assert client.get(LIST)["Access-Control-Allow-Origin"] == "*"
    asked = client.options(LIST, headers={"Origin": "https://other.example", "Access-Control-Request-Method": "GET"})
    assert asked.status_code == 204
    assert "If-None-Match" in asked["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked


def test_ready_answers_use_up_quota_and_end_with_it(client, settings, tmp_path):
    settings.QUOTA_ANONYMOUS, settings.QUOTA_FILE = "3/60", str(tmp_path / "quota.sqlite")
    client = Client()
    client.handler = Served()
    answers = [client.get(LIST) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert answers[3]["Retry-After"]


def test_a_ready_answer_is_for_its_own_request_alone(client):
    client.get(LIST)
    with CaptureQueriesContext(connection) as captured:
        client.get(LIST, headers={"X-Forwarded-Proto": "https"})
    assert len(captured) > 1
    assert client.get(LIST, headers={"Host": "elsewhere.example"}).status_code == 400
    assert client.get(f"{LIST}?token=fl_x").status_code == 400


def test_what_is_kept_has_a_bound_and_goes_when_nobody_asks():
    entry = (b"x" * 30, [], "", "")
    size = response_cache.measure_entry("0", entry)
    ready = response_cache.ResponseStore(3 * size)
    for number in range(5):
        ready.put(str(number), entry)
        assert ready.get("0")
        assert ready.size <= 3 * size
    assert list(ready.answers) == ["3", "4", "0"]  # the first was asked for each time
    ready.put("4", (b"", [], "", ""))
    assert ready.size == 3 * size - 30
    ready.clear()
    assert (ready.size, ready.get("0")) == (0, None)


def test_a_broken_connection_is_the_applications_to_explain(client, monkeypatch):
    client.get(LIST)

    def fail():
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(response_cache, "read_library_state", fail)
        patch.setattr(connection, "close", lambda: None)  # a test's transaction would go with it
        assert client.get(LIST).status_code == 200


def test_kept_answers_carry_readers_over_a_minute_without_the_database_and_no_longer(monkeypatch):
    """Longer would hand out what may have been withdrawn: then the application says 503."""
    clock = [1000.0]
    monkeypatch.setattr(response_cache, "monotonic", lambda: clock[0])
    monkeypatch.setattr(connection, "close", lambda: None)
    told = []

    def away(environ, start_response):
        start_response("503 Service Unavailable", [])
        return [b"away"]

    def ask(cache):
        environ = RequestFactory().get(f"{LIST}?limit=2").META | {"wsgi.url_scheme": "http"}
        list(cache(environ, lambda status, headers, *error: told.append(status[:3])))
        return told[-1]

    def fail():
        raise OperationalError("gone")

    handler = Served()
    cache = ResponseCache(handler.answer)
    assert ask(cache) == "200"
    cache.application = away
    monkeypatch.setattr(response_cache, "read_library_state", fail)
    clock[0] += 59
    assert ask(cache) == "200"
    clock[0] += 2
    assert ask(cache) == "503"
    assert ask(ResponseCache(away)) == "503"  # nothing was ever read


# --- compression


def test_answers_and_pages_are_packed_as_asked(client):
    for address in (LIST, "/recommendations/", RECORD):
        plain = client.get(address).content
        for coding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
            for _ in range(2):  # fresh, and ready
                packed = client.get(address, headers={"Accept-Encoding": coding})
                assert packed["Content-Encoding"] == coding
                assert packed["Content-Length"] == str(len(packed.content))
                assert unpack(packed.content) == plain
                assert "Accept-Encoding" in packed["Vary"]
        assert len(packed.content) < len(plain) / 2


def test_a_packed_answer_is_known_again(client):
    for coding in ("br", "gzip"):
        tag = client.get(LIST, headers={"Accept-Encoding": coding})["ETag"]
        assert client.get(LIST, headers={"Accept-Encoding": coding, "If-None-Match": tag}).status_code == 304
        assert client.get(LIST, headers={"If-None-Match": tag}).status_code == 200  # who cannot unpack it


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip, br", "br"),
        ("br;q=0.1, gzip", "gzip"),
        ("gzip;q=0, br;q=0", ""),
        ("*", "br"),
        ("*;q=0", ""),
        ("", ""),
        ("identity", ""),
        ("gzip;q=0.5, identity;q=1", ""),
        ("GZIP", "gzip"),
        ("br;q=x", ""),
        ("zstd", ""),
        (";;,,=", ""),
    ],
)
def test_the_coding_liked_best_is_chosen(accept, coding, rf):
    assert coding_of(rf.get("/", headers={"Accept-Encoding": accept})) == coding


def test_nothing_secret_small_or_streamed_is_packed(client, researcher):
    packing = {"Accept-Encoding": "br"}
    assert "Content-Encoding" not in client.get("/healthz", headers=packing)
    assert "Content-Encoding" not in client.get(f"{LIST}?format=csv", headers=packing)
    assert "Content-Encoding" not in client.get("/admin/login/", headers=packing)
    client.force_login(researcher)
    assert "Content-Encoding" not in client.get("/recommendations/", headers=packing)
