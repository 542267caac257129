"""The folder in which built downloads lie: one folder a revision, whole or not there at all."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

MANIFEST = "manifest.json"
FILE_NAMES = (
    "failure-lessons-package.zip",
    "failure-lessons.sqlite",
    "failure-lessons-csv.zip",
    "failure-lessons-tables.zip",
    "failure-lessons.ndjson.gz",
    "ledger-head.json",
    "SHA256SUMS",
)
FOLDER = re.compile(r"r([0-9]{1,18})")


@dataclass(frozen=True)
class File:
    """One file to take away: its name, what it is for, its media type, its size in bytes, its hash."""

    name: str
    label: str
    media_type: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Bundle:
    """Everything built of one revision."""

    revision: int
    built_at: dt.datetime
    files: tuple[File, ...]

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return bundles_folder() / f"r{self.revision}"

    def find_file(self, name: str) -> File | None:
        """The file of this name."""
        return next((file for file in self.files if file.name == name), None)

    def write_manifest(self, folder: Path) -> None:
        """What makes a folder of files a bundle."""
        about = {"revision": self.revision, "built_at": self.built_at.isoformat(), "files": [*map(asdict, self.files)]}
        (folder / MANIFEST).write_text(json.dumps(about, indent=2), encoding="utf-8")


def bundles_folder() -> Path:
    """The folder that holds all bundles."""
    return Path(settings.DOWNLOADS_DIR)


def bundle_at(revision: int) -> Bundle | None:
    """The bundle of this revision, or None when it is not there whole."""
    try:
        about = json.loads((bundles_folder() / f"r{revision}" / MANIFEST).read_text("utf-8"))
        files = tuple(File(**file) for file in about["files"])
        return Bundle(about["revision"], dt.datetime.fromisoformat(about["built_at"]), files)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def stored_revisions() -> list[int]:
    """Revisions of which something lies here, newest first."""
    if not bundles_folder().is_dir():
        return []
    found = (FOLDER.fullmatch(folder.name) for folder in bundles_folder().iterdir() if folder.is_dir())
    return sorted((int(match[1]) for match in found if match), reverse=True)


def newest_bundle() -> Bundle | None:
    """The newest whole bundle."""
    return next(filter(None, map(bundle_at, stored_revisions())), None)


def delete_bundle(revision: int) -> None:
    """Take a bundle away."""
    shutil.rmtree(bundles_folder() / f"r{revision}", ignore_errors=True)
