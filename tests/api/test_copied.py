"""Whole lists as NDJSON by COPY: the same bytes as written record by record, and nothing left behind by who leaves."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.db.models import F

from casestudies.models import CaseStudy
from failure_lessons.api.ndjson_stream import format_json_timestamp, stream_ndjson
from failure_lessons.exports.formats.plain import write_ndjson
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record

pytestmark = pytest.mark.django_db
BASE = "http://testserver"
ODD = 'It said: "a\\b" \t¬ £ ’ 😀\r\n\x7f\x1f second line, \x02 and \x01'


@pytest.mark.slow
def test_the_bytes_are_those_that_are_written_one_by_one(researcher, publisher):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title = ODD.replace("\x02", "").replace("\x01", "")
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note=ODD, now=dt.datetime(2027, 1, 2, 3, 4, 5, 600_000, dt.UTC))
    for editions in (Edition.objects.current().order_by("kind", "sort_key", "pk"), Edition.objects.order_by("pk")):
        whole = b"".join(stream_ndjson(editions, BASE))
        assert whole == b"".join(write_ndjson(editions, BASE))
        assert whole.count(b"\n") == editions.count() > 400
    assert b'"superseded_at":"2027-01-02T03:04:05.600000Z"' in whole


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        (b"", b"null"),
        (b"2026-11-25 10:20:30+00", b'"2026-11-25T10:20:30Z"'),
        (b"2026-11-25 10:20:30.5+00", b'"2026-11-25T10:20:30.500000Z"'),
    ],
)
def test_moments_are_written_as_our_json_has_them(text, ours):
    assert format_json_timestamp(text) == ours


def test_who_leaves_early_leaves_nothing_running():
    before = threading.active_count()
    for _ in range(3):
        blocks = stream_ndjson(Edition.objects.order_by("pk"), BASE)
        next(blocks)
        blocks.close()
        assert threading.active_count() == before
        assert Edition.objects.current().exists()  # and the connection is as good as before


def test_nothing_is_nothing():
    assert list(stream_ndjson(Edition.objects.none(), BASE)) == []
    assert list(stream_ndjson(Edition.objects.filter(slug="nowhere"), BASE)) == []


def test_an_error_of_the_database_is_raised_not_swallowed():
    with pytest.raises(Exception, match="division by zero"):
        list(stream_ndjson(Edition.objects.annotate(zero=F("number") / 0).filter(zero=1), BASE))
    with connection.cursor() as cursor:
        cursor.execute("select 1")
