"""Pages that are kept: nobody gets somebody else's, an old one, or one that was made for another way of asking."""

import datetime as dt
import tracemalloc

import brotli
import pytest
from django.test import Client
from django.utils import timezone

from failure_lessons.api import response_cache
from failure_lessons.api.response_cache import ResponseStore, measure_entry
from failure_lessons.intake.models import PublicMessage, PublicNote
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Recommendation
from tests.api.test_keeping import Served
from tests.helpers import count_queries, text_of_page

pytestmark = pytest.mark.django_db
PAGES = [
    "/",
    "/recommendations/",
    "/recommendations/?phase=management&order=strength",
    "/evidence-map/?of=recommendation",
    "/search/?q=staff",
    "/follow-up/overdue/",
]


@pytest.fixture
def client():
    client = Client()
    client.handler = Served()
    return client


def address_of(kind="recommendation"):
    return Edition.objects.current().of_kind(kind).without_text()[0].get_absolute_url()


def test_a_kept_page_costs_one_question_and_is_the_same(client):
    for address in [*PAGES, address_of(), f"{address_of()}history/"]:
        first = client.get(address)
        assert first.status_code == 200
        assert count_queries(client.get, address) == 1, address
        again = client.get(address)
        assert (again.content, dict(again.items())) == (first.content, dict(first.items()))
        held = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (held.status_code, held.content, held["ETag"]) == (304, b"", first["ETag"])


@pytest.mark.slow
def test_a_page_is_kept_for_its_own_way_of_asking(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    address = address_of()
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "br"})
    assert brotli.decompress(packed.content) == plain.content
    assert client.get(address, headers={"Accept": "application/json"}).status_code == 303
    elsewhere = client.get(address, headers={"Host": "elsewhere.example"})
    assert b"elsewhere.example" in elsewhere.content
    assert b"elsewhere.example" not in client.get(address).content
    below = client.get(address, SCRIPT_NAME="/lessons-site")
    assert b"/lessons-site/" in below.content
    assert client.get(address).content == plain.content
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert client.get(address, headers={"Range": "bytes=0-9"}).content == plain.content


@pytest.mark.slow
def test_what_is_one_readers_is_neither_kept_nor_given(client, person, browser_of):
    address = "/recommendations/"
    kept = client.get(address).content
    for own in (
        f"{address}?brief=x",
        f"{address}?as_of=2026-12-01",
        f"{address}?br%69ef=x",
        f"{address}?%61s_of=2026-12-01",
    ):
        client.get(own)
        assert count_queries(client.get, own) > 1, own
    desk = Client()
    desk.handler = Served()
    desk.force_login(person("ann", "publisher"))
    before = len(response_cache.response_store.answers)
    for page in PAGES:
        desk.get(page)
    assert len(response_cache.response_store.answers) == before
    assert client.get(address).content == kept
    for never in (
        "/admin/login/",
        "/accounts/login/",
        "/contact/",
        "/brief/",
        "/no-such-page/",
        "/recommendations/?phase=no",
    ):
        client.get(never)
    assert len(response_cache.response_store.answers) == before


@pytest.mark.slow
def test_withdrawn_is_withdrawn_at_once(client, publisher):
    edition = Edition.objects.current().of_kind("recommendation").without_text()[0]
    pages = ["/", "/recommendations/", f"/search/?q={edition.code}+staff", edition.get_absolute_url()]
    for page in pages:
        client.get(page), client.get(page)
    assert edition.title in text_of_page(client.get("/recommendations/"))
    withdraw_record(record=Recommendation.objects.get(record_id=edition.record_id), by=publisher, note="Wrong.")
    assert client.get(edition.get_absolute_url()).status_code == 410
    for page in pages[:-1]:
        assert edition.title not in text_of_page(client.get(page)), page


def test_notes_come_and_go_without_a_revision(client):
    address, edition = address_of(), Edition.objects.current().of_kind("recommendation").without_text()[0]
    client.get(address)
    sent = PublicMessage.objects.create(sort=PublicMessage.Sort.values[0], text="x", sent_at=timezone.now())
    note = PublicNote.objects.create(
        sent=sent,
        sort="used",
        record_id=edition.record_id,
        who="A trust",
        text="We used it in Leeds.",
        day=dt.date(2026, 11, 1),
        published_at=timezone.now(),
    )
    assert b"We used it in Leeds." in client.get(address).content
    assert count_queries(client.get, address) == 1
    note.delete()
    assert b"We used it in Leeds." not in client.get(address).content


def test_at_midnight_a_page_is_another(client, monkeypatch):
    client.get("/follow-up/overdue/")
    assert count_queries(client.get, "/follow-up/overdue/") == 1
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    monkeypatch.setattr(response_cache.timezone, "localdate", lambda *given: tomorrow)
    assert count_queries(client.get, "/follow-up/overdue/") > 1


def test_the_bound_counts_what_an_entry_really_holds():
    """Against what the interpreter takes for a thousand entries with short bodies, where the rest weighs most."""
    tracemalloc.start()
    store = ResponseStore(10**9)
    before = tracemalloc.get_traced_memory()[0]
    for number in range(1000):
        headers = [(f"Header-{field}-{number}", f"value {field} {number}") for field in range(12)]
        store.put(
            f"key {number:030}", (b"x" * 200 + str(number).encode(), headers, f'"tag {number}"', f"date {number}")
        )
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert taken <= store.size <= 1.5 * taken
    entry = (b"x", [], "", "")
    small = ResponseStore(3 * measure_entry("0", entry))
    for number in range(9):
        small.put(str(number), entry)
    assert list(small.answers) == ["6", "7", "8"]
