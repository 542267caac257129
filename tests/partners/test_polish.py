"""What trips partners up in small ways: addresses with two spellings, advice that leads nowhere, words without a subject."""

import gzip
import io

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from failure_lessons.access.models import Scope
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from tests import factories
from tests.helpers import submit_and_publish
from tests.partners.conftest import Api, case, reference

pytestmark = pytest.mark.django_db

LESSONS = "/api/v1/lessons/"


def refusal(client, address):
    answer = client.get(address)
    assert answer.status_code == 400, address
    return answer.json()


@pytest.mark.parametrize(
    "text",
    [
        "20261128",
        "2026-W48-6",
        "2026-1-5",
        "２０２６-11-28",
        "2026-11-28T10:00",
        "2026-11-28 10:00:00Z",
        "2026-11-28T10:00:00",
    ],
)
def test_a_moment_is_written_in_one_way(text, client):
    for address in (LESSONS, "/lessons/", "/api/v1/bodies/", "/case-studies/compare/"):
        assert client.get(address, {"as_of": text}).status_code == 400, address


@pytest.mark.parametrize("text", ["2026-11-28", "2026-11-28T10:00:00Z", "2026-11-28T10:00:00.5%2B01:00"])
def test_the_ways_of_the_guide_are_taken(text, client):
    assert client.get(f"{LESSONS}?as_of={text}").status_code == 200


def test_a_plus_sign_that_was_not_encoded_is_explained(client):
    assert "`+` is written `%2B`" in refusal(client, f"{LESSONS}?as_of=2026-11-25T09:30:00+01:00")["detail"]
    assert "%2B" not in refusal(client, f"{LESSONS}?as_of=yesterday")["detail"]


@pytest.mark.parametrize("name", ["page", "offset", "per_page", "page_size", "cursor", "start"])
def test_who_asks_for_a_page_by_other_words_is_told_how_pages_are_followed(name, client):
    body = refusal(client, f"{LESSONS}?{name}=2")
    assert "`next` in each answer" in body["detail"]
    assert "`limit` says how many" in body["detail"]
    assert client.get(body["example"]).status_code == 200
    assert "`next` in each answer" not in refusal(client, f"{LESSONS}?sort=title")["detail"]


@pytest.mark.parametrize("query", ["phase=prevention,resolution", "theme=workforce,leadership"])
def test_several_values_with_commas_are_told_to_be_given_one_by_one(query, client):
    body = refusal(client, f"/api/v1/recommendations/?{query}")
    assert "give the parameter several times" in body["detail"]
    assert client.get(body["example"]).status_code == 200


def test_the_number_of_an_edition_has_one_spelling(client):
    slug = Edition.objects.current().of_kind("recommendation").first().slug
    for right, wrong in (
        (f"/api/v1/recommendations/{slug}/editions/1/", f"/api/v1/recommendations/{slug}/editions/01/"),
        (f"/recommendations/{slug}/v1/", f"/recommendations/{slug}/v01/"),
        (f"/recommendations/{slug}/v1/cite.ris", f"/recommendations/{slug}/v001/cite.ris"),
    ):
        assert client.get(right).status_code == 200
        for odd in (
            wrong,
            right.replace("1", "0", 1) if "v1" in right else wrong,
            right.replace("/1/", "/" + "9" * 30 + "/"),
        ):
            if odd != right:
                assert client.get(odd).status_code == 404, odd


def test_who_takes_nothing_unpacked_gets_small_answers_packed_too(client):
    address = f"{LESSONS}?limit=1&fields=slug"
    answer = client.get(address, headers={"Accept-Encoding": "gzip, identity;q=0"})
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == client.get(address).content
    again = client.get(address, headers={"Accept-Encoding": "gzip, identity;q=0", "If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": "gzip, identity;q=0.5"})


