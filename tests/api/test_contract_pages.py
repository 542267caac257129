"""The contract as pages: each operation is told, and the address that a form makes is one that answers."""

import orjson
import pytest

from failure_lessons.api.contract_reading import DESCRIPTION, group_operations


def every_operation():
    return [each for group in group_operations() for each in group.operations]


def test_every_operation_of_the_contract_has_a_page_that_names_all_its_parameters(client):
    contract = orjson.loads(DESCRIPTION.read_bytes())
    said = [each for methods in contract["paths"].values() for each in methods.values()]
    index = client.get("/api/").content.decode()
    for each in said:
        assert f"/api/operations/{each['operationId']}/" in index
    for each in said[::7]:
        page = client.get(f"/api/operations/{each['operationId']}/").content.decode()
        assert each["summary"] in page
        for parameter in each.get("parameters", []):
            assert f"<code>{parameter['name']}</code>" in page, each["operationId"]
    assert client.get("/api/operations/dropEverything/").status_code == 404


def test_members_are_told_by_their_way_there():
    listed = {each.name: each for each in find("listRecommendations").received}
    assert listed["results[].timescale.months"].kind == "whole number, at least 0, at most 600"
    assert listed["results[].title"].optional is False
    assert "national, system, provider" in listed["results[].level"].words
    assert find("changeWebhook").sent
    assert len(every_operation()) > 100


@pytest.mark.parametrize(
    ("name", "given", "address"),
    [
        (
            "listRecommendations",
            {"phase": "prevention", "limit": "3"},
            "/api/v1/recommendations/?limit=3&phase=prevention",
        ),
        ("getFinding", {"slug": "E1-F1"}, "/api/v1/findings/E1-F1/"),
        ("getFinding", {"slug": "../../x?y#z"}, "/api/v1/findings/..%2F..%2Fx%3Fy%23z/"),
        ("search", {"q": "a & b"}, "/api/v1/search/?q=a+%26+b"),
        ("search", {"q": "", "stranger": "x"}, "/api/v1/search/"),
    ],
)
def test_a_form_makes_the_address(client, name, given, address):
    answer = client.get(f"/api/operations/{name}/", given)
    assert answer.context["address"] == address
    assert (
        f"curl {'' if '&' not in address and '?' not in address else chr(39)}http://testserver{address}"
        in answer.context["command"]
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["listRecommendations", "getFinding"])
def test_the_address_that_was_made_answers(client, name):
    address = client.get(f"/api/operations/{name}/", {"slug": "E1-F1", "as_of": ""}).context["address"]
    assert client.get(address).status_code in (200, 308)


def test_what_needs_a_token_is_shown_as_a_command_and_has_no_form(client):
    page = client.get("/api/operations/sendReferences/")
    assert page.context["command"].startswith("curl -X POST -H 'Authorization: Bearer YOUR-TOKEN' -H 'Content-Type: ")
    assert b'class="make"' not in page.content


def find(name):
    return next(each for each in every_operation() if each.name == name)
