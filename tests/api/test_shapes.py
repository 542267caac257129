"""Shapes of answers: parts, chains, batches, formats, editions by number, hash and date, search, check."""

import hashlib
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from casestudies.models import CaseStudy
from failure_lessons.exports.formats import FORMATS
from failure_lessons.publishing.dependencies import list_evidence
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from literature.models import Reference
from tests.helpers import SHIPPED_KINDS, count_queries

pytestmark = pytest.mark.django_db

RECOMMENDATIONS = "/api/v1/recommendations/"


def body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def renewed(at, researcher, publisher, **changes):
    """A new edition of a shipped case study."""
    case = CaseStudy.objects.get(slug=at)
    for name, value in changes.items():
        setattr(case, name, value)
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    return case


# --- parts and chains


def test_fields_bring_these_members_and_no_others(client):
    for record in client.get(f"{RECOMMENDATIONS}?fields=code,edition").json()["results"]:
        assert set(record) == {"code", "edition"}
    slug = Edition.objects.current().of_kind("recommendation").first().slug
    assert set(client.get(f"{RECOMMENDATIONS}{slug}/?fields=title").json()) == {"title"}


def test_a_wrong_member_is_named_with_the_nearest(client):
    answer = client.get(f"{RECOMMENDATIONS}?fields=code,titel").json()
    assert answer["parameter"] == "fields"
    assert "Did you mean “title”?" in answer["detail"]
    assert client.get(answer["example"]).status_code == 200


@pytest.mark.parametrize("kind", ["recommendation", "lesson", "finding", "case-study", "comparison"])
def test_include_brings_the_very_editions_that_were_pinned(kind, client):
    edition = Edition.objects.current().of_kind(kind).first()
    answer = client.get(f"/api/v1/{KINDS[kind].api_address}/{edition.slug}/?include=evidence").json()
    expected = {each.sha256 for each in Edition.objects.filter(pk__in=[e.pk for e in list_evidence(edition)])}
    assert {record["edition"]["sha256"] for record in answer["included"]} == expected
    direct = EditionCitation.objects.filter(edition=edition).values_list("cites__sha256", flat=True)
    assert set(answer["edition"]["rests_on"]) == set(direct)


def test_from_a_recommendation_to_the_words_of_a_source_in_one_answer(client):
    answer = client.get(f"{RECOMMENDATIONS}?ids=R4&include=evidence").json()
    by_hash = {record["edition"]["sha256"]: record for record in answer["included"]}
    reached, todo = set(), [answer["results"][0]]
    while todo:
        record = todo.pop()
        reached.add(record["kind"])
        todo += [by_hash[sha256] for sha256 in record["edition"]["rests_on"]]
    assert {"recommendation", "lesson", "finding", "reference"} <= reached


def test_chains_cost_the_same_for_few_and_many(client):
    assert count_queries(client.get, f"{RECOMMENDATIONS}?limit=1&include=evidence") == count_queries(
        client.get, f"{RECOMMENDATIONS}?limit=18&include=evidence"
    )


