"""Everything can be taken away: whole, checked, in step with the library, and without a draft word."""

import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from django.db import transaction

from failure_lessons.accounts.models import User
from failure_lessons.downloads import storage
from failure_lessons.downloads.build import build_bundle
from failure_lessons.packages.exchange import export_package
from failure_lessons.publishing.models import Edition, EditionCitation, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from tests import factories

BASE = "https://lessons.example.org"
SECRET = "zebradownloadword"
NOTED = "zebranoteword"  # in the note of a publication


@pytest.fixture
def on_shelf(tmp_path, settings):
    settings.DOWNLOADS_DIR = tmp_path / "downloads"
    return settings.DOWNLOADS_DIR


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A shelf of this module, on which what tests begin with is built once."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def bundle(kept, on_shelf, committed, settings):
    """The bundle of the library as it stands, the only one on a shelf of the test's own."""
    settings.DOWNLOADS_DIR = kept
    revision = build_bundle(BASE).revision
    settings.DOWNLOADS_DIR = on_shelf
    shutil.copytree(kept / f"r{revision}", on_shelf / f"r{revision}")
    return storage.bundle_at(revision)


def body(bundle, name):
    return (bundle.folder / name).read_bytes()


@pytest.mark.slow
def test_every_file_has_the_hash_and_size_it_claims(bundle):
    assert tuple(file.name for file in bundle.files) == storage.FILE_NAMES
    for file in bundle.files:
        content = body(bundle, file.name)
        assert len(content) == file.bytes > 100
        assert hashlib.sha256(content).hexdigest() == file.sha256
    done = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=bundle.folder, capture_output=True, check=False)
    assert done.returncode == 0


@pytest.mark.slow
def test_the_package_is_the_export_with_its_descriptions(bundle):
    with zipfile.ZipFile(io.BytesIO(body(bundle, "failure-lessons-package.zip"))) as archive:
        files = {name.removeprefix("failure-lessons/"): archive.read(name) for name in archive.namelist()}
    for name, content in export_package().files():
        assert json.loads(files[name]) == content
    described = json.loads(files["datapackage.json"])
    for resource in described["resources"]:
        assert hashlib.sha256(files[resource["path"]]).hexdigest() == resource["hash"].removeprefix("sha256:")
    graph = {node["@id"]: node for node in json.loads(files["ro-crate-metadata.json"])["@graph"]}
    assert {part["@id"] for part in graph["./"]["hasPart"]} <= set(graph)


@pytest.mark.slow
def test_ndjson_and_csv_hold_every_current_record(bundle):
    lines = [json.loads(line) for line in gzip.decompress(body(bundle, "failure-lessons.ndjson.gz")).splitlines()]
    shown = Edition.objects.current().values_list("kind", "slug")
    assert sorted((line["kind"], line["slug"]) for line in lines) == sorted(shown)
    with zipfile.ZipFile(io.BytesIO(body(bundle, "failure-lessons-csv.zip"))) as archive:
        assert set(archive.namelist()) == {*(f"{kind.api_address}.csv" for kind in KINDS.values()), "changes.csv"}
        assert archive.read("changes.csv").count(b"\n") == LedgerEntry.objects.count() + 1


@pytest.mark.slow
def test_the_database_answers_what_rests_on_what(bundle):
    with closing(sqlite3.connect(bundle.folder / "failure-lessons.sqlite")) as database:
        count = lambda table: database.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: E731
        assert count("editions") == Edition.objects.filter(withdrawn_at=None).count()
        pins = EditionCitation.objects.filter(meaning="rests-on", edition__withdrawn_at=None, cites__withdrawn_at=None)
        assert count("rests_on") == pins.count()
        assert count("recommendations") == Edition.objects.current().of_kind("recommendation").count()
        sources = database.execute(
            """with recursive below (revision) as (
                   select revision from current_editions where code = 'R4'
                   union select on_revision from rests_on join below using (revision)
               ) select count(*) from editions join below using (revision) where kind = 'reference'"""
        ).fetchone()[0]
        assert sources > 0
        document, sha256 = database.execute("select document, sha256 from editions where slug = 'jas2005'").fetchone()
        assert hashlib.sha256(document.encode()).hexdigest() == sha256


@pytest.mark.slow
def test_building_again_changes_nothing_and_no_draft_gets_in(bundle):
    with transaction.atomic():
        factories.case(title=SECRET)
    assert build_bundle(BASE) == bundle
    for file in bundle.files:
        assert SECRET.encode() not in body(bundle, file.name)


@pytest.mark.slow
def test_what_a_killed_build_left_is_no_bundle(on_shelf, committed):
    revision = LedgerEntry.objects.order_by("-number").first().number
    (on_shelf / f"r{revision}").mkdir(parents=True)
    (on_shelf / f"r{revision}" / "failure-lessons.sqlite").write_bytes(b"half")
    assert storage.newest_bundle() is None
    assert build_bundle(BASE).find_file("failure-lessons.sqlite").bytes > 1000


def fetched(client, bundle, **headers):
    return client.get(f"/downloads/r{bundle.revision}/failure-lessons.ndjson.gz", headers=headers)


