"""A month in short: what is counted is what changed, and what was mended comes before what is new."""

import datetime as dt

import pytest
from django.utils import timezone

from failure_lessons.feeds.digest import DIGEST_PARTS, digest_month, list_in_month
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.services import correct_record, publish_record, submit_record, withdraw_record
from tests import factories
from tests.helpers import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def month():
    return timezone.localdate().replace(day=1)


@pytest.mark.slow
def test_what_changed_is_counted_and_what_was_mended_is_told(client, researcher, publisher, month):
    before = digest_month(month)
    case = factories.case(title="First <b>title</b>")
    for title, verb in (("First <b>title</b>", publish_record), ("Second title", correct_record)):
        case.title = title
        case.save()
        submit_record(record=case, by=researcher)
        verb(record=case, by=publisher, note="So it is.")
    after = digest_month(month)
    more = {part: after.totals[place] - before.totals[place] for place, part in enumerate(DIGEST_PARTS)}
    assert more["new"] >= more["corrected"] > 0
    assert more["withdrawn"] == more["revised"] == 0
    assert sum(after.totals) == list_in_month(month).count()
    page = client.get(f"/changes/{month:%Y-%m}/").content.decode()
    assert "So it is." in page
    assert "Second title" in page
    assert "<b>title" not in page
    assert f"/changes/{month:%Y-%m}/" in client.get("/changes/").content.decode()
    withdraw_record(record=case, by=publisher, note="A source was false.")
    page = client.get(f"/changes/{month:%Y-%m}/").content.decode()
    assert "A source was false." in page
    assert "Second title" not in page, "nobody reads words of what was withdrawn"


def test_a_month_ends_at_midnight_in_london(month):
    edges = [list_in_month(dt.date(2026, 7, 1)).query, list_in_month(dt.date(2026, 12, 1)).query]
    assert "2026-07-01 00:00:00+01:00" in str(edges[0])
    assert "2026-08-01 00:00:00+01:00" in str(edges[0])
    assert "2027-01-01 00:00:00+00:00" in str(edges[1])


@pytest.mark.parametrize(
    ("address", "status"),
    [("2001-01", 200), ("9999-12", 404), ("2026-13", 404), ("2026-1", 404), ("0000-01", 404), ("2026-01%0A", 404)],
)
def test_odd_months(client, address, status):
    assert client.get(f"/changes/{address}/").status_code == status


def test_an_empty_month_says_so_and_leads_to_the_next_one(client, shipped, month):
    page = client.get("/changes/2001-01/").content.decode()
    assert "Nothing changed" in page
    shipped_at = timezone.localdate(LedgerEntry.objects.order_by("number").first().at)
    assert f"/changes/{shipped_at:%Y-%m}/" in page


@pytest.mark.slow
def test_a_month_costs_the_same_however_much_changed(client, shipped, researcher, publisher, month):
    address = f"/changes/{month:%Y-%m}/"
    client.get(address)
    few = count_queries(client.get, address)
    for _ in range(5):
        case = factories.case()
        submit_record(record=case, by=researcher)
        publish_record(record=case, by=publisher)
    assert count_queries(client.get, address) == few <= 7
