"""Where the embedded PostgreSQL keeps its data and its socket, and which account it runs under.

PostgreSQL refuses to run as root, so root lends it another account; then the data must lie where that account can
reach it, which a checkout below a private home folder is not. Nothing here writes: `url()` calls it from settings.
"""

import hashlib
import json
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACCOUNTS = ("postgres", "nobody")
SHARED_HOME = Path("/var/lib/failure-lessons")  # for root only, and only when the checkout is out of reach
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 103  # bytes: 107 on Linux, 103 on macOS


@dataclass(frozen=True)
class Account:
    """The operating system account the server runs under, when it is not our own."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class ServerPlace:
    """The folders of one checkout's server. `records` is always ours, `home` holds data, programs and log."""

    base: Path
    records: Path
    home: Path
    sockets: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "data"

    @property
    def record(self) -> Path:
        """The file saying which PostgreSQL made the data and where the data is."""
        return self.records / "engine.json"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "server.log"

    @property
    def socket(self) -> Path:
        """The socket itself."""
        return self.sockets / SOCKET_NAME

    def account_arguments(self) -> dict[str, Any]:
        """The `subprocess` arguments that run a program under the server's account."""
        if self.account is None:
            return {}
        return {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}


def find_place(base: Path) -> ServerPlace:
    """Where the server of the checkout `base` lives, whether or not it exists yet."""
    base = base.resolve()
    records = base / "var" / "postgres"
    home = _recorded_home(records / "engine.json")
    account = _find_account(home or records)
    if home is None:
        in_reach = account is None or can_reach(records, account) or _path_exists(records / "data")
        home = records if in_reach else SHARED_HOME / _path_fingerprint(base)
    sockets = home / "socket"
    if len(os.fsencode(sockets / SOCKET_NAME)) > LONGEST_SOCKET:
        # Not tempfile.gettempdir(): every process must find the same folder whatever its TMPDIR says.
        sockets = Path("/tmp") / f"failure-lessons-{_path_fingerprint(home)}"
    return ServerPlace(base, records, home, sockets, account)


def read_record(path: Path) -> dict[str, str]:
    """The record of the engine that made the data; empty when there is none."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def can_reach(path: Path, account: Account) -> bool:
    """Whether `account` may pass through every existing folder down to `path`; those we make ourselves let it."""
    return all(_may_enter(folder, account) for folder in (path, *path.parents) if folder.exists())


def _may_enter(folder: Path, account: Account) -> bool:
    about = folder.stat()
    if about.st_uid == account.uid:
        return bool(about.st_mode & stat.S_IXUSR)
    if about.st_gid == account.gid:
        return bool(about.st_mode & stat.S_IXGRP)
    return bool(about.st_mode & stat.S_IXOTH)


def _find_account(home: Path) -> Account | None:
    """Nobody else for an ordinary user; for root the owner of the data, or an account to lend."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    owner = (home / "data").stat().st_uid if _path_exists(home / "data") else 0
    candidates = [entry for entry in known.values() if owner and entry.pw_uid == owner]
    candidates += [known[name] for name in ACCOUNTS if name in known]
    if owner and candidates[0].pw_uid != owner:
        return Account(str(owner), owner, owner)
    return Account(candidates[0].pw_name, candidates[0].pw_uid, candidates[0].pw_gid) if candidates else None


def _recorded_home(record: Path) -> Path | None:
    home = read_record(record).get("home")
    return Path(home) if isinstance(home, str) else None


def _path_exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True


def _path_fingerprint(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
