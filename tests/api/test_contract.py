"""The contract: every answer fits the OpenAPI file, which is fresh, and its examples are real."""

import json
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from failure_lessons.api.policy import Retiring
from failure_lessons.exports.formats import FORMATS
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from tests.helpers import SHIPPED_KINDS

pytestmark = pytest.mark.django_db

OPENAPI = Path(__file__).resolve().parents[2] / "failure_lessons" / "api" / "files" / "openapi.json"
CONTRACT = json.loads(OPENAPI.read_text())
RESOLVABLE = {"components": CONTRACT["components"]}


def component(name):
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", **RESOLVABLE})


def answer_schema(path, status=200, media="application/json", method="get"):
    described = CONTRACT["paths"][path][method]["responses"][str(status)]["content"][media]["schema"]
    return Draft202012Validator({**described, **RESOLVABLE})


def name_of(kind):
    return "".join(word.capitalize() for word in kind.code.split("-"))


@pytest.mark.slow
def test_the_file_is_fresh(settings):
    fresh = SchemaGenerator().get_schema(request=None, public=True)
    assert json.loads(OPENAPI.read_text()) == json.loads(json.dumps(fresh)), "run `make generate`"


def test_everybody_may_read_it(client):
    assert client.get("/api/v1/openapi.json").json() == CONTRACT


def test_every_object_has_a_name_of_its_own_and_every_array_says_of_what():
    nameless, itemless = [], []

    def walk(schema, place):
        for name, value in schema.items() if isinstance(schema, dict) else enumerate(schema):
            if isinstance(value, dict | list):
                walk(value, f"{place}/{name}")
        if isinstance(schema, dict) and isinstance(schema.get("properties"), dict) and place.count("/") > 3:
            nameless.append(place)
        if isinstance(schema, dict) and "array" in str(schema.get("type")) and "items" not in schema:
            itemless.append(place)

    walk(CONTRACT["paths"], "#/paths//")
    walk(CONTRACT["webhooks"], "#/webhooks//")
    walk(CONTRACT["components"], "#")
    assert (nameless, itemless) == ([], [])


def test_it_says_where_the_api_is_whom_to_ask_and_what_its_tags_mean():
    assert CONTRACT["servers"] == [{"url": "/", "description": "The site that serves this file."}]
    assert CONTRACT["info"]["contact"]["name"]
    assert CONTRACT["info"]["license"]["identifier"] == "CC-BY-4.0"
    used = {tag for path in CONTRACT["paths"].values() for operation in path.values() for tag in operation["tags"]}
    assert {tag["name"] for tag in CONTRACT["tags"]} == used
    assert set(CONTRACT["webhooks"]) == {"change", "test"}


def test_every_operation_names_itself_once():
    names = [operation["operationId"] for path in CONTRACT["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_every_published_record_fits_the_schema_of_its_kind(kind, client):
    strict, address = component(name_of(kind)), f"/api/v1/{kind.api_address}/"
    following, seen = f"{address}?limit=100", 0
    while following:
        page = client.get(following).json()
        answer_schema(address).validate(page)
        for record in page["results"]:
            strict.validate(record)
            seen += 1
        following = page["next"]
    assert seen == Edition.objects.current().of_kind(kind.code).count()


@pytest.mark.parametrize("kind", SHIPPED_KINDS.values(), ids=lambda kind: kind.code)
def test_single_records_and_their_editions_fit(kind, client):
    address = f"/api/v1/{kind.api_address}/"
    slug = Edition.objects.current().of_kind(kind.code).first().slug
    for path in (f"{address}{{slug}}/", f"{address}{{slug}}/editions/", f"{address}{{slug}}/editions/{{number}}/"):
        answer = client.get(path.replace("{slug}", slug).replace("{number}", "1"))
        assert answer.status_code == 200
        answer_schema(path).validate(answer.json())


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_the_examples_fit(kind):
    described = CONTRACT["paths"][f"/api/v1/{kind.api_address}/{{slug}}/"]["get"]["responses"]["200"]
    example = next(iter(described["content"]["application/json"]["examples"].values()))["value"]
    component(name_of(kind)).validate(example)


def test_a_schema_refuses_what_no_record_has():
    example = next(
        iter(
            CONTRACT["paths"]["/api/v1/lessons/{slug}/"]["get"]["responses"]["200"]["content"]["application/json"][
                "examples"
            ].values()
        )
    )["value"]
    assert not component("Lesson").is_valid({**example, "draft_note": "x"})
    assert not component("Lesson").is_valid({name: value for name, value in example.items() if name != "statement"})


@pytest.mark.parametrize(
    ("address", "status"),
    [("/api/v1/lessons/?x=1", 400), ("/api/v1/lessons/nope/", 404), ("/api/v1/search/", 400)],
)
def test_problems_fit(address, status, client):
    answer = client.get(address)
    assert answer.status_code == status
    component("Problem").validate(answer.json())


def test_every_format_is_described():
    media = CONTRACT["paths"]["/api/v1/themes/"]["get"]["responses"]["200"]["content"]
    assert set(media) == {each.media_type for each in FORMATS.values()}


def test_the_guide_names_every_format_and_can_be_read(client):
    page = client.get("/api/policy/")
    assert page.status_code == 200
    for name in FORMATS:
        assert f"<code>{name}</code>" in page.content.decode()


def test_what_is_on_its_way_out_says_so(client, monkeypatch):
    import datetime as dt

    retiring = Retiring("/api/v1/lessons/{slug}/", dt.date(2026, 11, 1), dt.date(2027, 11, 2), "Use something else.")
    monkeypatch.setattr("failure_lessons.api.policy.RETIRING", (retiring,))
    slug = Edition.objects.current().of_kind("lesson").first().slug
    answer = client.get(f"/api/v1/lessons/{slug}/")
    assert answer["Deprecation"] == "@1793491200"
    assert answer["Sunset"] == "Tue, 02 Nov 2027 00:00:00 GMT"
    assert '/api/policy/>; rel="deprecation"' in answer["Link"]
    assert "Deprecation" not in client.get("/api/v1/lessons/")
    described = SchemaGenerator().get_schema(request=None, public=True)["paths"]["/api/v1/lessons/{slug}/"]["get"]
    assert described["deprecated"] is True
    with pytest.raises(ValueError, match="365 days"):
        Retiring("/api/v1/", dt.date(2026, 11, 1), dt.date(2027, 1, 1), "Nothing.")
