"""A member of entries that stands in a file of its own: policy contexts of recommendations."""

import copy
import json

import pytest

from failure_lessons.packages.exchange import export_package
from failure_lessons.packages.format import read_package, write_package
from failure_lessons.packages.validation import InvalidPackage, read_checked
from failure_lessons.publishing.models import Edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(shipped, tmp_path):
    write_package(tmp_path / "p", copy.deepcopy(shipped))
    return tmp_path / "p"


def change(folder, make):
    path = folder / "policy-context.json"
    items = json.loads(path.read_text())
    make(items)
    path.write_text(json.dumps(items))


def test_the_shipped_file_is_written_as_it_was_read(folder, shipped):
    items = json.loads((folder / "policy-context.json").read_text())
    assert [each["recommendation"] for each in items] == [f"R{number}" for number in range(1, 19)]
    assert "policy_context" not in json.loads((folder / "recommendations.json").read_text())[0]
    assert read_package(folder).members == shipped.members


def test_an_export_holds_it_apart_and_the_document_within(tmp_path):
    write_package(tmp_path / "out", export_package())
    items = json.loads((tmp_path / "out" / "policy-context.json").read_text())
    assert len(items) == 18
    document = Edition.objects.current().get(code="R1").content
    assert document["policy_context"] == {key: each for key, each in items[0].items() if key != "recommendation"}


def test_the_api_has_it(client):
    data = client.get("/api/v1/recommendations/?fields=code,policy_context").json()["results"][0]
    assert data["policy_context"]["as_of"] == "2026-06"
    assert data["policy_context"]["citations"][0]["quotation"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "path", "words"),
    [
        (lambda items: items[0].update(recommendation="R99"), "/0", "There is no recommendation “R99”"),
        (lambda items: items.append(dict(items[2])), "/18", "“R3” has its policy context already"),
        (lambda items: items[1].pop("as_of"), "/1", "as_of"),
        (lambda items: items[1].update(as_of="soon"), "/1/as_of", "soon"),
        (lambda items: items[1]["citations"][0].update(ref="no-such"), "/1/citations/0/ref", "no-such"),
        (lambda items: items.append("text"), "/18", "There is no recommendation"),
        (lambda items: items[1].update(colour="red"), "/1/colour", "There is no field “colour”"),
    ],
)
def test_what_is_wrong_in_it_is_told_where_it_was_written(folder, make, path, words):
    change(folder, make)
    with pytest.raises(InvalidPackage) as refused:
        read_checked(folder)
    assert [each.file for each in refused.value.problems] == ["policy-context.json"]
    assert refused.value.problems[0].path == path
    assert words in refused.value.problems[0].message
