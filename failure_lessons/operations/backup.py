"""Backups: one file with the whole database and the keys that belong to it, and the way back.

The dump and the head of the ledger that is written beside it are of the same moment, whoever publishes meanwhile.
Restoring wants an empty database, and is finished only when the history has been verified and reaches that head.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone

from failure_lessons.database.moments import fix_moment
from failure_lessons.local.engines import find_engines
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.types import JSONObject

BACKUP_FORMAT = 1
DUMP, BACKUP_MANIFEST, KEYS = "database.dump", "manifest.json", "keys.json"
PARTS = {DUMP, BACKUP_MANIFEST, KEYS}
KEY_SETTINGS = ("SECRET_KEY", "LEDGER_KEY")
SUFFIXES = (".tar", ".tar.age")
# Sent when a backup has been restored: whatever was erased since is to be erased once more.
restored = Signal()


class CannotBackUp(Exception):
    """Why there is no backup, or why one was not restored, in one sentence with its remedy."""


def server_version() -> int:
    """The major version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("show server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def find_program(name: str) -> str:
    """A program of PostgreSQL that is as new as the server, from the PATH or from the embedded server."""
    major = server_version()
    for engine in find_engines(settings.BASE_DIR):
        if engine.major >= major and os.access(engine.bin / name, os.X_OK):
            return str(engine.bin / name)
    if found := shutil.which(name):
        return found
    raise CannotBackUp(f"There is no {name} of PostgreSQL {major} here: install postgresql-client-{major}.")


def run_program(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on our database; what it complains about is the reason."""
    database = connection.get_connection_params()
    environment = os.environ | {"PGPASSWORD": str(database.get("password", ""))}
    environment |= {
        f"PG{option.upper()}": str(database[option]) for option in ("host", "port", "user") if option in database
    }
    if mode := database.get("sslmode"):
        environment["PGSSLMODE"] = str(mode)
    done = subprocess.run(
        [find_program(name), f"--dbname={database['dbname']}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotBackUp(f"{name} did not succeed: {done.stderr.strip()[-500:]}")


def hash_file(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_backup(folder: Path, recipient: str = "") -> Path:
    """Write a backup into a folder, encrypted to an `age` recipient if one is given. Returns its path."""
    if LedgerEntry._meta.db_table not in connection.introspection.table_names():
        raise CannotBackUp("There is nothing in this database yet: run `manage.py migrate`, or look at DATABASE_URL.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = timezone.now()
    final = folder / f"failure-lessons-{now:%Y%m%dT%H%M%SZ}{SUFFIXES[bool(recipient)]}"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as work:
        path = Path(work)
        manifest = dump_database(path / DUMP, now)
        (path / BACKUP_MANIFEST).write_text(json.dumps(manifest, indent=2))
        (path / KEYS).write_text(json.dumps({name: getattr(settings, name) for name in KEY_SETTINGS}))
        packed = path / "backup.tar"
        with tarfile.open(packed, "w") as archive:
            for name in (BACKUP_MANIFEST, KEYS, DUMP):
                archive.add(path / name, arcname=name)
        if recipient:
            packed = encrypt_file(packed, recipient)
        packed.chmod(0o600)
        packed.rename(final)
    return final


def dump_database(path: Path, now: dt.datetime) -> JSONObject:
    """Dump everything, and say which revision of the library that is."""
    with transaction.atomic(), connection.cursor() as cursor:
        fix_moment()
        cursor.execute("select pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        head = LedgerEntry.objects.head()
        run_program("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--file={path}")
    return {
        "format": BACKUP_FORMAT,
        "written": now.isoformat(timespec="seconds"),
        "postgresql": server_version(),
        "revision": head.number if head else 0,
        "head": head.sha256 if head else "",
        "sha256": hash_file(path),
    }


def encrypt_file(path: Path, recipient: str) -> Path:
    """Encrypt with `age`; only whoever holds the identity reads it again."""
    target = path.with_suffix(".age")
    run_age("did not encrypt", f"--recipient={recipient}", f"--output={target}", str(path))
    return target


def run_age(fault: str, *arguments: str) -> None:
    """Run the program `age`; what it complains about is the reason."""
    if not (program := shutil.which("age")):
        raise CannotBackUp("There is no program `age` here: install the package age.")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBackUp(f"age {fault}: {done.stderr.strip()[-300:]}")


def delete_old_backups(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest so many. Returns what went."""
    found = sorted(path for path in folder.glob("failure-lessons-*") if path.name.endswith(SUFFIXES))
    old = found[: max(0, len(found) - keep)]
    for path in old:
        path.unlink()
    return old


def restore_backup(path: Path, identity: str = "") -> JSONObject:
    """Put a backup into the empty database that we are connected to. Returns its manifest."""
    if connection.introspection.table_names():
        raise CannotBackUp(
            "The database is not empty, and nothing of it is overwritten: name an empty one in DATABASE_URL."
        )
    with tempfile.TemporaryDirectory(prefix="failure-lessons-restore-") as work:
        folder = Path(work)
        unpack(decrypt_file(path, folder, identity) if path.name.endswith(".age") else path, folder)
        manifest: JSONObject = json.loads((folder / BACKUP_MANIFEST).read_text())
        if manifest.get("format") != BACKUP_FORMAT:
            raise CannotBackUp(f"This backup is of a format that is not known here: {manifest.get('format')}.")
        if hash_file(folder / DUMP) != manifest["sha256"]:
            raise CannotBackUp("The backup was damaged: its dump has another hash than when it was written.")
        keys = json.loads((folder / KEYS).read_text())
        run_program(
            "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", str(folder / DUMP)
        )
    connection.close()
    call_command("verify_history", expect=[manifest["head"]] if manifest["head"] else [], verbosity=0)
    restored.send(sender=None, manifest=manifest)
    manifest["other_keys"] = [name for name in KEY_SETTINGS if keys.get(name) != getattr(settings, name)]
    return manifest


def unpack(path: Path, folder: Path) -> None:
    """Take out the three files that a backup has, and nothing else."""
    try:
        with tarfile.open(path) as archive:
            names = archive.getnames()
            if set(names) != PARTS or len(names) != len(PARTS):
                raise CannotBackUp(f"{path.name} is no backup of ours: it should hold {', '.join(sorted(PARTS))}.")
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise CannotBackUp(f"{path.name} cannot be read: {error}.") from None


def decrypt_file(path: Path, folder: Path, identity: str) -> Path:
    """Decrypt with the file of an `age` identity."""
    if not identity:
        raise CannotBackUp("The backup is encrypted: name the file with the age identity by --identity.")
    target = folder / "decrypted.tar"
    run_age("did not decrypt", "--decrypt", f"--identity={identity}", f"--output={target}", str(path))
    return target


def write_keys(path: Path, target: Path, identity: str = "") -> None:
    """Write the keys of a backup into a file that only its owner reads."""
    with tempfile.TemporaryDirectory(prefix="failure-lessons-restore-") as work:
        folder = Path(work)
        unpack(decrypt_file(path, folder, identity) if path.name.endswith(".age") else path, folder)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in json.loads((folder / KEYS).read_text()).items())
