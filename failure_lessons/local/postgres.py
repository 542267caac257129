"""The embedded PostgreSQL of a checkout: started, attached to, stopped. Local use only; nothing starts at import.

    python -m failure_lessons.local.postgres start|stop|status|url|psql

The server listens on a socket in a private folder and nowhere else, so whoever may open the folder is trusted.
"""

import argparse
import fcntl
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from failure_lessons.local.engines import OLDEST_MAJOR, Engine, find_engines
from failure_lessons.local.places import ServerPlace, can_reach, find_place, read_record
from failure_lessons.local.postmaster import (
    SERVER_TIMEOUT,
    CannotStart,
    clear_remains,
    end_servers_of_deleted_data,
    find_postmaster,
    is_ready,
    wait_until_ready,
)

CHECKOUT_FOLDER = Path(__file__).resolve().parent.parent.parent
DATABASE_NAME = "failure_lessons"  # of the database and of its role
LARGEST_LOG = 5_000_000  # bytes, then one older log is kept

# On the command line and not in a file: a newer release changes them for data that exists already.
# fsync stays on: this is people's work, and a laptop loses power.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # names the socket; there is no TCP
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",  # two cores, short queries; and containers have a small /dev/shm
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class CannotStop(Exception):
    """The server could not be stopped."""


@dataclass(frozen=True)
class Status:
    """What is there now. `version` and `engine` are empty before the first start; `pid` is None when nothing runs."""

    running: bool
    pid: int | None
    engine: str
    version: str
    data: str
    url: str


@dataclass(frozen=True)
class Started:
    """The outcome of `start_server`: `fresh` when this call started the server, not where one was running."""

    fresh: bool
    engine: str
    url: str


def database_url(base: Path = CHECKOUT_FOLDER, database: str = DATABASE_NAME) -> str:
    """The address of the checkout's database, running or not. Pure: settings call it at import."""
    # Capitals are percent-encoded too: URL parsers put a host into lower case before they decode it.
    raw = os.fsencode(find_place(base).sockets)
    host = "".join(
        chr(byte) if chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789-._" else f"%{byte:02X}" for byte in raw
    )
    return f"postgresql://{DATABASE_NAME}@{host}/{database}"


def server_status(base: Path = CHECKOUT_FOLDER) -> Status:
    """What runs, and where its data is."""
    place = find_place(base)
    record = read_record(place.record)
    pid = find_postmaster(place)
    return Status(
        running=pid is not None and is_ready(place),
        pid=pid,
        engine=str(record.get("kind", "")),
        version=str(record.get("version", "")),
        data=str(place.data),
        url=database_url(base),
    )


def start_server(base: Path = CHECKOUT_FOLDER) -> Started:
    """Start the server, or attach to the running one; make the data folder and the database where missing."""
    place = find_place(base)
    if os.geteuid() == 0 and place.account is None:
        raise CannotStart(
            "PostgreSQL refuses to run as root, and this machine has neither an account postgres nor nobody."
        )
    try:
        _make_folder(place.records)
        with _hold_server_lock(place):
            return _start_or_attach(place)
    except PermissionError as error:
        raise CannotStart(
            f"{error.filename or place.home} cannot be used by this account: "
            "work as the account that made it, or in a checkout of your own."
        ) from error
    except OSError as error:
        raise CannotStart(f"PostgreSQL could not be started: {error}.") from error


def stop_server(base: Path = CHECKOUT_FOLDER) -> bool:
    """Stop the server cleanly; False when none was running."""
    place = find_place(base)
    try:
        if find_postmaster(place) is None:
            return False
        with _hold_server_lock(place):
            if find_postmaster(place) is None:
                return False
            answer = _run_stop(_engine_for(place), place)
    except (OSError, CannotStart) as error:
        raise CannotStop(f"PostgreSQL could not be stopped: {error}") from error
    if answer.returncode:
        raise CannotStop(f"PostgreSQL did not stop: {_last_line(answer.stderr or answer.stdout)}")
    return True


def make_database(name: str, base: Path = CHECKOUT_FOLDER) -> str:
    """Another database of the running server, made where it is not there. Returns its address."""
    place = find_place(base)
    _ensure_database(_engine_for(place), place, name)
    return database_url(base, name)


def other_connections(base: Path = CHECKOUT_FOLDER) -> int:
    """How many clients are connected, this question apart."""
    place = find_place(base)
    question = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    return int(_run_sql(_engine_for(place), place, question).stdout.strip() or 0)


