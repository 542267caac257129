"""The read API: what it answers, what it refuses, and what it costs."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.api.reading import LIST_ALSO
from failure_lessons.library.list_query import filters_of
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from tests import factories
from tests.examples import examples
from tests.helpers import SHIPPED_KINDS, count_queries

pytestmark = pytest.mark.django_db

LISTS = [f"/api/v1/{kind.api_address}/" for kind in KINDS.values()]


def harvest(client, address):
    """Every record of a list, page by page."""
    found = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        found += answer.json()["results"]
        address = answer.json()["next"]
    return found


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_a_list_pages_through_every_record_once(kind, client):
    found = harvest(client, f"/api/v1/{kind.api_address}/?limit=7")
    expected = Edition.objects.current().of_kind(kind.code).order_by("sort_key", "pk").values_list("slug", flat=True)
    assert [record["slug"] for record in found] == list(expected)


@pytest.mark.parametrize("kind", SHIPPED_KINDS.values(), ids=lambda kind: kind.code)
def test_detail_and_edition_are_the_stored_document(kind, client):
    edition = Edition.objects.current().of_kind(kind.code).first()
    base = f"/api/v1/{kind.api_address}/{edition.slug}/"
    for address in (base, f"{base}editions/1/"):
        answer = client.get(address)
        assert answer["Content-Type"] == "application/json"
        document = answer.content[: answer.content.rindex(b',"edition":')] + b"}"
        assert hashlib.sha256(document).hexdigest() == edition.sha256 == answer.json()["edition"]["sha256"]


@pytest.mark.parametrize("address", LISTS)
def test_an_unknown_parameter_is_named(address, client):
    answer = client.get(address, {"phse": "prevention"})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["parameter"] == "phse"


def test_the_nearest_name_and_a_working_example_are_given(client):
    assert "Did you mean `phase`?" in client.get("/api/v1/recommendations/?phse=x").json()["detail"]
    wrong = client.get("/api/v1/recommendations/?phase=prevntion").json()
    assert "Did you mean “prevention”?" in wrong["detail"]
    assert client.get(wrong["type"].removeprefix("http://testserver")).status_code == 200
    assert client.get(wrong["example"]).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=-1",
        "limit=1&limit=2",
        "after=x",
        "q=a&q=b",
        "q=%00",
        "after=WzEsMl0",
        "after=WyJhIiwiYiJd",
        "limit=99999999999999999999",
    ],
)
def test_bad_values_are_refused(query, client):
    answer = client.get(f"/api/v1/recommendations/?{query}")
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/api/problems/bad-parameter/")


@pytest.mark.slow
@examples(60)
@given(name=st.from_regex(r"[a-zA-Z_.\-\[\]]{1,20}", fullmatch=True), value=st.text(max_size=8))
def test_a_random_parameter_never_returns_200(name, value, client):
    for kind in KINDS.values():
        known = {*filters_of(kind).base_filters, "after", "before", "order", "as_of", *LIST_ALSO}
        if name not in known:
            assert client.get(f"/api/v1/{kind.api_address}/", {name: value}).status_code == 400


def test_filters_narrow_across_and_widen_within(client):
    def codes(query):
        return {record["code"] for record in harvest(client, f"/api/v1/recommendations/?{query}")}

    prevention, resolution = codes("phase=prevention"), codes("phase=resolution")
    assert prevention
    assert resolution
    assert codes("phase=prevention&phase=resolution") == prevention | resolution
    assert codes("phase=prevention&audience=regulator") < codes("audience=regulator")
    assert client.get("/api/v1/recommendations/?phase=prevention").json()["filters"] == {"phase": ["prevention"]}


@pytest.mark.parametrize(
    "address",
    [
        "/api/nope",
        "/api/v1/nope/",
        "/api/v1/lessons/nope/",
        "/api/v1/lessons/x/editions/99/",
        "/api/v1/lessons/x/editions/99999999999999999999/",
    ],
)
def test_nothing_is_a_problem_404(address, client):
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_methods_and_formats_are_refused_as_problems(client):
    answer = client.post("/api/v1/lessons/", {})
    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"
    assert "GET" in answer["Allow"]
    assert client.get("/api/v1/lessons/", headers={"Accept": "text/html"}).status_code == 406


def test_a_withdrawn_record_is_gone_with_its_reason(client, researcher, publisher):
    case = factories.case()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    withdraw_record(record=case, by=publisher, note="A source was false.")
    for address in (f"/api/v1/case-studies/{case.slug}/", f"/api/v1/case-studies/{case.slug}/editions/1/"):
        answer = client.get(address)
        assert answer.status_code == 410
        assert "A source was false." in answer.json()["detail"]


def test_cost_does_not_grow_with_rows(client):
    for address in LISTS:
        client.get(address)  # what a connection prepares once
    for address in LISTS:
        few, many = count_queries(client.get, f"{address}?limit=1"), count_queries(client.get, f"{address}?limit=100")
        assert few == many <= 3
    edition = Edition.objects.current().of_kind("case-study").first()
    assert count_queries(client.get, f"/api/v1/case-studies/{edition.slug}/") <= 3


def test_no_answer_links_to_a_dead_address(client):
    record = client.get("/api/v1/lessons/?limit=1").json()["results"][0]
    assert re.fullmatch(r"http://testserver/api/v1/lessons/.*/editions/1/", record["edition"]["url"])
    assert client.get(record["edition"]["url"]).status_code == 200
