"""Builds the files of a bundle, all from one snapshot of the database, so that they agree with each other."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from failure_lessons.database.moments import fix_moment
from failure_lessons.downloads import sqlite, storage
from failure_lessons.downloads.storage import Bundle, File
from failure_lessons.downloads.tables import describe_table, list_tables, write_table_csv
from failure_lessons.exports.formats import EDITION_COLUMNS, FORMATS
from failure_lessons.exports.formats.rows import LICENCE, LICENCE_NAME, PUBLISHER, iterate_items
from failure_lessons.files.cells import open_csv
from failure_lessons.packages.exchange import LibraryPackage
from failure_lessons.packages.format import encode_content
from failure_lessons.publishing.addresses import site_path
from failure_lessons.publishing.ledger_head import signed_head
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.rows import EditionRow

BUILD_CHUNK_ROWS = 2000  # rows that a server-side cursor hands over at once
DATASET_DESCRIPTION = f"Evidence on failure in public services. {settings.SITE.purpose}."
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # so that the same content gives the same archive

Maker = Callable[[Path, str, int], None]


def iterate_current_rows(kind: str) -> Iterator[EditionRow]:
    """Current editions of a kind as rows, in order, a few at a time."""
    rows = Edition.objects.current().of_kind(kind).order_by("sort_key", "pk").values_list(*EDITION_COLUMNS, named=True)
    return rows.iterator(chunk_size=BUILD_CHUNK_ROWS)


def make_ndjson(path: Path, base: str, revision: int) -> None:
    """Every current record as one line of JSON, compressed."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for kind in KINDS:
            file.writelines(FORMATS["ndjson"].write(iterate_current_rows(kind), base, kind))


def make_csv(path: Path, base: str, revision: int) -> None:
    """A table for each kind."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind in KINDS.values():
            blocks = FORMATS["csv"].write(iterate_current_rows(kind.code), base, kind.code)
            stream_archive_member(archive, f"{kind.api_address}.csv", blocks)
        stream_archive_member(archive, "changes.csv", iterate_ledger_csv())


class Written(NamedTuple):
    """What was written as a file."""

    size: int
    sha256: str


def stream_archive_member(archive: zipfile.ZipFile, name: str, blocks: Iterable[bytes]) -> Written:
    """A member of an archive that never stands in memory whole."""
    member = zipfile.ZipInfo(name, ZIP_EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    size, hashed = 0, hashlib.sha256()
    with archive.open(member, "w", force_zip64=True) as file:
        for block in blocks:
            file.write(block)
            size += len(block)
            hashed.update(block)
    return Written(size, hashed.hexdigest())


def make_tables(path: Path, base: str, revision: int) -> None:
    """Tables with keys, described as a tabular data package."""
    resources = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind in KINDS.values():
            for table in list_tables(kind):
                items = iterate_items(iterate_current_rows(kind.code), base)
                stream_archive_member(archive, f"{table.name}.csv", write_table_csv(table, items))
                resources.append(describe_table(table, f"{table.name}.csv"))
        about = {**describe_data_package(base, revision), "profile": "tabular-data-package", "resources": resources}
        add_archive_member(archive, "datapackage.json", encode_description(about))


def iterate_ledger_csv() -> Iterator[bytes]:
    """Every change to the library as CSV, a line at a time: the ledger, for those who want to verify or follow it."""
    text = io.StringIO()
    table = open_csv(text)
    table.writerow(["revision", "action", "at", "kind", "slug", "edition", "document_sha256", "previous", "sha256"])
    rows = LedgerEntry.objects.order_by("number").values_list(
        "number",
        "action",
        "at",
        "edition__kind",
        "edition__slug",
        "edition__number",
        "edition__sha256",
        "previous_sha256",
        "sha256",
    )
    for number, action, at, *rest in rows.iterator(chunk_size=BUILD_CHUNK_ROWS):
        table.writerow([number, action, at.astimezone(dt.UTC).isoformat(), *rest])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()  # the headings, where nothing was ever published


def add_archive_member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """One member of an archive."""
    member = zipfile.ZipInfo(name, ZIP_EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, content)


def make_package(path: Path, base: str, revision: int) -> None:
    """The evidence package, with its description as a data package and as an RO-Crate."""
    folder, described = "failure-lessons", "datapackage.json"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {
            name: stream_archive_member(archive, f"{folder}/{name}", map(str.encode, encode_content(content)))
            for name, content in LibraryPackage().files()
        }
        about = encode_description(build_data_package(files, base, revision))
        add_archive_member(archive, f"{folder}/{described}", about)
        crate = encode_description(build_ro_crate([*files, described], base, revision))
        add_archive_member(archive, f"{folder}/ro-crate-metadata.json", crate)


def encode_description(value: object) -> bytes:
    """A description as a file."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def make_ledger_head(path: Path, base: str, revision: int) -> None:
    """The signed head of the ledger at this revision."""
    path.write_bytes(encode_description(signed_head(LedgerEntry.objects.filter(number=revision).first())))


