"""Tables for programs: read by the libraries of others, keys held, columns called as the members of the API are."""

import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing

import pytest
from frictionless import Package, system

from failure_lessons.downloads import storage, tables
from failure_lessons.downloads.build import build_bundle
from failure_lessons.downloads.tables import list_tables
from failure_lessons.exports.formats import EDITION_COLUMNS
from failure_lessons.exports.formats.rows import iterate_items
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Lesson
from tests.helpers import SHIPPED_KINDS

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
BASE = "https://lessons.example.org"


@pytest.fixture(scope="module")
def bundle(own_library, django_db_blocker, tmp_path_factory):
    """The bundle of the shipped library."""
    with pytest.MonkeyPatch.context() as patched, django_db_blocker.unblock():
        patched.setattr("django.conf.settings.DOWNLOADS_DIR", tmp_path_factory.mktemp("tables"))
        made = build_bundle(BASE)
        yield {name: (storage.bundles_folder() / f"r{made.revision}" / name) for name in storage.FILE_NAMES}


def test_frictionless_finds_every_table_key_and_link_valid(bundle, tmp_path):
    with zipfile.ZipFile(bundle["failure-lessons-tables.zip"]) as archive:
        archive.extractall(tmp_path)
    described = json.loads((tmp_path / "datapackage.json").read_text())
    resources = {each["name"]: each for each in described["resources"]}
    assert {kind.api_address for kind in KINDS.values()} <= set(resources)
    assert resources["lessons.evidence"]["schema"]["primaryKey"] == ["record_slug", "list_place"]
    links = {
        (link["fields"][0], link["reference"]["resource"], link["reference"]["fields"][0])
        for link in resources["lessons.evidence"]["schema"]["foreignKeys"]
    }
    assert links == {("record_slug", "lessons", "slug"), ("finding", "findings", "code")}
    csv.field_size_limit(10_000_000)
    with system.use_context(trusted=True):
        report = Package(str(tmp_path / "datapackage.json")).validate()
    assert report.flatten(["name", "type", "rowNumber", "fieldName", "note"]) == []
    assert sum(task.stats.get("rows", 0) for task in report.tasks) > 3000


def test_the_database_has_the_same_tables_with_keys_that_hold_and_finds_words(bundle):
    with closing(sqlite3.connect(bundle["failure-lessons.sqlite"])) as database:
        assert database.execute("pragma foreign_key_check").fetchall() == []
        names = {name for (name,) in database.execute("select name from sqlite_master where type in ('table', 'view')")}
        for kind in KINDS.values():
            table = kind.api_address.replace("-", "_")
            assert {table, f"{table}_for_people", kind.address.replace("-", "_")} <= names
        count = database.execute("select count(*) from recommendations_lessons where value = 'LS1'").fetchone()[0]
        assert (
            count
            == database.execute(
                "select count(*) from recommendations where exists (select from json_each(lessons) where value = 'LS1')".replace(
                    "select from", "select 1 from"
                )
            ).fetchone()[0]
            > 0
        )
        found = {
            code
            for (code,) in database.execute(
                "select e.code from search join editions e on e.revision = search.rowid "
                "where search match 'whistleblowing' and search.kind = 'finding'"
            )
        }
        assert "L1-F7" in found
        slug, document = database.execute("select slug, document from lessons where code = 'LS1'").fetchone()
        assert json.loads(document)["slug"] == slug


@pytest.mark.parametrize("kind", SHIPPED_KINDS.values(), ids=lambda kind: kind.code)
def test_columns_are_called_as_members_are_and_lose_nothing(kind, client):
    answer = client.get(f"/api/v1/{kind.api_address}/?format=csv&headings=members")
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    csv.field_size_limit(10_000_000)
    rows = {row["slug"]: row for row in csv.DictReader(io.StringIO(text))}
    assert len(rows) == Edition.objects.current().of_kind(kind.code).count()
    for record in client.get(f"/api/v1/{kind.api_address}/?limit=10").json()["results"]:
        row = rows[record["slug"]]
        left = set(record) - {"schema", "kind", "edition", "slug", "derived"}
        for name in left:
            value = record[name]
            cells = {column: cell for column, cell in row.items() if column == name or column.startswith(f"{name}.")}
            assert cells, name
            if name in row:
                expected = value if isinstance(value, str) else json.dumps(value)
                shown = row[name].removeprefix("'") if isinstance(value, str) else json.dumps(json.loads(row[name]))
                assert shown == (expected.removeprefix("'") if isinstance(value, str) else expected), name
        assert row["edition.sha256"] == record["edition"]["sha256"]


def test_a_pointer_to_what_was_withdrawn_is_empty_and_the_others_stay(publisher, monkeypatch):
    monkeypatch.setattr(tables, "ITEMS_AT_ONCE", 4)
    table = next(each for each in list_tables(KINDS["recommendation"]) if each.name == "recommendations.lessons")
    rows = Edition.objects.current().of_kind("recommendation").order_by("sort_key")

    def list_cells():
        named = rows.values_list(*EDITION_COLUMNS, named=True)
        return [row for _, row in table.iterate_rows(iterate_items(named, BASE))]

    before = list_cells()
    assert ["LS1" in row for row in before].count(True) > 1
    withdraw_record(record=Lesson.objects.get(code="LS1"), by=publisher, note="It was wrong.")
    assert list_cells() == [[None if each == "LS1" else each for each in row] for row in before]


def test_every_table_is_named_once_and_after_its_kind():
    names = [table.name for kind in KINDS.values() for table in list_tables(kind)]
    assert len(names) == len(set(names))
    for kind in KINDS.values():
        for table in list_tables(kind):
            headings = [column.heading for column in table.columns]
            assert len(headings) == len({each.lower() for each in headings}), table.name
            assert table.name.partition(".")[0] == kind.api_address


def test_headings_go_with_tables_alone(client):
    for query in ("headings=members", "format=ris&headings=members", "format=csv&headings=mambers"):
        answer = client.get(f"/api/v1/lessons/?{query}")
        assert (answer.status_code, answer.json()["parameter"]) == (400, "headings"), query
    assert client.get("/api/v1/lessons/?format=xlsx&headings=members").status_code == 200
