"""What the API promises holds at every public address that gives data: caching, reading from other sites, quotas."""

import gzip

import pytest
from django.db import OperationalError
from django.test import Client

from failure_lessons.access.doors import is_data_door
from failure_lessons.access.models import Scope
from failure_lessons.exports.accept import prefer_media_type
from failure_lessons.feeds import record_feeds
from failure_lessons.publishing.models import EditionQuerySet
from tests.addresses import EXAMPLES, every_example
from tests.partners.conftest import Api
from tests.recommendations.consultations.world import announced_round

pytestmark = pytest.mark.django_db
SITE = {"Origin": "https://other.example"}
PREFLIGHT = {**SITE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
LIST, RECORD = "/api/v1/case-studies/", "/api/v1/case-studies/hmp-birmingham/"
FEED, STYLE = "/changes/feed.atom", "/case-studies/hmp-birmingham/cite.ris"
# what is not for people and yet no door of data: for robots, probes, and documents made of a reader's choice
OTHER = (
    "/robots.txt",
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/healthz",
    "/readyz",
    "/brief/",
    "/b/",
    "/site-styles.css",
)
ASKED_OF_EACH = 2  # examples of one pattern
DOWNLOADS = ("download", "download-newest")  # need a bundle: tests/downloads
ANSWERS = [LIST, f"{LIST}?limit=2&fields=title", RECORD, f"{RECORD}?include=evidence", f"{RECORD}editions/1/"]


@pytest.fixture
def quota(settings, tmp_path):
    settings.QUOTA_FILE = str(tmp_path / "quota.sqlite")
    settings.QUOTA_ANONYMOUS = "1/60"
    return settings


def enumerate_examples():
    """Every example with its place among those of its pattern."""
    for name in EXAMPLES:
        if name not in DOWNLOADS:
            yield from enumerate(every_example(name))


@pytest.mark.slow
def test_every_public_address_of_data_can_be_read_from_other_sites(settings, crawl):
    """Asked from another site are the first examples of each pattern; the others say the same to whoever asks."""
    settings.QUOTA_ANONYMOUS = "100000/60"
    announced_round()  # the shipped evidence has none
    client, seen = Client(), 0
    for place, address in enumerate_examples():
        fetched = crawl.answers.get(address) if place >= ASKED_OF_EACH else None
        answer = fetched.headers if fetched else client.get(address, headers=SITE)
        path = address.partition("?")[0]
        if not is_data_door(path):
            page = answer["Content-Type"].startswith("text/html")
            assert page or path.startswith(OTHER), f"{address} gives data: is it in access/doors.py?"
            continue
        seen += 1
        assert answer["Access-Control-Allow-Origin"] == "*", address
        assert "ETag" in answer["Access-Control-Expose-Headers"], address
        assert "RateLimit" in answer, address
        asked = client.options(address, headers=PREFLIGHT)
        assert asked.status_code == 204, address
        assert asked["Access-Control-Allow-Origin"] == "*", address
        assert "GET" in asked["Access-Control-Allow-Methods"], address
        assert "Authorization" in asked["Access-Control-Allow-Headers"], address
        assert "Access-Control-Allow-Credentials" not in asked, address
    assert seen > 100


@pytest.mark.parametrize("address", ["/downloads/latest/x.zip", "/downloads/r1/x.zip", "/oai", "/lessons/export.csv"])
def test_doors_that_lead_nowhere_yet_are_doors(address):
    assert is_data_door(address)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/lessons/?nope=1", 400),
        ("/api/v1/nope/", 404),
        ("/api/v1/workbench/references/", 401),
        ("/api/v1/webhooks/", 401),
        ("/lessons/feed.atom?nope=1", 400),
        ("/lessons/nowhere/cite.ris", 404),
        ("/downloads/r9/nowhere.zip", 404),
    ],
)
def test_refusals_can_be_read_from_other_sites(address, status):
    answer = Client().get(address, headers=SITE)
    assert answer.status_code == status
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.slow
@pytest.mark.parametrize("address", [LIST, FEED, STYLE, "/oai?verb=Identify", "/lessons/export.csv"])
def test_want_of_quota_is_told_alike_at_every_door_and_to_other_sites(address, quota):
    client = Client()
    assert client.get(address)["RateLimit"].startswith('"anonymous";r=0;t=')
    for _ in range(3):  # asking beforehand uses up nothing, and is answered when nothing is left
        assert client.options(address, headers=PREFLIGHT).status_code == 204
    refused = client.get(address, headers=SITE)
    assert refused.status_code == 429
    assert refused["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in refused["Access-Control-Expose-Headers"]
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert client.get("/lessons/").status_code == 200  # pages are for people


def test_a_token_has_its_quota_at_every_door(quota, partner):
    api = Api(partner, [Scope.READ])
    for address in (LIST, FEED, STYLE, "/oai?verb=Identify"):
        assert api("get", f"{address}")["RateLimit-Policy"].startswith('"partner"') or not address.startswith("/api/")
    answer = Client().get(FEED, headers={"Authorization": f"Bearer {api.text}"})
    assert answer.status_code == 200
    assert answer["RateLimit-Policy"].startswith('"partner"')
    assert Client().get(FEED, headers={"Authorization": "Bearer flt_wrong"}).status_code == 401
    assert "partner" not in Client().get(STYLE, headers={"Authorization": "Basic eDp5"})["RateLimit-Policy"]


def test_what_the_database_cannot_say_can_be_read_from_other_sites(monkeypatch):
    def broken(*args, **kwargs):
        raise OperationalError("gone")

    client = Client(raise_request_exception=False)
    monkeypatch.setattr(EditionQuerySet, "first_page_raw", broken)
    monkeypatch.setattr(record_feeds, "newest_changes_page", broken)
    for address in (LIST, FEED):
        answer = client.get(address, headers=SITE)
        assert answer.status_code >= 500
        assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", ANSWERS)
def test_a_token_gets_the_same_tag_and_304_as_nobody(address, partner):
    headers = {"Authorization": f"Bearer {Api(partner, [Scope.READ]).text}"}
    alone = Client().get(address)
    mine = Client().get(address, headers=headers)
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
        assert mine[name] == alone[name]
    again = Client().get(address, headers={**headers, "If-None-Match": alone["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    dated = Client().get(address, headers={**headers, "If-Modified-Since": alone["Last-Modified"]})
    assert dated.status_code == 304


@pytest.mark.parametrize("address", ANSWERS)
def test_a_tag_opens_nothing_without_a_good_token(address, partner):
    tag = Client().get(address)["ETag"]
    for text, status in (("flt_wrong", 401), (Api(partner, [Scope.WEBHOOKS]).text, 403)):
        answer = Client().get(address, headers={"Authorization": f"Bearer {text}", "If-None-Match": tag})
        assert answer.status_code == status


REWRITTEN = [
    lambda tag: tag,
    lambda tag: f'{tag[:-1]}-gzip"',  # Apache, Caddy
    lambda tag: f'{tag[:-1]}--gzip"',  # Jetty
    lambda tag: f'{tag[:-1]};gzip"',
    lambda tag: f'{tag[:-1]}-br"',
    lambda tag: f'{tag[:-1]}-zstd"',
    lambda tag: f'{tag[:-1]}-br-gzip"',  # two layers
    lambda tag: f"W/{tag.removeprefix('W/')}",  # nginx
    lambda tag: f'"other", W/{tag.removeprefix("W/")[:-1]}-gzip", "third"',
]


@pytest.mark.slow
@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_a_tag_survives_every_layer_at_every_address_that_has_one(coding):
    for address in (*ANSWERS, FEED, "/lessons/feed.atom", STYLE, "/lessons/", "/api/v1/openapi.json", "/sitemap.xml"):
        tag = Client().get(address, headers={"Accept-Encoding": coding})["ETag"]
        for sent in (rewrite(tag) for rewrite in REWRITTEN):
            again = Client().get(address, headers={"Accept-Encoding": coding, "If-None-Match": sent})
            assert again.status_code == 304, (address, sent)
            assert again["ETag"] in sent  # the reader knows the tag by the name it was given


@pytest.mark.slow
def test_a_tag_of_other_words_is_no_tag_of_these():
    other = Client().get("/api/v1/lessons/")["ETag"]
    for address in (LIST, FEED, "/lessons/"):
        for tag in (other, f'{other[:-1]}-gzip"', '"-gzip"', '""', "gzip"):
            assert Client().get(address, headers={"If-None-Match": tag}).status_code == 200


def test_a_draft_read_compressed_can_be_changed_and_is_not_sent_twice(partner):
    api = Api(partner)
    sent = {
        "id": "ours-2019",
        "type": "report",
        "title": "A long title " * 20,
        "abstract": "And more of it. " * 40,
        "issued": {"date-parts": [[2019]]},
    }
    assert api("post", "/references/", sent).status_code == 201
    read = api("get", "/references/ours-2019/", Accept_Encoding="gzip")
    assert gzip.decompress(read.content)
    again = api("get", "/references/ours-2019/", If_None_Match=read["ETag"], Accept_Encoding="gzip")
    assert again.status_code == 304
    changed = api("patch", "/references/ours-2019/", {"publisher": "HMSO"}, If_Match=read["ETag"])
    assert changed.status_code == 200
    assert changed.json()["publisher"] == "HMSO"
    assert api("patch", "/references/ours-2019/", {"publisher": "x"}, If_Match=read["ETag"]).status_code == 412


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json; charset=utf-8", "application/json"),
        ("application/json; indent=4", "application/json"),
        ("APPLICATION/JSON;CHARSET=UTF-8", "application/json"),
        ('application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted, x"', "application/ld+json"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("text/csv;header=present;q=0.5, application/json;q=0.4", "text/csv"),
        ("application/json, text/plain, */*", "application/json"),  # axios
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/json"),  # java.net
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),  # browsers
        ("application/*", "application/json"),
        ("text/*", "text/csv"),
        ("*/*, text/csv", "text/csv"),
        ("*/*;q=0.1, text/csv;q=0", "application/json"),
        ("application/json;q=0, */*", "application/x-ndjson"),
        ("text/csv;q=0.2, application/*;q=0.2", "text/csv"),
        ("application/json;q=nonsense", "application/json"),
        (",, application/json ,", "application/json"),
    ],
)
def test_accept_is_read_as_clients_send_it(accept, expected):
    answer = Client().get("/api/v1/lessons/?limit=1", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer["Content-Type"].partition(";")[0] == expected


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0", "text/html;level=1", "application/vnd.x+json"])
def test_what_nobody_can_give_is_refused_and_says_what_there_is(accept):
    answer = Client().get("/api/v1/lessons/?limit=1", headers={"Accept": accept})
    assert answer.status_code == 406
    assert {"text/csv", "application/json"} <= {each["media_type"] for each in answer.json()["available"]}


def test_the_most_specific_range_decides():
    offered = ["application/json", "text/csv"]
    assert prefer_media_type("application/*;q=0.9, application/json;q=0.1, text/csv;q=0.5", offered) == "text/csv"
    assert prefer_media_type("*/*;q=0.5, text/csv;q=0.4", offered) == "application/json"
    assert prefer_media_type("text/csv;q=0.4, image/png", offered) == "text/csv"
    assert prefer_media_type("", offered) == ""
