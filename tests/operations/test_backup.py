"""A backup holds everything of one moment; it comes back whole into an empty database, or not at all."""

import io
import json
import os
import shutil
import subprocess
import tarfile
import threading

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection

from failure_lessons.accounts.models import User
from failure_lessons.operations.backup import BACKUP_MANIFEST, DUMP, KEYS, delete_old_backups, restored, write_backup
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.services import publish_record, submit_record
from tests import factories
from tests.template_database import use_empty_database

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kept_backup(tmp_path_factory):
    """Where the backup lies that tests of it begin with; it is written once."""
    return tmp_path_factory.mktemp("kept") / "backups"


@pytest.fixture
def backup(committed, kept_backup):
    return next(kept_backup.glob("*"), None) or write_backup(kept_backup)


def contents(path):
    with tarfile.open(path) as archive:
        return {name: archive.extractfile(name).read() for name in archive.getnames()}


def test_a_backup_is_for_its_owner_alone_and_says_what_it_holds(backup):
    parts = contents(backup)
    assert set(parts) == {BACKUP_MANIFEST, KEYS, DUMP}
    head = LedgerEntry.objects.head()
    manifest = json.loads(parts[BACKUP_MANIFEST])
    assert (manifest["revision"], manifest["head"]) == (head.number, head.sha256)
    assert json.loads(parts[KEYS])["SECRET_KEY"] == settings.SECRET_KEY
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


def test_it_comes_back_whole_and_verified(backup):
    documents = set(Edition.objects.values_list("sha256", flat=True))
    heard = []
    listen = lambda **told: heard.append(told["manifest"])  # noqa: E731
    restored.connect(listen)
    with use_empty_database():
        call_command("restore", str(backup))
        assert set(Edition.objects.values_list("sha256", flat=True)) == documents
        call_command("migrate", check_unapplied=True, verbosity=0)
        assert len(heard) == 1
        with pytest.raises(CommandError, match="not empty, and nothing of it is overwritten"):
            call_command("restore", str(backup))
    restored.disconnect(listen)
    assert len(documents) > 300


@pytest.mark.trials
def test_what_is_published_meanwhile_is_in_the_backup_or_not_and_never_by_half(committed, tmp_path):
    """The head in the manifest is that of the dump, whoever publishes while it is written."""
    author = Edition.objects.first().submitted_by
    publisher = User.objects.create_user("backup-publisher", password="x", is_staff=True)
    publisher.groups.set(Group.objects.filter(name="publisher"))
    stop = threading.Event()

    def publish():
        while not stop.is_set():
            theme = factories.theme()
            submit_record(record=theme, by=author)
            publish_record(record=theme, by=publisher)
        connection.close()

    thread = threading.Thread(target=publish)
    thread.start()
    written = write_backup(tmp_path)
    stop.set()
    thread.join()
    revision = json.loads(contents(written)[BACKUP_MANIFEST])["revision"]
    assert revision <= LedgerEntry.objects.head().number
    with use_empty_database():
        call_command("restore", str(written))
        assert LedgerEntry.objects.head().number == revision


def altered(backup, name, change):
    """A copy of a backup in which one file is another."""
    parts = contents(backup)
    parts[name] = change(parts.get(name, b""))
    target = backup.parent.with_name(f"altered-{backup.name}")
    with tarfile.open(target, "w") as archive:
        for each, data in parts.items():
            member = tarfile.TarInfo(each)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return target


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (DUMP, lambda data: data[:-9] + b"tamperwit", "damaged"),
        (DUMP, lambda data: b"", "damaged"),
        (BACKUP_MANIFEST, lambda data: data.replace(b'"format": 1', b'"format": 2'), "format that is not known"),
        ("../../evil", lambda data: b"", "no backup of ours"),
    ],
)
def test_what_was_damaged_or_is_no_backup_is_refused_and_leaves_nothing(backup, name, change, words):
    target = altered(backup, name, change)
    with use_empty_database():
        with pytest.raises(CommandError, match=words):
            call_command("restore", str(target))
        assert connection.introspection.table_names() == []


def test_a_file_that_is_none_is_refused(tmp_path, committed):
    (tmp_path / "a.tar").write_bytes(os.urandom(2000))
    with use_empty_database(), pytest.raises(CommandError, match="cannot be read"):
        call_command("restore", str(tmp_path / "a.tar"))


def test_the_newest_are_kept(tmp_path):
    for day in range(1, 6):
        (tmp_path / f"failure-lessons-2026110{day}T000000Z.tar").touch()
    (tmp_path / "somebody-else.txt").touch()
    gone = delete_old_backups(tmp_path, 2)
    assert len(gone) == 3
    assert sorted(path.name[-16:-5] for path in tmp_path.glob("*.tar")) == ["1104T000000", "1105T000000"]


@pytest.mark.trials
@pytest.mark.skipif(not shutil.which("age-keygen"), reason="needs age")
def test_an_encrypted_one_is_read_with_the_identity_alone(committed, tmp_path):
    identity = tmp_path / "identity"
    subprocess.run(["age-keygen", "-o", identity], check=True, capture_output=True)
    recipient = next(line.split()[-1] for line in identity.read_text().splitlines() if "public key" in line)
    written = write_backup(tmp_path / "backups", recipient)
    assert written.read_bytes().startswith(b"age-encryption.org/v1")
    with use_empty_database():
        with pytest.raises(CommandError, match="name the file with the age identity"):
            call_command("restore", str(written))
        call_command("restore", str(written), identity=str(identity))
        assert LedgerEntry.objects.head() is not None
    call_command("restore", str(written), identity=str(identity), keys_to=tmp_path / "keys.env")
    assert f"SECRET_KEY={settings.SECRET_KEY}" in (tmp_path / "keys.env").read_text()
