"""What lists can be asked beside their filters: spans of days, counts of further choices, members of what is included."""

import datetime as dt

import pytest
from django.utils import timezone

from failure_lessons.library.list_query import filters_of
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from tests.helpers import count_queries

pytestmark = pytest.mark.django_db

RECOMMENDATIONS = "/api/v1/recommendations/"


def test_editions_of_a_span_of_days_are_found_and_its_end_is_not_part_of_it(client):
    moment = Edition.objects.current().of_kind("recommendation").first().published_at
    day = timezone.localdate(moment)
    after, before = (day + dt.timedelta(days=days) for days in (1, -1))

    def found(query):
        return len(client.get(f"{RECOMMENDATIONS}?limit=100&{query}").json()["results"])

    everything = found("")
    assert found(f"published_from={day}&published_before={after}") == everything > 0
    assert found(f"published_before={day}") == found(f"published_from={after}") == 0
    assert found(f"published_from={before}") == everything
    looks = "/api/v1/follow-ups/?look_{}=2027-06-01&count=exact"
    either = [client.get(looks.format(end)).json()["count"] for end in ("from", "before")]
    assert sum(either) == Edition.objects.current().of_kind("follow-up").exclude(look_again_on=None).count() > 0


def test_a_page_keeps_a_span_of_days_when_its_form_is_sent_and_offers_to_drop_it(client):
    text = client.get("/recommendations/?published_from=2020-01-01").content.decode()
    assert 'name="published_from" value="2020-01-01"' in text
    assert "This edition published on or after" in text


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_every_facet_counts_what_each_further_choice_gives(kind, client):
    names = [*filters_of(kind).term_filters()]
    address = f"/api/v1/{kind.api_address}/"
    if not names:
        assert client.get(address, {"facets": "phase"}).json()["parameter"] == "facets"
        return
    facets = client.get(address, {"facets": ",".join(names), "limit": 1}).json()["facets"]
    assert [*facets] == names
    for name, facet in facets.items():
        assert facet["name"] == name
        for choice in facet["choices"][:2]:
            answer = client.get(address, {name: choice["code"], "count": "exact", "limit": 1, "facets": name}).json()
            assert answer["count"] == choice["count"] > 0
            again = {each["code"]: each for each in answer["facets"][name]["choices"]}
            assert again[choice["code"]] == {**choice, "picked": True}
            assert {code: each["count"] for code, each in again.items()} == {
                each["code"]: each["count"] for each in facet["choices"]
            }


def test_counting_costs_the_same_on_a_short_list_and_a_long_one(client):
    few = count_queries(client.get, RECOMMENDATIONS, {"facets": "phase,theme", "limit": 1})
    assert count_queries(client.get, RECOMMENDATIONS, {"facets": "phase,theme", "limit": 100}) == few


def test_what_is_included_comes_with_the_members_that_were_asked_for(client):
    asked = {"ids": "R1", "fields": "code,edition", "include": "evidence", "included_fields": "kind,slug,edition"}
    answer = client.get(RECOMMENDATIONS, asked).json()
    (record,) = answer["results"]
    assert [*record] == ["code", "edition"]
    assert {frozenset(each) for each in answer["included"]} == {frozenset(("kind", "slug", "edition"))}
    whole = client.get(RECOMMENDATIONS, {"ids": "R1", "include": "evidence"}).json()
    assert [each["edition"] for each in answer["included"]] == [each["edition"] for each in whole["included"]]
    assert record["edition"]["rests_on"] == whole["results"][0]["edition"]["rests_on"]
    shape = {name: value for name, value in asked.items() if name != "ids"}
    alone = client.get(f"{RECOMMENDATIONS}{whole['results'][0]['slug']}/", shape).json()
    assert alone["included"] == answer["included"]


def test_the_cursor_of_one_kind_is_refused_by_the_list_of_another(client):
    cursor = client.get("/api/v1/lessons/?limit=1").json()["next"].partition("after=")[2]
    answer = client.get(f"{RECOMMENDATIONS}?after={cursor}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "after")
