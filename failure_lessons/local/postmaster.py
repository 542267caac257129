"""The running server of a checkout: which process it is, whether it answers, and what a killed one left behind."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from failure_lessons.local.places import ServerPlace

SERVER_TIMEOUT = 60  # seconds for a start or a stop; recovery after a crash may take a while


class CannotStart(Exception):
    """The server could not be started; the message is one sentence a person can act on."""


def find_postmaster(place: ServerPlace) -> int | None:
    """The number of the running server, or None: a zombie or a stranger that got the number does not count."""
    lines = read_postmaster_file(place)
    if not lines or not lines[0].lstrip("-").isdigit():
        return None
    pid = abs(int(lines[0]))
    if not Path("/proc/self").exists():  # not Linux: ask whether the process is there, as PostgreSQL does
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except PermissionError:
            pass
        return pid
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
        if rest.split()[0] in "ZX" or not name.startswith("postgres"):
            return None
        return pid if Path(f"/proc/{pid}/cwd").samefile(place.data) else None
    except PermissionError:
        return pid
    except OSError:
        return None


def read_postmaster_file(place: ServerPlace) -> list[str]:
    """The lines that the server keeps about itself; none where nothing runs."""
    try:
        return (place.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    except PermissionError:
        owner = place.data.stat().st_uid
        raise CannotStart(f"{place.data} belongs to account number {owner}: work as that account or as root.") from None


def is_ready(place: ServerPlace) -> bool:
    """Whether it takes connections."""
    lines = read_postmaster_file(place)
    return len(lines) >= 8 and lines[7].strip() == "ready"


def wait_until_ready(place: ServerPlace) -> None:
    """A server whose starter was killed half-way comes up by itself."""
    deadline = time.monotonic() + SERVER_TIMEOUT
    while not is_ready(place):
        if find_postmaster(place) is None or time.monotonic() > deadline:
            raise CannotStart(f"The running PostgreSQL does not become ready (see {place.log}).")
        time.sleep(0.02)


def clear_remains(place: ServerPlace) -> None:
    """Remove what a killed server left. PostgreSQL takes a zombie, or a stranger with its number, for itself."""
    if not (place.data / "postmaster.pid").exists() or not Path("/proc/self").exists():
        return
    deadline = time.monotonic() + SERVER_TIMEOUT
    while find_orphans(place):  # its own backends leave by themselves when they notice; never start beside them
        if time.monotonic() > deadline:
            raise CannotStart(
                f"Processes of a killed PostgreSQL still use {place.data}: stop them ({find_orphans(place)})."
            )
        time.sleep(0.02)
    for path in (
        place.data / "postmaster.pid",
        place.socket,
        place.socket.with_name(place.socket.name + ".lock"),
    ):
        path.unlink(missing_ok=True)


def end_servers_of_deleted_data(place: ServerPlace) -> None:
    """End what still serves a data folder that stood here and was deleted, as with a checkout that was cloned anew.

    Such a server notices within a minute by itself; going, it would take the socket of the new one along.
    """
    deadline = time.monotonic() + SERVER_TIMEOUT
    while left := find_servers_of_deleted_data(place):
        if time.monotonic() > deadline:
            raise CannotStart(f"A PostgreSQL whose data was deleted does not end: stop it ({left}).")
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        time.sleep(0.02)


def find_servers_of_deleted_data(place: ServerPlace) -> list[int]:
    """PostgreSQL's processes in a data folder of this place that is no longer there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            at_work = (process / "comm").read_text().startswith("postgres")
            if at_work and os.readlink(process / "cwd") == f"{place.data} (deleted)":
                found.append(int(process.name))
        except OSError:
            continue
    return found


def find_orphans(place: ServerPlace) -> list[int]:
    """Processes that work inside the data folder; a zombie has no folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").samefile(place.data):
                found.append(int(process.name))
        except OSError:
            continue
    return found