def _start_or_attach(place: ServerPlace) -> Started:
    engine = _engine_for(place)
    if find_postmaster(place) is not None:
        wait_until_ready(place)
        if place.socket.exists():
            _ensure_database(engine, place)
            return Started(fresh=False, engine=str(engine), url=database_url(place.base))
        # Something swept the socket away: a server nobody can reach is started anew.
        _run_stop(engine, place)
    end_servers_of_deleted_data(place)
    _make_folder(place.home)
    engine = _within_reach(engine, place)
    _make_private_folder(place.sockets, place)
    if not place.data.exists():
        _create_data(engine, place)
    _write_record(engine, place)
    clear_remains(place)
    _launch_server(engine, place)
    _ensure_database(engine, place)
    return Started(fresh=True, engine=str(engine), url=database_url(place.base))


def _engine_for(place: ServerPlace) -> Engine:
    """The programs that made the data, or the best ones when there is none yet; refuses those of another version."""
    engines = find_engines(place.base)
    record = read_record(place.record)
    if not place.data.exists():
        if not engines:
            raise CannotStart(
                f"No PostgreSQL was found: run `make install`, or install PostgreSQL {OLDEST_MAJOR} or newer with its "
                "contrib modules, or set DATABASE_URL to a server of yours."
            )
        return engines[0]
    major = int((place.data / "PG_VERSION").read_text().strip())
    same = [engine for engine in engines if engine.major == major]
    same.sort(key=lambda engine: engine.kind != record.get("kind"))
    if not same:
        found = ", ".join(str(engine) for engine in engines) or "no other PostgreSQL"
        socket, data = shlex.quote(str(place.sockets)), shlex.quote(str(place.data))
        raise CannotStart(
            f"The data in {place.data} was made by PostgreSQL {major} and this machine has {found}: "
            f"with PostgreSQL {major} dump it ("
            f"pg_ctl start -D {data} -o '-k {socket}'; "
            f"pg_dump -Fc -h {socket} -U {DATABASE_NAME} {DATABASE_NAME} > {DATABASE_NAME}.dump; "
            f"pg_ctl stop -D {data}), move {data} away, run `make run`, "
            f"then restore (pg_restore --clean -h {socket} -U {DATABASE_NAME} -d {DATABASE_NAME} {DATABASE_NAME}.dump)."
        )
    return same[0]


def _within_reach(engine: Engine, place: ServerPlace) -> Engine:
    """The same programs where the server's account may run them: copied once when they lie in a private folder."""
    if place.account is None or can_reach(engine.bin, place.account):
        return engine
    package = engine.bin.parent.parent
    copied = place.home / f"programs-{engine.version}"
    if not copied.exists():
        half = place.home / "programs.half"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(
            engine.bin.parent,
            half / package.name / "pginstall",
            ignore=shutil.ignore_patterns("include"),
        )
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        for path in (half, *half.rglob("*")):
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
        half.rename(copied)  # only a whole copy gets the name
    return Engine(engine.kind, engine.version, copied / package.name / "pginstall" / "bin")


def _create_data(engine: Engine, place: ServerPlace) -> None:
    """Run initdb in a folder that becomes `data` only when complete: a killed start leaves nothing half made."""
    half = place.home / "data.half"
    shutil.rmtree(half, ignore_errors=True)
    _make_private_folder(half, place)
    # Sorting must not depend on the machine: the locale is pinned to one that sorts by code point.
    locale = "C.UTF-8" if sys.platform == "linux" else "C"
    locales = [f"--locale={locale}"]
    if engine.major >= 17:
        locales += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    answer = _run_program(
        engine,
        place,
        "initdb",
        "-D",
        half.name,
        "-U",
        DATABASE_NAME,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "-T",
        "english",
        "--no-sync",
        *locales,
    )
    if answer.returncode:
        raise CannotStart(f"PostgreSQL's data folder could not be made: {_last_line(answer.stderr or answer.stdout)}")
    # --no-sync and one sync here: the same safety for a fraction of initdb's file-by-file waiting.
    os.sync()
    half.rename(place.data)


def _launch_server(engine: Engine, place: ServerPlace) -> None:
    if place.log.exists() and place.log.stat().st_size > LARGEST_LOG:
        place.log.replace(place.log.with_suffix(".log.1"))
    settings = SETTINGS | {"unix_socket_directories": '"{}"'.format(str(place.sockets).replace('"', '""'))}
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    with place.log.open("a") as log:
        before = place.log.stat().st_size
        # Not captured: the server keeps the output open, and waiting for its end would never finish.
        answer = subprocess.run(
            [
                engine.bin / "pg_ctl",
                "start",
                "-D",
                "data",
                "-w",
                "-t",
                str(SERVER_TIMEOUT),
                "-o",
                options,
            ],
            cwd=place.home,
            env=_clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
            **place.account_arguments(),
        )
    if answer.returncode:
        with place.log.open(errors="replace") as log:
            log.seek(before)
            said = [line.strip() for line in log if "FATAL" in line or "ERROR" in line]
        raise CannotStart(f"PostgreSQL did not start: {said[-1] if said else 'no reason given'} (see {place.log}).")