@pytest.mark.slow
def test_a_file_comes_whole_or_in_parts(bundle, client):
    whole = body(bundle, "failure-lessons.ndjson.gz")
    answer = fetched(client, bundle)
    assert answer.getvalue() == whole
    assert answer["Content-Length"] == str(len(whole))
    for asked, start, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=500-", 500, len(whole)),
        ("bytes=-7", len(whole) - 7, len(whole)),
    ):
        part = fetched(client, bundle, range=asked)
        assert part.status_code == 206
        assert part["Content-Range"] == f"bytes {start}-{end - 1}/{len(whole)}"
        assert part.getvalue() == whole[start:end]
    refused = fetched(client, bundle, range=f"bytes={len(whole)}-")
    assert (refused.status_code, refused["Content-Range"]) == (416, f"bytes */{len(whole)}")
    tag = answer["ETag"]
    assert fetched(client, bundle, **{"if-none-match": tag}).status_code == 304
    changed = fetched(client, bundle, range="bytes=0-99", **{"if-range": '"other"'})
    assert (changed.status_code, len(changed.getvalue())) == (200, len(whole))


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["bytes=", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=1-2,5-6", "bytes=9-3" * 9])
def test_a_range_that_makes_no_sense_gets_the_whole(asked, bundle, client):
    assert fetched(client, bundle, range=asked).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    ["r999999999/failure-lessons.sqlite", "r99999999999999999999/SHA256SUMS", "latest/../manifest.json", "latest/nope"],
)
def test_nothing_else_can_be_fetched(address, bundle, client):
    assert client.get(f"/downloads/{address}").status_code == 404
    assert client.get(f"/downloads/r{bundle.revision}/manifest.json").status_code == 404


@pytest.mark.slow
def test_page_and_api_list_the_files(bundle, client):
    page = client.get("/downloads/").content.decode()
    data = client.get("/api/v1/downloads/").json()
    assert data["revision"] == data["library_revision"] == bundle.revision
    for file in data["files"]:
        assert file["name"] in page
        assert client.get(file["url"].removeprefix("http://testserver")).status_code == 200
        assert client.get(f"/downloads/latest/{file['name']}", follow=True).status_code == 200
    assert client.get("/api/v1/downloads/?x=1").status_code == 400


def test_an_empty_shelf_says_so(on_shelf, client, db):
    assert "Nothing built yet" in client.get("/downloads/").content.decode()
    assert client.get("/api/v1/downloads/").json()["files"] == []


@pytest.mark.slow
def test_datasette_style_reading_needs_nothing_of_ours(bundle):
    """Any SQLite reads it: integrity holds and every document is JSON."""
    code = (
        "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]);"
        "print(d.execute('pragma integrity_check').fetchone()[0],"
        "d.execute(\"select count(*) from recommendations where json_extract(document, '$.code') = Code\").fetchone()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(bundle.folder) / "failure-lessons.sqlite")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["ok", str(Edition.objects.current().of_kind("recommendation").count())]


@pytest.mark.slow
def test_a_cache_has_to_ask_before_it_hands_a_file_out(bundle, client):
    anew = build_bundle(BASE)
    answer = client.get(f"/downloads/r{anew.revision}/SHA256SUMS")
    assert answer["Cache-Control"] == "public, no-cache"


def published_case(**fields):
    """A case study that was published and withdrawn in a later edition's time; returns it and who did it."""
    by, other = (User.objects.get_or_create(username=name)[0] for name in ("writer-d", "other-d"))
    case = factories.case(**fields)
    submit_record(record=case, by=by)
    publish_record(record=case, by=other, note=f"First told {NOTED}")
    return case, other


def assert_nothing_is_handed_out(client, held):
    """Of a bundle that holds what was withdrawn, while the worker has not built another."""
    gone = client.get(f"/downloads/r{held.revision}/failure-lessons.ndjson.gz")
    assert gone.status_code == 410
    assert "no longer handed out" in gone.content.decode()
    later = client.get("/downloads/latest/failure-lessons.ndjson.gz")
    assert (later.status_code, later["Retry-After"]) == (503, "60")
    assert "Being built again" in later.content.decode()
    page = client.get("/downloads/").content.decode()
    assert "Being built again" in page
    assert f"/downloads/r{held.revision}/" not in page
    assert client.get("/api/v1/downloads/").json()["files"] == []


@pytest.mark.slow
def test_what_was_withdrawn_is_in_no_file_from_that_moment_on(bundle, client):
    """Neither while the worker stands still nor afterwards: no words of it, and no note of its edition."""
    case, other = published_case(title=f"Soon gone {SECRET}")
    held = build_bundle(BASE)
    assert SECRET.encode() in gzip.decompress(body(held, "failure-lessons.ndjson.gz"))
    assert storage.stored_revisions() == [held.revision, bundle.revision]
    withdraw_record(record=case, by=other, note="It named a person.")
    assert_nothing_is_handed_out(client, held)
    anew = build_bundle(BASE)
    assert storage.stored_revisions() == [anew.revision]
    assert client.get(f"/downloads/r{anew.revision}/failure-lessons.ndjson.gz").status_code == 200
    assert client.get("/downloads/latest/failure-lessons.ndjson.gz").status_code == 302
    assert client.get(f"/downloads/r{held.revision}/failure-lessons.sqlite").status_code == 410
    assert SECRET.encode() not in gzip.decompress(body(anew, "failure-lessons.ndjson.gz"))
    with closing(sqlite3.connect(anew.folder / "failure-lessons.sqlite")) as database:
        assert not database.execute("select 1 from editions where title like ?", [f"%{SECRET}%"]).fetchone()
        notes = [note for (note,) in database.execute("select note from changes where slug = ?", [case.slug])]
    assert "It named a person." in notes
    assert not [note for note in notes if NOTED in note]