def test_a_chain_shows_a_withdrawn_source_as_a_tombstone(client, publisher):
    finding = Edition.objects.current().of_kind("finding").first()
    reference = finding.cites.filter(kind="reference").first()
    withdraw_record(record=Reference.objects.get(record_id=reference.record_id), by=publisher, note="Retracted.")
    answer = client.get(f"/api/v1/findings/{finding.slug}/?include=evidence").json()
    gone = [each for each in answer["included"] if each["kind"] == "reference" and each["slug"] == reference.slug]
    assert gone[0]["withdrawal_reason"] == "Retracted."
    assert "title" not in gone[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("include=evidnce", "include"),
        ("included_fields=title", "included_fields"),
        ("include=evidence&included_fields=titel", "included_fields"),
        ("facets=phse", "facets"),
        ("facets=phase&ids=R1", "facets"),
        ("format=csv&facets=phase", "facets"),
        ("published_from=2026-13-01", "published_from"),
        ("published_from=2026-02-01&published_before=2026-02-01", "published_before"),
        ("q=" + 301 * "a", "q"),
        ("count=all", "count"),
        ("include=evidence&limit=26", "limit"),
        ("format=cvs", "format"),
        ("format=csv&fields=title", "fields"),
        ("ids=R1&limit=3", "limit"),
        ("ids=", "ids"),
        ("ids=R1,,R2", "ids"),
        ("ids=R_1", "ids"),
        ("ids=" + ",".join(map(str, range(101))), "ids"),
        ("fields=title&fields=code", "fields"),
        ("countt=exact", "countt"),
    ],
)
def test_each_fault_is_named_and_its_example_works(query, parameter, client):
    answer = client.get(f"{RECOMMENDATIONS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter
    assert client.get(answer.json()["example"]).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("kind", SHIPPED_KINDS.values(), ids=lambda kind: kind.code)
def test_unknown_parameters_are_refused_at_every_address_of_a_kind(kind, client):
    base = f"/api/v1/{kind.api_address}/"
    slug = Edition.objects.current().of_kind(kind.code).first().slug
    for address in (base, f"{base}{slug}/", f"{base}{slug}/editions/", f"{base}{slug}/editions/1/"):
        answer = client.get(f"{address}?formt=json")
        assert answer.status_code == 400, address
        assert client.get(answer.json()["example"]).status_code == 200
    sha256 = Edition.objects.current().of_kind(kind.code).first().sha256
    for address in (
        "/api/v1/",
        "/api/v1/openapi.json",
        "/api/v1/search/",
        "/api/v1/check/",
        f"/api/v1/editions/{sha256}/",
    ):
        assert client.get(f"{address}?formt=json").status_code == 400, address


# --- lists


def test_a_batch_finds_codes_and_slugs_and_says_what_is_missing(client):
    slug = Edition.objects.current().get(kind="recommendation", code="R7").slug
    answer = client.get(f"{RECOMMENDATIONS}?ids=r4,{slug},R99,no-such").json()
    assert [record["code"] for record in answer["results"]] == ["R4", "R7"]
    assert answer["missing"] == ["R99", "no-such"]
    assert answer["next"] is None
    narrowed = client.get(f"{RECOMMENDATIONS}?ids=R1,R2,R3,R4&phase=prevention").json()
    assert {record["phase"] for record in narrowed["results"]} == {"prevention"}


def test_records_are_counted_only_when_asked(client):
    assert "count" not in client.get(RECOMMENDATIONS).json()
    assert client.get(f"{RECOMMENDATIONS}?count=exact&limit=2").json()["count"] == 18
    assert client.get(f"{RECOMMENDATIONS}?count=exact&limit=2&phase=prevention").json()["count"] < 18


@pytest.mark.parametrize(
    "asked", ["phase=prevention", "q=staff", "q=staff&phase=identification", "ids=R1,R2,R99", "as_of=2020-01-01"]
)
def test_the_count_is_that_of_the_list(client, asked):
    answer = client.get(f"{RECOMMENDATIONS}?count=exact&{asked}" + ("" if "ids" in asked else "&limit=100")).json()
    assert answer["count"] == len(answer["results"])
    assert answer["count"] < 18


def test_pages_link_both_ways_and_to_the_first(client):
    first = client.get("/api/v1/findings/?limit=5")
    second = client.get(first.json()["next"])
    assert f'<{second.json()["previous"]}>; rel="prev"' in second["Link"]
    assert '<http://testserver/api/v1/findings/?limit=5>; rel="first"' in second["Link"]
    assert client.get(second.json()["previous"]).json()["results"] == first.json()["results"]


def test_a_list_says_what_it_understood(client):
    answer = client.get(f"{RECOMMENDATIONS}?phase=prevention&order=newest&as_of=2999-01-01").json()
    assert answer["filters"] == {
        "phase": ["prevention"],
        "order": "newest",
        "as_of": "2999-01-01T23:59:59.999999+00:00",
    }


def test_what_was_withdrawn_since_is_not_shown_in_the_past_either(client, researcher, publisher):
    moment = f"{timezone.now():%Y-%m-%dT%H:%M:%S.%fZ}"
    withdraw_record(record=CaseStudy.objects.get(slug="hmp-birmingham"), by=publisher, note="A false source.")
    past = f"?as_of={moment}"
    shown = {record["slug"]: record for record in client.get(f"/api/v1/case-studies/{past}").json()["results"]}
    assert len(shown) == 5
    assert "hmp-birmingham" not in shown
    gone = client.get(f"/api/v1/case-studies/hmp-birmingham/{past}")
    assert gone.status_code == 410
    assert "A false source." in gone.json()["detail"]
    for name in {each.name for each in FORMATS.values() if each.holds("case-study")} - {"json", "xlsx"}:
        text = body(client.get(f"/api/v1/case-studies/{past}&format={name}")).decode()
        assert "hmp-birmingham" not in text, name
        assert "hackney-learning-trust" in text, name
    assert client.get(f"/api/v1/case-studies/hmp-birmingham/{past}").status_code == 410


# --- formats


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_a_whole_list_in_each_format_by_name_and_by_accept(name, client):
    chosen, address = FORMATS[name], "/api/v1/themes/"
    by_name = client.get(f"{address}?format={name}")
    assert by_name["Content-Type"] == chosen.content_type
    assert by_name["Content-Disposition"] == f'attachment; filename="failure-lessons-themes.{chosen.extension}"'
    assert {"Accept", "Accept-Encoding"} <= set(by_name["Vary"].split(", "))
    content = body(by_name)
    if name not in ("xlsx", "skos"):
        assert body(client.get(address, headers={"Accept": f"text/html, {chosen.media_type};q=0.4"})) == content
        assert all(
            slug in content.decode()
            for slug in Edition.objects.current().of_kind("theme").values_list("slug", flat=True)
        )


def test_a_record_in_each_format(client):
    slug = Edition.objects.current().of_kind("lesson").first().slug
    for name, chosen in FORMATS.items():
        if chosen.holds("lesson"):
            answer = client.get(f"/api/v1/lessons/{slug}/?format={name}")
            assert answer["Content-Type"] == chosen.content_type
            assert len(body(answer)) > 100


def test_lines_are_whole_records_and_a_workbook_opens(client):
    lines = body(client.get("/api/v1/findings/?format=ndjson")).splitlines()
    assert len({json.loads(line)["slug"] for line in lines}) == Edition.objects.current().of_kind("finding").count()
    book = load_workbook(io.BytesIO(body(client.get(f"{RECOMMENDATIONS}?format=xlsx&phase=prevention"))))
    count = client.get(f"{RECOMMENDATIONS}?phase=prevention&count=exact").json()["count"]
    assert book.worksheets[0].max_row >= count + 1


def test_a_page_can_be_asked_for_in_any_format(client):
    assert len(body(client.get("/api/v1/findings/?format=ndjson&limit=3")).splitlines()) == 3


def test_a_workbook_too_large_is_refused_with_a_way_out(client, monkeypatch):
    monkeypatch.setattr("failure_lessons.api.reading.LARGEST_WORKBOOK", 10)
    answer = client.get("/api/v1/findings/?format=xlsx")
    assert answer.status_code == 400
    assert "too many" in answer.json()["detail"]
    assert client.get(answer.json()["example"])["Content-Type"].startswith("text/csv")


def test_what_is_liked_best_is_given(client):
    def given(accept):
        return client.get("/api/v1/lessons/", headers={"Accept": accept})["Content-Type"].partition(";")[0]

    assert given("text/csv;q=0.2, application/json;q=0.9") == "application/json"
    assert given("application/json;q=0.1, text/csv") == "text/csv"
    assert given("*/*") == given("application/*") == given("") == "application/json"
    assert given("application/json;q=0, */*") != "application/json"
    assert given("text/html,application/xhtml+xml,*/*;q=0.8") == "application/json"


def test_what_there_is_is_listed_when_nothing_fits(client):
    answer = client.get("/api/v1/lessons/", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer["Content-Type"] == "application/problem+json"
    assert "text/csv" in [each["media_type"] for each in answer.json()["available"]]
    assert client.get("/api/v1/search/?q=staff", headers={"Accept": "text/csv"}).status_code == 406


# --- editions


@pytest.mark.slow
def test_an_old_edition_is_found_by_number_hash_and_date(client, researcher, publisher):
    old = Edition.objects.current().get(slug="hmp-birmingham", kind="case-study")
    moment = f"{timezone.now():%Y-%m-%dT%H:%M:%S.%fZ}"
    renewed("hmp-birmingham", researcher, publisher, title="A new title")
    base = "/api/v1/case-studies/hmp-birmingham/"
    assert client.get(base).json()["title"] == "A new title"
    for address in (f"{base}editions/1/", f"/api/v1/editions/{old.sha256}/", f"{base}?as_of={moment}"):
        answer = client.get(address)
        document = answer.content[: answer.content.rindex(b',"edition":')] + b"}"
        assert hashlib.sha256(document).hexdigest() == old.sha256
        assert answer.json()["edition"]["superseded_at"]
    listed = client.get(f"{base}editions/").json()["results"]
    assert [(each["number"], each["status"]) for each in listed] == [(2, "current"), (1, "superseded")]
    assert client.get(f"{base}?as_of=1999-01-01").status_code == 404
    one = client.get(f"{base}editions/?limit=1")
    assert [each["number"] for each in client.get(one.json()["next"]).json()["results"]] == [1]


@pytest.mark.slow
def test_a_record_that_moved_is_followed(client, researcher, publisher):
    renewed("hmp-birmingham", researcher, publisher, slug="birmingham-prison")
    answer = client.get("/api/v1/case-studies/hmp-birmingham/?fields=title")
    assert (answer.status_code, answer["Location"]) == (308, "/api/v1/case-studies/birmingham-prison/?fields=title")
    assert client.get(answer["Location"]).status_code == 200


def test_the_hash_of_something_withdrawn_is_gone(client, publisher):
    edition = Edition.objects.current().get(slug="hmp-birmingham", kind="case-study")
    withdraw_record(record=CaseStudy.objects.get(slug="hmp-birmingham"), by=publisher, note="A false source.")
    for address in (f"/api/v1/editions/{edition.sha256}/", "/api/v1/case-studies/hmp-birmingham/editions/"):
        answer = client.get(address)
        assert answer.status_code == 410
        assert "A false source." in answer.json()["detail"]
    assert client.get(f"/api/v1/editions/{'0' * 64}/").status_code == 404
    assert client.get("/api/v1/editions/xyz/").status_code == 404


# --- check


def check(client, hashes):
    answer = client.post("/api/v1/check/", {"sha256": hashes}, content_type="application/json")
    assert answer.status_code == 200
    return {each["sha256"]: each for each in answer.json()["results"]}


@pytest.mark.slow
def test_a_holder_of_copies_learns_what_became_of_them(client, researcher, publisher):
    kept = Edition.objects.current().of_kind("lesson").first().sha256
    old = Edition.objects.current().get(slug="hmp-birmingham", kind="case-study").sha256
    gone = Edition.objects.current().get(slug="hackney-learning-trust", kind="case-study").sha256
    renewed("hmp-birmingham", researcher, publisher, title="A new title")
    withdraw_record(record=CaseStudy.objects.get(slug="hackney-learning-trust"), by=publisher, note="Wrong.")
    found = check(client, [kept, old, gone, "f" * 64])
    assert [found[sha256]["status"] for sha256 in (kept, old, gone, "f" * 64)] == [
        "current",
        "superseded",
        "withdrawn",
        "unknown",
    ]
    assert found[old]["superseded_by"]["number"] == 2
    assert client.get(found[old]["superseded_by"]["url"]).json()["title"] == "A new title"
    assert found[gone]["withdrawal_reason"] == "Wrong."
    assert "title" not in found[gone]
    assert client.get(f"/api/v1/check/?sha256={kept},{old}").json()["results"][0]["status"] == "current"


def test_a_thousand_hashes_cost_as_many_queries_as_one(client):
    every = list(Edition.objects.values_list("sha256", flat=True))[:500]
    with CaptureQueriesContext(connection) as one:
        check(client, every[:1])
    with CaptureQueriesContext(connection) as many:
        assert len(check(client, every + [f"{number:064x}" for number in range(500)])) == 1000
    assert len(one) == len(many) <= 3


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("[]", 422),
        ("{}", 422),
        ('{"sha256": []}', 422),
        ('{"sha256": ["x"]}', 422),
        ('{"sha256": "x"}', 422),
        ('{"sha256": [1]}', 422),
        ('{"sha256": ["' + "a" * 64 + '"], "more": 1}', 422),
        ("{", 400),
        ("\xff", 400),
        ('{"sha256": [' + ",".join(['"' + "a" * 64 + '"'] * 1001) + "]}", 422),
        (" " * 300_000, 413),
    ],
)
def test_a_bad_body_is_a_problem(sent, status, client):
    answer = client.post("/api/v1/check/", sent.encode("latin-1"), content_type="application/json")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_another_content_type_is_a_problem(client):
    assert client.post("/api/v1/check/", {"sha256": "x"}).status_code == 415


