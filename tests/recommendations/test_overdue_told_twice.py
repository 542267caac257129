"""Overdue, none found and the table by body, worked out a second time by SQL over what dossiers' documents hold."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from lxml import html

from failure_lessons.library.bodies import count_by_body
from failure_lessons.publishing.models import Edition
from recommendations.follow_up.models import FollowUp, FollowUpCitation, Response
from tests.recommendations.test_dossiers import any_source, ask_for_answer, publish_again

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
SECOND = dt.timedelta(seconds=1)
# Nothing of `derived` but who took over from whom: what a dossier holds decides, not what we worked out from it.
READ = """
    with dossier as (
        select slug, document::jsonb d from publishing_edition
        where kind = 'follow-up' and withdrawn_at is null and published_at <= %(moment)s
          and (superseded_at is null or superseded_at > %(moment)s)
    ), heir as (
        select slug, p ->> 'from' body, p ->> 'to' heir from dossier, jsonb_array_elements(d #> '{derived,passed_on}') p
    ), asked as (
        select slug, a ->> 'body' body, (a #>> '{answer_due,day}')::date due, a #>> '{asked,day}' asked_day
        from dossier, jsonb_array_elements(d -> 'addressees') a
    ), answer as (
        select slug, r ->> 'body' body from dossier, jsonb_array_elements(d -> 'responses') r
    ), line as (
        select slug, body, body link from asked union select slug, body, heir from asked join heir using (slug, body)
    ), owed as (
        select slug, due from asked a where due is not null and not exists (
            select from answer r join line l on l.slug = r.slug and l.link = r.body
            where l.slug = a.slug and l.body = a.body)
    ), late as (
        select distinct slug from owed where due < %(day)s
    ), unfound as (
        select slug from dossier where jsonb_array_length(d -> 'looks') > 0
          and not exists (select from answer where answer.slug = dossier.slug)
          and not exists (select from asked where asked.slug = dossier.slug and asked_day is not null)
    )
"""
OVERDUE = READ + "select slug from late order by slug"
BY_BODY = (
    READ
    + """select link, count(distinct slug), count(distinct late.slug), count(distinct unfound.slug)
         from line left join late using (slug) left join unfound using (slug) where link is not null group by link"""
)
NONE_FOUND = READ + "select slug from unfound order by slug"


def read_rows(sql, moment):
    with connection.cursor() as cursor:
        cursor.execute(sql, {"moment": moment, "day": moment.astimezone(LONDON).date()})
        return cursor.fetchall()


def midnight(day):
    return dt.datetime.combine(day, dt.time(), tzinfo=LONDON).astimezone(dt.UTC)


@pytest.fixture
def asked(shipped, researcher, publisher):
    """A dozen of our dossiers, asked for answers by days around both changes of the clocks; some answered since."""
    chosen = random.Random(17)  # noqa: S311  # the same each time
    days = [dt.date(2027, 3, 27), dt.date(2027, 3, 28), dt.date(2027, 10, 30), dt.date(2027, 10, 31)]
    days += [dt.date(2027, 1, 1) + dt.timedelta(days=chosen.randrange(400)) for _ in range(8)]
    rows = list(FollowUp.objects.filter(recommendation__isnull=False, addressees__body__isnull=False).distinct()[:12])
    for row, due in zip(rows, days, strict=True):
        whom = row.addressees.filter(body__isnull=False).first()
        ask_for_answer(row, researcher, day=dt.date(2026, 11, 1), due=due, publisher=publisher)
        if chosen.random() < 0.4:
            said = {"date": "2026-12-02", "says": "Yes.", "stance": "accepted", "body": whom.body}
            answer = Response.objects.create(dossier=row, code="X1", **said)
            FollowUpCitation.objects.create(response=answer, **any_source())
            publish_again(row, researcher, publisher)
    return days


@pytest.mark.slow
def test_what_is_overdue_is_worked_out_alike_at_any_moment(asked, client):
    published = [*Edition.objects.of_kind("follow-up").order_by("-pk").values_list("published_at", flat=True)[:16]]
    moments = [at - gap for at in published[::4] for gap in (SECOND / 1000, -SECOND / 1000)]
    for due in asked[:1] + asked[2:7]:
        after = midnight(due + dt.timedelta(days=1))
        moments += [after - SECOND, after]
    owed = set()
    for moment in moments:
        then = {"as_of": moment.isoformat(), "count": "exact", "limit": "100"}
        late = [slug for (slug,) in read_rows(OVERDUE, moment)]
        told = client.get("/api/v1/follow-ups/", {"overdue": "yes", **then}).json()
        assert sorted(each["slug"] for each in told["results"]) == late
        assert told["count"] == len(late)
        page = html.fromstring(client.get("/follow-up/", {"overdue": "yes", "as_of": then["as_of"]}).content)
        assert int(page.get_element_by_id("count").text_content().split()[0]) == len(late)
        told = client.get("/api/v1/follow-ups/", {"answer": "none-found", **then}).json()
        assert sorted(each["slug"] for each in told["results"]) == [slug for (slug,) in read_rows(NONE_FOUND, moment)]
        lines = count_by_body(moment.astimezone(LONDON).date(), moment)
        numbers = {line.slug: {each.code: each.number for each in line.counts} for line in lines}
        assert numbers.keys() == (counted := {body: tuple(told) for body, *told in read_rows(BY_BODY, moment)}).keys()
        for body, told in numbers.items():
            assert (told["made"], told["overdue"], told["none-found"]) == counted[body]
        owed.add(len(late))
    assert len(owed) > 4, "the moments differ in what is overdue"