def _ensure_database(engine: Engine, place: ServerPlace, name: str = DATABASE_NAME) -> None:
    answer = _run_sql(engine, place, f"select 1 from pg_database where datname = '{name}'")
    if answer.returncode == 0 and not answer.stdout.strip():
        answer = _run_sql(engine, place, f"create database {name}")
    if answer.returncode:
        raise CannotStart(f"PostgreSQL runs but does not answer: {_last_line(answer.stderr)}")


def _run_stop(engine: Engine, place: ServerPlace) -> subprocess.CompletedProcess[str]:
    """Have `pg_ctl` stop the server, and wait until it has."""
    return _run_program(engine, place, "pg_ctl", "stop", "-D", "data", "-m", "fast", "-w", "-t", str(SERVER_TIMEOUT))


def _run_sql(engine: Engine, place: ServerPlace, statement: str) -> subprocess.CompletedProcess[str]:
    return _run_program(
        _within_reach(engine, place),
        place,
        "psql",
        "-XtAq",
        "-d",
        database_url(place.base, "postgres"),
        "-c",
        statement,
    )


def _run_program(engine: Engine, place: ServerPlace, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs under the server's account, in `home`, in a clean environment."""
    return subprocess.run(
        [_within_reach(engine, place).bin / program, *arguments],
        cwd=place.home,
        env=_clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **place.account_arguments(),
    )


def _clean_environment() -> dict[str, str]:
    """Without the caller's PG* variables, which would change what is started and what is asked."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGTZ": "UTC"}


def _write_record(engine: Engine, place: ServerPlace) -> None:
    record = {key: str(value) for key, value in asdict(engine).items()}
    if place.home != place.records:
        record["home"] = str(place.home)
    half = place.record.with_suffix(".half")
    half.write_text(json.dumps(record, indent=2) + "\n")
    half.chmod(0o644)
    half.replace(place.record)


def _make_folder(folder: Path) -> None:
    """Make a folder others may pass through, whatever the umask; a folder that exists keeps its permissions."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def _make_private_folder(folder: Path, place: ServerPlace) -> None:
    """Make a folder for the server's account alone; refuse one that somebody else put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = place.account.uid if place.account else os.geteuid()
    about = folder.lstat()
    if folder.is_symlink() or about.st_uid not in {owner, os.geteuid()}:
        raise CannotStart(f"{folder} belongs to another account (number {about.st_uid}): remove it.")
    if place.account:
        os.chown(folder, place.account.uid, place.account.gid)
    folder.chmod(0o700)


@contextmanager
def _hold_server_lock(place: ServerPlace) -> Iterator[None]:
    """One start or stop at a time; the kernel lets go when the holder dies, however it dies."""
    handle = os.open(place.records / "lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m failure_lessons.local.postgres",
        description="The embedded PostgreSQL.",
    )
    parser.add_argument("action", choices=["start", "stop", "status", "url", "psql"])
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="for psql: its own arguments")
    chosen = parser.parse_args(arguments)
    given = os.environ.get("DATABASE_URL")
    try:
        match chosen.action:
            case "url":
                print(given or database_url())
            case "psql":
                _become_psql(given, chosen.rest)
            case _ if given:
                print("DATABASE_URL is set: that server is used; the embedded one is left alone.")
            case "start":
                begun = time.monotonic()
                started = start_server()
                how = "started" if started.fresh else "was running"
                print(f"{started.engine} {how} ({time.monotonic() - begun:.1f} s).")
            case "stop":
                print("PostgreSQL stopped." if stop_server() else "PostgreSQL was not running.")
            case "status":
                now = server_status()
                made = f"PostgreSQL {now.version} ({now.engine})" if now.version else "No data yet"
                print(
                    f"{made}, {f'running as process {now.pid}' if now.running else 'not running'}, data in {now.data}"
                )
                return 0 if now.running else 1
    except (CannotStart, CannotStop) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _become_psql(given: str | None, rest: list[str]) -> None:
    if given:
        program = shutil.which("psql")
        if program is None:
            raise CannotStart("psql was not found: install PostgreSQL's client programs.")
    else:
        start_server()
        program = str(_engine_for(find_place(CHECKOUT_FOLDER)).bin / "psql")
    os.execv(program, [program, given or database_url(), *rest])


if __name__ == "__main__":
    sys.exit(main())