@pytest.mark.parametrize("kind", ["lesson", "literature-review", "source-recommendation"])
@pytest.mark.parametrize("headings", ["people", "members"])
def test_the_sheet_of_a_workbook_is_called_as_its_records_are(kind, headings, client):
    address = f"/api/v1/{KINDS[kind].api_address}/?format=xlsx&headings={headings}&limit=1"
    answer = client.get(address)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert load_workbook(io.BytesIO(content)).sheetnames == [KINDS[kind].label_plural[:28]]


def test_every_kind_has_a_name_that_a_sheet_can_have():
    for kind in KINDS.values():
        assert not set(kind.label_plural) & set("[]:*?/\\'"), kind.code


def test_the_contract_keeps_its_tag_while_others_publish(client):
    address = "/api/v1/openapi.json"
    first = client.get(address)
    submit_and_publish(factories.reference(title="Published meanwhile"))
    second = client.get(address)
    assert first["ETag"] == second["ETag"]
    assert second["Cache-Control"] == "public, max-age=3600"
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_a_token_in_another_header_is_refused_with_the_right_one(partner, client):
    text = Api(partner, [Scope.READ]).text
    answer = client.get(LESSONS, headers={"X-API-Key": text})
    assert answer.status_code == 401
    assert "Authorization: Bearer" in answer.json()["detail"]
    assert text not in answer.content.decode()
    assert client.get(LESSONS, headers={"X-API-Key": "of somebody else"}).status_code == 200
    assert client.get(LESSONS, headers={"X-API-Key": text, "Authorization": f"Bearer {text}"}).status_code == 200


def test_a_token_cannot_be_made_for_longer_than_a_year(db):
    with pytest.raises(CommandError, match="365 days at most"):
        call_command("create_token", "long", name="x", scope=["read"], days=99_999, new_partner=True)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (reference(title="x" * 40_000), "“title” has 40,000 characters; at most 500 are allowed."),
        (reference(title={}), "“title” should be of type string, not {}."),
        (reference(title=""), "“title” is empty; it needs a value."),
        (None, "What was sent should be of type object, not null."),
        (reference(author=[{"literal": ""}]), "“literal” is empty; it needs a value."),
        (reference(author=[{}]), "“author”"),
        (reference(issued=7), "“issued” should be of type object, not 7."),
        (reference(issued={"date-parts": []}), "“date-parts” is empty; it needs a value."),
    ],
)
def test_what_is_wrong_has_a_subject(entry, words, api):
    answer = api("post", "/references/", raw=b"null") if entry is None else api("post", "/references/", entry)
    assert answer.status_code == 422
    said = " ".join(each["detail"] for each in answer.json()["errors"])
    assert words in said, said
    assert "given schemas" not in said


def test_a_fault_deep_in_a_record_is_told_in_words(api):
    for change in ({"period": {}}, {"period": 7}, {"events": [{}]}, {"findings": [{"sources": [{}]}]}, {"actors": {}}):
        answer = api("post", "/case-studies/", case(**change))
        assert answer.status_code == 422
        for each in answer.json()["errors"]:
            assert "given schemas" not in each["detail"], each
            assert each["detail"][0].isupper() or each["detail"][0] in '“{["0123456789n', each


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("URL", "https://example.org/" + "a" * 2000),
        ("DOI", "10.1000/" + "a" * 300),
        ("publisher", "a" * 400),
        ("container-title", "a" * 400),
        ("ISBN", "9" * 60),
        ("title", "a" * 501),
        ("author", [{"literal": "a" * 6000}]),
        ("id", "a" * 200),
    ],
)
def test_what_is_too_long_for_the_store_is_refused_at_its_member(member, value, api):
    answer = api(
        "post", "/references/", reference(**{member: value}) if member != "id" else {**reference(), "id": value}
    )
    assert answer.status_code == 422, answer.content[:300]
    assert all(each["pointer"].startswith(f"/{member}") for each in answer.json()["errors"])
    package = {
        "manifest": {"format": "failure-lessons-evidence", "version": 1, "title": "x"},
        "references": [{**reference(), member: value}],
    }
    answer = api("post", "/packages/", package)
    assert answer.status_code == 422
    assert all(each["pointer"].startswith(f"/references/0/{member}") for each in answer.json()["errors"])