def describe_data_package(base: str, revision: int) -> dict[str, object]:
    """What a data package says of itself, whatever it holds."""
    return {
        "name": "failure-lessons",
        "title": PUBLISHER,
        "description": DATASET_DESCRIPTION,
        "homepage": base + site_path("home"),
        "version": str(revision),
        "licenses": [{"name": "CC-BY-4.0", "title": LICENCE_NAME, "path": LICENCE}],
    }


def build_data_package(files: Mapping[str, Written], base: str, revision: int) -> dict[str, object]:
    """Frictionless Data Package, version 1."""
    return {
        **describe_data_package(base, revision),
        "resources": [
            {
                "name": name.removesuffix(".json").replace("/", "-"),
                "path": name,
                "format": "json",
                "mediatype": "application/json",
                "bytes": written.size,
                "encoding": "utf-8",
                "hash": f"sha256:{written.sha256}",
            }
            for name, written in files.items()
        ],
    }


def build_ro_crate(files: Iterable[str], base: str, revision: int) -> dict[str, object]:
    """RO-Crate 1.1 metadata."""
    names = list(files)
    return {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": PUBLISHER,
                "url": base + site_path("home"),
                "version": str(revision),
                "description": DATASET_DESCRIPTION,
                "datePublished": timezone.now().date().isoformat(),
                "license": {"@id": LICENCE},
                "hasPart": [{"@id": name} for name in names],
            },
            {"@id": LICENCE, "@type": "CreativeWork", "name": LICENCE_NAME},
            *({"@id": name, "@type": "File", "name": name, "encodingFormat": "application/json"} for name in names),
        ],
    }


# name, what it is for, media type, how it is made
FILES: tuple[tuple[str, str, str, Maker], ...] = (
    (
        "failure-lessons-package.zip",
        "Evidence package: the library, ready to load into a site of your own",
        "application/zip",
        make_package,
    ),
    (
        "failure-lessons.sqlite",
        "SQLite database with every edition, tables linked by keys, and a search of all words; opens in Datasette",
        "application/vnd.sqlite3",
        sqlite.make_sqlite,
    ),
    (
        "failure-lessons-csv.zip",
        "CSV tables, one for each kind, and the ledger of changes",
        "application/zip",
        make_csv,
    ),
    (
        "failure-lessons-tables.zip",
        "Tables for programs: columns called as in the API, linked by keys, with a Table Schema (data package)",
        "application/zip",
        make_tables,
    ),
    ("failure-lessons.ndjson.gz", "NDJSON: every current record, one a line", "application/gzip", make_ndjson),
    (
        "ledger-head.json",
        "The signed head of the ledger: keep it, and a rewritten past can be told",
        "application/json",
        make_ledger_head,
    ),
)


def build_bundle(base: str, progress: Callable[[str], None] = lambda _: None) -> Bundle:
    """The bundle of the library as it stands, built unless it is already there. `base` is the site's address.

    Other processes may build at the same time: the first to finish wins, whole.
    """
    storage.bundles_folder().mkdir(parents=True, exist_ok=True)
    clear_remains()
    fresh = Path(tempfile.mkdtemp(prefix=".building-", dir=storage.bundles_folder()))
    try:
        with transaction.atomic(durable=True):
            fix_moment()
            last = LedgerEntry.objects.order_by("-number").first()
            revision = last.number if last else 0
            if found := storage.bundle_at(revision):
                return found
            files = []
            for name, label, media_type, make in FILES:
                progress(name)
                make(fresh / name, base, revision)
                files.append(File(name, label, media_type, (fresh / name).stat().st_size, sha256_of(fresh / name)))
        sums = "".join(f"{file.sha256}  {file.name}\n" for file in files).encode()
        (fresh / "SHA256SUMS").write_bytes(sums)
        files.append(
            File(
                "SHA256SUMS",
                "Hashes of the files above, for sha256sum --check",
                "text/plain; charset=utf-8",
                len(sums),
                hashlib.sha256(sums).hexdigest(),
            )
        )
        bundle = Bundle(revision, timezone.now(), tuple(files))
        bundle.write_manifest(fresh)
        fresh.chmod(0o755)
        if not storage.bundle_at(revision):
            shutil.rmtree(bundle.folder, ignore_errors=True)  # what a killed process may have left
            os.rename(fresh, bundle.folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    clear_away(bundle.revision)
    return bundle


def clear_remains() -> None:
    """What a build that was killed left behind: nothing takes an hour to build."""
    for folder in storage.bundles_folder().glob(".building-*"):
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > 3600:
                shutil.rmtree(folder, ignore_errors=True)


def sha256_of(path: Path) -> str:
    """Hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def clear_away(revision: int) -> None:
    """Older bundles go, but for the one before, which somebody may be in the middle of.

    After a withdrawal that one goes too: it holds what was withdrawn.
    """
    removal = LedgerEntry.objects.last_removal()
    older = [each for each in storage.stored_revisions() if each < revision]
    for place, each in enumerate(older):
        if place or (removal and each < removal.number):
            storage.delete_bundle(each)