# --- search


def test_search_shows_where_the_words_stand(client):
    answer = client.get("/api/v1/search/?q=whistleblowing&limit=5").json()
    assert answer["results"]
    assert answer["count"] == sum(answer["kinds"].values()) >= len(answer["results"])
    matched = [each["snippet"][start:end].lower() for each in answer["results"] for start, end in each["matches"]]
    assert matched
    assert all(word.startswith("whistle") for word in matched)
    assert not any("\x02" in each["snippet"] or "<mark>" in each["snippet"] for each in answer["results"])
    assert client.get(answer["results"][0]["url"]).status_code == 200


def test_search_goes_on_page_by_page_and_by_kind(client):
    first = client.get("/api/v1/search/?q=staff&limit=3&kind=finding").json()
    second = client.get(first["next"]).json()
    assert {each["kind"] for each in first["results"] + second["results"]} == {"finding"}
    assert not {each["slug"] for each in first["results"]} & {each["slug"] for each in second["results"]}
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_search_knows_codes(client):
    assert client.get("/api/v1/search/?q=R4").json()["exact"]["code"] == "R4"


@pytest.mark.parametrize(
    "query",
    ["", "q=", "q=%00", "q=a&kind=nope", "q=a&page=0", "q=a&page=201", "q=a&limit=101", "q=a&q=b", "q=" + "a" * 301],
)
def test_search_refuses_what_it_cannot_answer(query, client):
    answer = client.get(f"/api/v1/search/?{query}")
    assert answer.status_code == 400
    assert client.get(answer.json()["example"]).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/changes/a%0Ab/", "/api/%0A", "/api/v1/lessons/%0D%0A/editions/1/"])
@pytest.mark.django_db
def test_an_address_with_a_line_break_in_it_is_a_problem_too(client, path, settings):
    settings.DEBUG = True  # Django's own page for programmers comes where no pattern fits
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
